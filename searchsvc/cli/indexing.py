"""Commands that write the index: ``reindex``, ``add``, ``delete``, ``rollback``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from searchsvc import indexer
from searchsvc.cli.edge import common_options, default_language, say, settings_from
from searchsvc.cli.progress import make_progress
from searchsvc.indexer import ReindexReport
from searchsvc.sample import sample_path
from searchsvc.settings import Settings
from searchsvc.sources import Reject

SHOWN_REJECTS = 20

_paths = click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="PATH...")
_dictionary = click.option(
    "--user-dictionary", type=click.Path(path_type=Path), metavar="FILE",
    help="Words that the segmenter keeps whole, one a line.",
)  # fmt: skip
_rejects_file = click.option(
    "--rejects", "rejects_file", type=click.Path(path_type=Path), metavar="FILE",
    help="Write every reject to FILE, as JSON Lines.",
)  # fmt: skip
_json = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")


@click.command()
@_paths
@click.option("--sample", is_flag=True, help="Index the sample archive that comes with searchsvc.")
@click.option("--if-changed", is_flag=True, help="Only if sources, dictionary or format changed.")
@_dictionary
@_rejects_file
@_json
@common_options
def reindex(
    paths: tuple[Path, ...],
    sample: bool,
    if_changed: bool,
    user_dictionary: Path | None,
    rejects_file: Path | None,
    as_json: bool,
    index_dir: Path | None,
    **_: Any,
) -> None:
    """Build the index anew from files and folders; the old one serves until the new one is whole.

    Reads page text (.txt) and JSON Lines (.jsonl, also .xz and .gz).
    """
    if sample:
        paths = (*paths, sample_path())
    if not paths:
        raise click.UsageError(say("no_paths"))
    settings = settings_from(index_dir, user_dictionary=user_dictionary)
    if if_changed:
        reason = indexer.why_reindex(settings, paths)
        if reason is None:
            click.echo(say("up_to_date", path=settings.index_dir), err=True)
            return
        click.echo(say(reason.removeprefix("cli."), path=settings.index_dir), err=True)
    _run(indexer.reindex, settings, paths, rejects_file, as_json)


@click.command()
@_paths
@_dictionary
@_rejects_file
@_json
@common_options
def add(
    paths: tuple[Path, ...],
    user_dictionary: Path | None,
    rejects_file: Path | None,
    as_json: bool,
    index_dir: Path | None,
    **_: Any,
) -> None:
    """Add the articles of files and folders; an article whose id is there is replaced."""
    if not paths:
        raise click.UsageError(say("no_paths"))
    settings = settings_from(index_dir, user_dictionary=user_dictionary)
    _run(indexer.add, settings, paths, rejects_file, as_json)


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@common_options
def delete(ids: tuple[str, ...], index_dir: Path | None, **_: Any) -> None:
    """Delete articles by id; ids that are not there are no error."""
    deleted = indexer.delete(settings_from(index_dir), ids)
    click.echo(say("deleted", count=deleted, missing=len(set(ids)) - deleted))


@click.command()
@common_options
def rollback(index_dir: Path | None, **_: Any) -> None:
    """Go back to the previous generation; a second rollback undoes the first."""
    click.echo(say("rolled_back", generation=indexer.rollback(settings_from(index_dir))))


class _RejectFile:
    """A progress that also writes every reject to a file."""

    def __init__(self, inner: Any, file: Any) -> None:
        self._inner = inner
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def reject(self, reject: Reject) -> None:
        """Writes the reject."""
        self._file.write(json.dumps(_reject_record(reject), ensure_ascii=False) + "\n")
        self._inner.reject(reject)


def _run(
    work: Callable[..., ReindexReport],
    settings: Settings,
    paths: tuple[Path, ...],
    rejects_file: Path | None,
    as_json: bool,
) -> None:
    progress: Any = make_progress()
    if rejects_file is None:
        report = work(settings, paths, progress)
    else:
        with click.open_file(str(rejects_file), "w", encoding="utf-8") as file:
            report = work(settings, paths, _RejectFile(progress, file))
    if as_json:
        click.echo(json.dumps(_report_record(report), ensure_ascii=False, indent=2))
        return
    _print_rejects(report)
    _print_summary(report, settings)


def _print_rejects(report: ReindexReport) -> None:
    language = _language()
    for reject in report.reject_list[:SHOWN_REJECTS]:
        click.echo(say("reject", message=reject.message(language)), err=True)
    if report.rejects > SHOWN_REJECTS:
        click.echo(say("more_rejects", count=report.rejects - SHOWN_REJECTS), err=True)


def _print_summary(report: ReindexReport, settings: Settings) -> None:
    kinds = say("list_separator").join(
        f"{say(f'kind.{kind}')} {count:,}" for kind, count in sorted(report.kinds.items())
    )
    click.echo(
        say(
            "indexed",
            articles=f"{report.articles:,}",
            kinds=kinds,
            rejects=f"{report.rejects:,}",
            seconds=f"{report.seconds:.1f}",
            per_second=f"{report.articles / max(report.seconds, 1e-6):,.0f}",
        )
    )
    if report.replaced:
        click.echo(say("replaced", count=report.replaced))
    click.echo(say("next_search", path=settings.index_dir))


def _report_record(report: ReindexReport) -> dict[str, Any]:
    return {
        "generation": report.generation,
        "articles": report.articles,
        "kinds": report.kinds,
        "replaced": report.replaced,
        "rejects": report.rejects,
        "reject_list": [_reject_record(reject) for reject in report.reject_list],
        "seconds": round(report.seconds, 3),
    }


def _reject_record(reject: Reject) -> dict[str, Any]:
    return {
        "path": reject.path,
        "line": reject.line,
        "code": reject.error.code,
        "message": reject.error.message(_language()),
    }


def _language() -> str:
    return click.get_current_context().params.get("lang") or default_language()
