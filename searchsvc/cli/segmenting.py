"""``segment``: how pages are cut into articles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from searchsvc.cli.edge import common_options, say
from searchsvc.errors import RecordError, SourceError
from searchsvc.pages import Page, line_labels, segment_page
from searchsvc.sources import find_sources
from searchsvc.sources.page_text import page_text


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option("--labels", is_flag=True, help="Print one JSON object a page: block and role a line.")
@common_options
def segment(files: tuple[Path, ...], labels: bool, **_: Any) -> None:
    """Show the blocks of page texts, or of the pages of a .jsonl file (id, text)."""
    for name, text in _pages(files):
        page = segment_page(text)
        if labels:
            record = {"id": name, "line_labels": line_labels(page)}
            click.echo(json.dumps(record, ensure_ascii=False))
        else:
            _print_page(name, page)


def _pages(files: tuple[Path, ...]) -> Iterator[tuple[str, str]]:
    for source in find_sources(files):
        if source.path.suffix != ".jsonl":
            yield source.name, page_text(source)
            continue
        try:
            lines = source.path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError("source.unreadable", reason=error) from error
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
                yield str(record["id"]), str(record["text"])
            except (ValueError, KeyError, TypeError) as error:
                raise RecordError("record.page", path=source.name, line=number) from error


def _print_page(name: str, page: Page) -> None:
    issue = page.issue
    told = (issue.newspaper, issue.date and issue.date.isoformat(), issue.page, issue.section)
    click.secho(f"{name}  {' · '.join(part for part in told if part)}", bold=True)
    for block in page.blocks:
        lines = sorted(block.roles)
        title = block.headline or (block.paragraphs[0].text[:40] if block.paragraphs else "")
        click.echo(f"  {lines[0]:>4}-{lines[-1]:<4} {say(f'kind.{block.kind}')}  {title}")
        people = " ".join(f"{p.name}({p.role})" if p.role else p.name for p in block.people)
        details = (block.kicker, people, say("flag.truncated") if block.truncated else "")
        if any(details):
            click.secho("            " + " · ".join(part for part in details if part), dim=True)
