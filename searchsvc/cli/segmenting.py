"""``segment``: how pages are cut into articles, and why."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from rich.cells import set_cell_size

from searchsvc import messages
from searchsvc.articles import Article
from searchsvc.cli.edge import EXIT_FAILED, common_options, language, say
from searchsvc.errors import RecordError, SourceError
from searchsvc.pages import (
    Decision,
    Page,
    PageLines,
    line_labels,
    page_articles,
    page_decisions,
    segment_lines,
    text_lines,
)
from searchsvc.sources import NamedPage, Reject, SourceFile, find_sources, read_pages
from searchsvc.sources.corrections import read_corrections

COLOURS = ("cyan", "yellow", "green", "magenta", "blue", "red")
SURE = 0.9
"""Decisions less probable than that are marked."""
_SHOWN_CHARS = 44
_ROLE_CELLS = 8
_BUCKET = re.compile(r"(?:_to)?_-?[0-9.]+$")


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option("--labels", is_flag=True, help="Print one JSON object a page: block and role a line.")
@click.option("--explain", is_flag=True, help="Show every line with its block, role and cues.")
@click.option(
    "--json", "as_json", is_flag=True,
    help="Print one JSON object a page: its articles, and role, probability and cues a line.",
)  # fmt: skip
@common_options
def segment(files: tuple[Path, ...], labels: bool, explain: bool, as_json: bool, **_: Any) -> None:
    """Show the blocks of page texts, or of the pages of a .jsonl file (id, text)."""
    failed = False
    for item, path in _pages(find_sources(files)):
        if isinstance(item, Reject):
            failed = True
            click.echo(say("error", message=item.message(language())), err=True)
            continue
        name, lines = item.name, item.lines
        page = segment_lines(lines, read_corrections(path, lines) if path else ())
        if labels:
            _print_json({"id": name, "line_labels": line_labels(page)})
        elif as_json:
            _print_json(_record(name, page, lines))
        elif explain:
            _print_explanation(name, page, lines)
        else:
            _print_page(name, page)
    if failed:
        click.get_current_context().exit(EXIT_FAILED)


def _pages(
    sources: Iterable[SourceFile],
) -> Iterator[tuple[NamedPage | Reject, Path | None]]:
    """Every page, with its file where that holds nothing else, and a reject for what is no page."""
    for source in sources:
        if source.path.suffix == ".jsonl":
            yield from ((item, None) for item in _page_records(source))
            continue
        for item in read_pages(source, lambda _: None):
            if isinstance(item, Article):
                yield Reject(source.name, None, SourceError("source.no_page")), None
                break
            is_own = isinstance(item, NamedPage) and item.name == source.name
            yield item, source.path if is_own else None


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


def _print_json(record: dict[str, Any]) -> None:
    click.echo(json.dumps(record, ensure_ascii=False))


def _record(name: str, page: Page, lines: PageLines) -> dict[str, Any]:
    return {
        "id": name,
        "checksum": lines.checksum,
        "articles": [article.to_record() for article in page_articles(page, name, lines)],
        "lines": [
            {
                "line": decision.line,
                "block": block,
                "role": role,
                "opens": decision.opens,
                "probability": decision.probability,
                "instead": {"role": decision.instead, "opens": decision.instead_opens},
                "cues": [{"cue": r.cue, "weight": r.weight} for r in decision.reasons],
            }
            for decision, block, role in _labelled(page, lines)
        ],
    }


def _labelled(page: Page, lines: PageLines) -> Iterator[tuple[Decision, str, str]]:
    """Every decision with the block and role that the line got in the end."""
    labels = {line: (b.id, role) for b in page.blocks for line, role in b.roles.items()}
    for decision in page_decisions(lines):
        yield decision, *labels[decision.line]


def _print_explanation(name: str, page: Page, lines: PageLines) -> None:
    _print_heading(name, page)
    colours = {b.id: COLOURS[n % len(COLOURS)] for n, b in enumerate(page.blocks)}
    kinds = {block.id: block.kind for block in page.blocks}
    before = ""
    for decision, block, role in _labelled(page, lines):
        if block != before:
            click.secho(f"  ┌ {say(f'kind.{kinds[block]}')}", fg=colours[block], bold=True)
        before = block
        text = lines.lines[decision.line - 1].text.strip()
        shown = text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 8] + "…" + text[-7:]
        click.echo(
            click.style("  │ ", fg=colours[block])
            + f"{decision.line:>4} "
            + click.style(set_cell_size(say(f"line.{role}"), _ROLE_CELLS), bold=True)
            + click.style(f" {decision.probability:>4.0%} ", dim=decision.probability >= SURE)
            + click.style(shown, fg=colours[block])
        )
        _print_reasons(decision, colours[block])


def _print_reasons(decision: Decision, colour: str) -> None:
    cues = say("list_separator").join(_cue(reason.cue) for reason in decision.reasons)
    if decision.probability < SURE:
        key = "instead_opens" if decision.instead_opens else "instead"
        cues += "  " + say(key, role=say(f"line.{decision.instead}"))
    if cues.strip():
        click.echo(click.style("  │ ", fg=colour) + click.style(f"          {cues}", dim=True))


def _cue(name: str) -> str:
    return messages.text(f"cues.{_BUCKET.sub('', name)}", language())


def _print_heading(name: str, page: Page) -> None:
    issue = page.issue
    told = (issue.newspaper, issue.date and issue.date.isoformat(), issue.page, issue.section)
    click.secho(f"{name}  {' · '.join(part for part in told if part)}", bold=True)


def _print_page(name: str, page: Page) -> None:
    _print_heading(name, page)
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
