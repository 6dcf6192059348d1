"""``correct``: what people say against the segmenter, kept in a file beside the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from searchsvc.cli.edge import common_options, say
from searchsvc.errors import SourceError
from searchsvc.pages import ISSUE_FIELDS, Correction, PageLines, in_force, segment_lines
from searchsvc.sources import NamedPage, Reject, SourceFile, read_pages
from searchsvc.sources.corrections import read_corrections, write_corrections


@click.command()
@click.argument("page", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--split", type=int, multiple=True, metavar="LINE", help="A block begins at this line."
)
@click.option(
    "--merge",
    type=(int, int),
    multiple=True,
    metavar="LINE LINE",
    help="The block of the first line belongs to that of the second.",
)
@click.option(
    "--role",
    type=(int, str),
    multiple=True,
    metavar="LINE ROLE",
    help="What a line is, e.g. 14 subhead.",
)
@click.option(
    "--set",
    "fields",
    type=(int, str, str),
    multiple=True,
    metavar="LINE FIELD VALUE",
    help="A field of the block of a line, e.g. 97 title 新标题; kind is one of them.",
)
@click.option(
    "--page-set",
    "issue",
    type=(str, str),
    multiple=True,
    metavar="FIELD VALUE",
    help="A field of the page: newspaper, date, page, section.",
)
@click.option("--undo", is_flag=True, help="Take back the last correction still in force.")
@click.option("--by", default="", metavar="NAME", help="Who corrects; kept in the history.")
@common_options
def correct(page: Path, by: str, **given: Any) -> None:
    """Correct how a page is cut: writes PAGE.corrections.json beside it; without options shows what it holds."""
    lines = _lines(SourceFile(page, page.name, page.stat().st_size))
    corrections = read_corrections(page, lines)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    added = [Correction.from_record({**record, "at": at, "by": by}) for record in _records(given)]
    if added:
        corrections += added
        segment_lines(lines, corrections)
        path = write_corrections(page, lines, corrections)
        click.echo(say("corrected", count=len(in_force(corrections)), path=path))
    elif not corrections:
        raise SourceError("source.corrections_none")
    for correction in added or corrections:
        click.echo(say("correction", at=correction.at, by=correction.by, what=_told(correction)))


def _lines(file: SourceFile) -> PageLines:
    """The lines of a file that holds one page. Raises SourceError for another."""
    items = list(read_pages(file, lambda _: None))
    if len(items) == 1 and isinstance(items[0], NamedPage):
        return items[0].lines
    for item in items:
        if isinstance(item, Reject):
            raise item.error
    raise SourceError("source.no_page")


def _records(given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What the options ask for, as records of corrections; those that move lines come first."""
    for line in given["split"]:
        yield {"action": "split", "line": line}
    for line, into in given["merge"]:
        yield {"action": "merge", "line": line, "into": into}
    for line, role in given["role"]:
        yield {"action": "role", "line": line, "value": role}
    for line, field, value in given["fields"]:
        yield {"action": "set", "line": line, "field": field, "value": value}
    for field, value in given["issue"]:
        yield {"action": "set", "field": field, "value": value}
    if given["undo"]:
        yield {"action": "undo"}


def _told(correction: Correction) -> str:
    key = correction.action
    if correction.field in ISSUE_FIELDS:
        key = "set_issue"
    return say(f"correction.{key}", **correction.to_record())
