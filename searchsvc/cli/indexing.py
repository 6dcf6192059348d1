"""Commands that write the index: ``reindex``, ``add``, ``delete``, ``rollback``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from searchsvc import copying, indexer, updating
from searchsvc.articles import Article
from searchsvc.cli.edge import common_options, dictionary_option, language, say, settings_from
from searchsvc.cli.progress import make_progress
from searchsvc.cli.remote import client_from, remote_options
from searchsvc.cli.terminal import word_list_line
from searchsvc.client import Client
from searchsvc.errors import IndexDamagedError, IndexMissingError
from searchsvc.reading import Progress, ReindexReport
from searchsvc.sample import sample_path
from searchsvc.settings import ENGINES, Settings
from searchsvc.shared_indexing import reindex_shared
from searchsvc.sources import Reject, find_sources, read_source
from searchsvc.storage import storage_error
from searchsvc.word_lists import word_list_states

SHOWN_REJECTS = 20
_UPDATE_COUNTS = ("unchanged", "changed", "new", "gone", "deleted")

_paths = click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="PATH...")
_rejects_file = click.option(
    "--rejects", "rejects_file", type=click.Path(path_type=Path), metavar="FILE",
    help="Write every reject to FILE, as JSON Lines.",
)  # fmt: skip
_json = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")


@click.command()
@_paths
@click.option("--sample", is_flag=True, help="Index the sample archive that comes with searchsvc.")
@click.option("--if-changed", is_flag=True, help="Only if sources, dictionary or format changed.")
@click.option("--shared", is_flag=True, help="Join others that run this on the same files.")
@_rejects_file
@_json
@dictionary_option
@common_options
def reindex(
    paths: tuple[Path, ...], sample: bool, if_changed: bool, shared: bool, **given: Any
) -> None:
    """Build the index anew from files and folders; the old one serves until the new one is whole.

    Reads pages and articles in the formats that README.md lists, also packed and in archives. With
    --shared (engine opensearch) every process that is started so, on whatever machine, does parts.
    """
    settings = settings_from(given)
    if if_changed and sample and not paths and _holds_other_sources(settings):
        _tell_word_lists(settings)
        click.echo(say("keeps_sources", path=settings.index_dir), err=True)
        return
    if sample:
        paths = (*paths, sample_path())
    if not paths:
        raise click.UsageError(say("no_paths"), click.get_current_context())
    if if_changed:
        _tell_word_lists(settings)
        reason = indexer.why_reindex(settings, paths)
        if reason is None:
            click.echo(say("up_to_date", path=settings.index_dir), err=True)
            return
        click.echo(say(reason.removeprefix("cli."), path=settings.index_dir), err=True)
    _run(reindex_shared if shared else indexer.reindex, settings, paths, given)


@click.command()
@_paths
@click.option("--by-content", is_flag=True, help="Trust checksums only, not sizes and times.")
@_rejects_file
@_json
@dictionary_option
@common_options
def update(paths: tuple[Path, ...], by_content: bool, **given: Any) -> None:
    """Bring the index up to date: read what changed, drop what vanished, keep the rest.

    Without PATH the files are those of the last reindex. Where there is no index that can be
    brought up to date, one is built from the paths.
    """
    settings = settings_from(given)
    _tell_word_lists(settings)
    reason = indexer.why_rebuild(settings)
    if paths and reason is not None:
        click.echo(say(reason.removeprefix("cli."), path=settings.index_dir), err=True)
        _run(indexer.reindex, settings, paths, given)
        return
    progress = _progress(given)
    report = updating.update(settings, paths, progress, by_content=by_content)
    if given["as_json"]:
        record = {name: getattr(report, name) for name in _UPDATE_COUNTS}
        record |= _report_record(report.reindex)
        click.echo(json.dumps(record, ensure_ascii=False, indent=2))
        return
    _print_rejects(report.reindex, given["rejects_file"])
    counts = {name: f"{getattr(report, name):,}" for name in _UPDATE_COUNTS}
    articles, rejects = f"{report.reindex.articles:,}", f"{report.reindex.rejects:,}"
    click.echo(say("updated", articles=articles, rejects=rejects, **counts))


@click.command()
@_paths
@_rejects_file
@_json
@remote_options
@dictionary_option
@common_options
def add(paths: tuple[Path, ...], **given: Any) -> None:
    """Add the articles of files and folders; an article whose id is there is replaced."""
    if not paths:
        raise click.UsageError(say("no_paths"), click.get_current_context())
    if (client := client_from(given)) is not None:
        _send(client, settings_from(given), paths, given)
        return
    _run(indexer.add, settings_from(given), paths, given)


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@remote_options
@dictionary_option
@common_options
def delete(ids: tuple[str, ...], **given: Any) -> None:
    """Delete articles by id; ids that are not there are no error."""
    client = client_from(given)
    settings = settings_from(given)
    deleted = client.delete(ids).deleted if client else indexer.delete(settings, ids)
    click.echo(say("deleted", count=deleted, missing=len(set(ids)) - deleted))


@click.command()
@click.option("--from", "source", type=click.Choice(ENGINES), required=True, help="Engine read.")
@click.option("--to", "target", type=click.Choice(ENGINES), required=True, help="Engine written.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@dictionary_option
@common_options
def copy(source: str, target: str, **given: Any) -> None:
    """Copy the archive from one engine to another, every article verified on arrival.

    What the other engine served before stays for rollback; the setting engine says which one answers.
    """
    if source == target:
        raise click.UsageError(say("copy_same"), click.get_current_context())
    settings = settings_from(given)
    report = copying.copy(settings, source, target, _progress(given | {"rejects_file": None}))
    if given["as_json"]:
        click.echo(json.dumps(asdict(report), ensure_ascii=False, indent=2))
        return
    articles = f"{report.articles:,}"
    click.echo(say("copied", articles=articles, source=source, target=target, digest=report.digest))


@click.command()
@common_options
def rollback(**given: Any) -> None:
    """Go back to the previous generation; a second rollback undoes the first."""
    click.echo(say("rolled_back", generation=indexer.rollback(settings_from(given))))


def _tell_word_lists(settings: Settings) -> None:
    """Says which word lists changed since the index was built, and which of them need a reindex."""
    try:
        with indexer.opened(settings) as generations:
            manifest = generations.current().manifest()
    except (IndexMissingError, IndexDamagedError):
        return  # it is built anew, and why is said
    for words in word_list_states(settings, manifest):
        if words.needs_reindex or words.change != "none":
            click.echo(word_list_line(words), err=True)


def _holds_other_sources(settings: Settings) -> bool:
    """Whether there is a usable index of something else than the sample, which is kept."""
    try:
        with indexer.opened(settings) as generations:
            manifest = generations.current().manifest()
    except (IndexMissingError, IndexDamagedError):
        return False
    of_sample = {source.name for source in find_sources([sample_path()])}
    return of_sample.isdisjoint(source["name"] for source in manifest["sources"])


class _RejectFile:
    """A progress that also writes every reject to a file."""

    def __init__(self, inner: Progress, path: Path) -> None:
        self._inner = inner
        self._path = path
        self._file = path.open("w", encoding="utf-8", errors="backslashreplace")
        self.start, self.advance, self.article = inner.start, inner.advance, inner.article
        self.phase, self.finish = inner.phase, inner.finish

    def reject(self, reject: Reject) -> None:
        """Writes the reject."""
        try:
            self._file.write(json.dumps(_reject_record(reject), ensure_ascii=False) + "\n")
            self._file.flush()
        except OSError as error:
            raise storage_error(error, self._path) from error
        self._inner.reject(reject)


def _progress(given: dict[str, Any]) -> Progress:
    progress: Progress = make_progress()
    if (rejects_file := given["rejects_file"]) is not None:
        try:
            progress = _RejectFile(progress, rejects_file)
        except OSError as error:
            raise storage_error(error, rejects_file) from error
    return progress


def _run(
    work: Callable[..., ReindexReport | None],
    settings: Settings,
    paths: tuple[Path, ...],
    given: dict[str, Any],
) -> None:
    """Does the work under a progress bar and reports it."""
    progress = _progress(given)
    read = say("list_separator").join(str(path) for path in paths)
    click.echo(say("reading", paths=read, index=settings.index_dir), err=True)
    report = work(settings, paths, progress)
    if report is None:
        click.echo(say("shared_done"), err=True)
        return
    if given["as_json"]:
        click.echo(json.dumps(_report_record(report), ensure_ascii=False, indent=2))
        return
    _print_rejects(report, given["rejects_file"])
    _print_summary(report, settings)


def _send(
    client: Client, settings: Settings, paths: tuple[Path, ...], given: dict[str, Any]
) -> None:
    """Reads sources here and puts their articles on a server."""
    rejects: list[Reject] = []

    def articles() -> Iterator[Article]:
        for file in find_sources(paths):
            for item in read_source(file, lambda _: None, settings):
                if isinstance(item, Article):
                    yield item
                else:
                    rejects.append(item)

    report = client.add(articles())
    if given["rejects_file"] is not None:
        file = _RejectFile(make_progress(), given["rejects_file"])
        for reject in rejects:
            file.reject(reject)
    if given["as_json"]:
        told = [asdict(rejected) for rejected in report.rejected]
        here = [_reject_record(reject) for reject in rejects]
        counts = {"created": report.created, "updated": report.updated}
        click.echo(
            json.dumps({**counts, "rejected": told, "reject_list": here}, ensure_ascii=False)
        )
        return
    for message in [reject.message(language()) for reject in rejects[:SHOWN_REJECTS]]:
        click.echo(say("reject", message=message), err=True)
    for rejected in report.rejected[:SHOWN_REJECTS]:
        click.echo(say("reject", message=f"{rejected.id}: {rejected.detail}"), err=True)
    count = f"{len(rejects) + len(report.rejected):,}"
    click.echo(say("remote.added", created=report.created, updated=report.updated, rejected=count))


def _print_rejects(report: ReindexReport, rejects_file: Path | None) -> None:
    for reject in report.reject_list[:SHOWN_REJECTS]:
        click.echo(say("reject", message=reject.message(language())), err=True)
    if (more := report.rejects - SHOWN_REJECTS) > 0 and rejects_file is None:
        click.echo(say("more_rejects", count=f"{more:,}"), err=True)
    if report.rejects and rejects_file is not None:
        said = say("all_rejects", count=f"{report.rejects:,}", path=rejects_file)
        click.echo(said, err=True)


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
    options = f"--index {settings.index_dir}"
    if settings.user_dictionary is not None:
        options += f" --user-dictionary {settings.user_dictionary}"
    click.echo(say("next_search", options=options))


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
        "message": reject.error.message(language()),
    }
