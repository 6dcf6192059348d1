"""``segment``: how pages are cut into articles."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from searchsvc.articles import Article
from searchsvc.cli.edge import EXIT_FAILED, common_options, language, say
from searchsvc.errors import RecordError, SourceError
from searchsvc.pages import Page, line_labels, segment_lines, text_lines
from searchsvc.sources import NamedPage, Reject, SourceFile, find_sources, read_pages


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option("--labels", is_flag=True, help="Print one JSON object a page: block and role a line.")
@common_options
def segment(files: tuple[Path, ...], labels: bool, **_: Any) -> None:
    """Show the blocks of page texts, or of the pages of a .jsonl file (id, text)."""
    failed = False
    for item in _pages(find_sources(files)):
        if isinstance(item, Reject):
            failed = True
            click.echo(say("error", message=item.message(language())), err=True)
            continue
        page = segment_lines(item.lines)
        if labels:
            record = {"id": item.name, "line_labels": line_labels(page)}
            click.echo(json.dumps(record, ensure_ascii=False))
        else:
            _print_page(item.name, page)
    if failed:
        click.get_current_context().exit(EXIT_FAILED)


def _pages(sources: Iterable[SourceFile]) -> Iterator[NamedPage | Reject]:
    """Every page, and a reject for what is no page."""
    for source in sources:
        if source.path.suffix == ".jsonl":
            yield from _page_records(source)
            continue
        for item in read_pages(source, lambda _: None):
            if isinstance(item, Article):
                yield Reject(source.name, None, SourceError("source.no_page"))
                break
            yield item


def _page_records(source: SourceFile) -> Iterator[NamedPage | Reject]:
    with source.path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                record = json.loads(line)
            except ValueError:
                record = None
            if isinstance(record, dict) and isinstance(record.get("text"), str) and "id" in record:
                yield NamedPage(str(record["id"]), text_lines(record["text"]))
            else:
                yield Reject(source.name, number, RecordError("record.page"))


def _print_page(name: str, page: Page) -> None:
    issue = page.issue
    told = (issue.newspaper, issue.date and issue.date.isoformat(), issue.page, issue.section)
    click.secho(f"{name}  {' · '.join(part for part in told if part)}", bold=True)
    for block in page.blocks:
        lines = sorted(block.roles)
        title = block.headline or (block.paragraphs[0].text[:40] if block.paragraphs else "")
        click.echo(f"  {lines[0]:>4}-{lines[-1]:<4} {say(f'kind.{block.kind}')}  {title}")
        people = " ".join(
            f"{p.name}({say(f'role.{p.role}')})" if p.role else p.name for p in block.people
        )
        details = (block.kicker, people, say("flag.truncated") if block.truncated else "")
        if any(details):
            click.secho("            " + " · ".join(part for part in details if part), dim=True)
