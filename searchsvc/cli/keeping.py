"""Commands that keep an index safe: ``verify``, ``backup``, ``restore``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from searchsvc import backups, verification
from searchsvc.cli.edge import EXIT_FAILED, common_options, language, say, settings_from
from searchsvc.verification import GenerationState

_json = click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")


@click.command()
@_json
@common_options
@click.pass_context
def verify(context: click.Context, /, as_json: bool, **given: Any) -> None:
    """Read the whole index and hold every byte and count against what was written.

    Both the generation that is served and those kept for rollback. Ends with 1 where one is damaged.
    """
    states = verification.verify(settings_from(given))
    if as_json:
        click.echo(json.dumps(list(map(_record, states)), ensure_ascii=False, indent=2))
    else:
        for state in states:
            _print(state)
        if states[0].problems:
            whole = next((state.name for state in states[1:] if not state.problems), None)
            key = "verify.mend_by_rollback" if whole else "verify.mend"
            click.echo(say(key, generation=whole), err=True)
    if any(state.problems for state in states):
        context.exit(EXIT_FAILED)


@click.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="TARGET")
@common_options
def backup(target: Path, **given: Any) -> None:
    """Copy the index, as it is now, into a new folder; searching and writing go on meanwhile.

    The folder is there whole and verified, or not at all. It is an index itself.
    """
    state = backups.backup(settings_from(given), target)
    click.echo(say("backed_up", path=target, **_counts(state)))


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="SOURCE")
@common_options
def restore(source: Path, **given: Any) -> None:
    """Make a backup the index that is served; the one before stays for rollback."""
    settings = settings_from(given)
    state = backups.restore(settings, source)
    click.echo(say("restored", path=settings.index_dir, **_counts(state)))


def _print(state: GenerationState) -> None:
    if not state.problems:
        click.echo(say("verify.whole", generation=state.name, **_counts(state)))
        return
    click.echo(say("verify.damaged", generation=state.name, count=len(state.problems)), err=True)
    for problem in state.problems:
        click.echo(f"  {problem.message(language())}", err=True)


def _counts(state: GenerationState) -> dict[str, str]:
    return {
        "articles": f"{state.articles:,}",
        "files": f"{state.files:,}",
        "size": f"{state.size_bytes / 1e6:,.1f} MB",
    }


def _record(state: GenerationState) -> dict[str, Any]:
    return {
        "generation": state.name,
        "articles": state.articles,
        "files": state.files,
        "size_bytes": state.size_bytes,
        "problems": [
            {"code": problem.code, "message": problem.message(language())}
            for problem in state.problems
        ],
    }
