"""What the reading commands print for people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from searchsvc.articles import Article
from searchsvc.cli.edge import say
from searchsvc.requests import notice_text
from searchsvc.results import Hit, ResultPage
from searchsvc.word_lists import WordListState

_MARK = re.compile(r"<mark>(.*?)</mark>", re.S)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def print_results(results: ResultPage, language: str) -> None:
    """The hits of a page; what was noticed, and that nothing was found, on standard error."""
    for notice in results.notices:
        click.echo(notice_text(notice, language), err=True)
    if results.suggestion is not None:
        click.echo(say("meant", query=results.suggestion), err=True)
    if not results.total:
        click.echo(say("nothing_found", query=results.request.query), err=True)
        return
    if not results.hits:
        page, last = results.request.page, results.total_pages
        click.echo(say("page_empty", total=f"{results.total:,}", page=page, last=last), err=True)
        return
    console = Console(highlight=False)
    first = (results.request.page - 1) * results.request.per_page + 1
    console.print(
        say(
            "found",
            total=f"{results.total:,}",
            first=first,
            last=first + len(results.hits) - 1,
            took_ms=f"{results.took_ms:.1f}",
        )
    )
    for number, hit in enumerate(results.hits, first):
        console.print()
        _print_hit(console, number, hit)
    for name, values in results.facets.items():
        shown = "  ".join(f"{value.value} {value.count:,}" for value in values[:10])
        console.print(Text(f"\n{say(f'facet.{name}')}: {shown}"))


def _print_hit(console: Console, number: int, hit: Hit) -> None:
    article = hit.article
    title = hit.highlights.get("title", (article.title,))[0]
    console.print(Text(f"{number:>3}  ", style="dim") + _marked(title, "bold"), soft_wrap=True)
    console.print(Text(f"     {_origin(article)}", style="dim"), soft_wrap=True)
    for fragment in hit.highlights.get("body", ()):
        console.print(Text("     ") + _marked(fragment), soft_wrap=True)
    console.print(Text(f"     {article.id}  {_place(article)}", style="dim"), soft_wrap=True)
    if hit.reprints is not None:
        first = hit.reprints.first
        told = say("reprints", count=hit.reprints.count, first=_origin(first), id=first.id)
        console.print(Text(f"     {told}", style="dim"), soft_wrap=True)


def print_article(article: Article) -> None:
    """A whole article."""
    console = Console(highlight=False)
    for text, style in (
        (article.kicker, "dim"),
        (article.title, "bold"),
        (article.subtitle, "bold"),
        (article.byline, ""),
        (_origin(article), "dim"),
        (_place(article), "dim"),
    ):
        if text:
            console.print(Text(_CONTROL.sub(" ", text), style=style), soft_wrap=True)
    for paragraph in article.body:
        style = "bold" if paragraph.role == "subhead" else ""
        console.print(Text("\n" + _CONTROL.sub(" ", paragraph.text), style=style), soft_wrap=True)
    for flag in article.flags:
        console.print(Text(f"\n[{say(f'flag.{flag}')}]", style="dim"))


def print_stats(numbers: dict[str, Any]) -> None:
    """The statistics, one to a line."""
    for name, value in numbers.items():
        shown = _stated(value)
        if isinstance(value, dict):
            shown = "  ".join(f"{key} {_stated(stated)}" for key, stated in value.items())
        click.echo(f"{say(f'stats.{name}')}: {shown}")


def _stated(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return "-" if value is None else str(value)


def print_suggestions(found: Sequence[Mapping[str, Any]]) -> None:
    """What completes a text: the texts, their kinds and counts."""
    table = Table(box=None, show_header=False)
    for one in found:
        count = "" if one["count"] is None else f"{one['count']:,}"
        table.add_row(Text(one["text"]), say(f"suggestion.{one['kind']}"), count)
    Console(highlight=False).print(table)


def word_list_line(words: WordListState) -> str:
    """A word list's size, whether it changed since the index was built, and what that asks for."""
    line = say(
        f"word_list.{words.change}",
        list=say(f"word_list.name.{words.name}"),
        path=words.path,
        words=f"{words.now.words:,}" if words.now else "",
        before=f"{words.built_with.words:,}" if words.built_with else "",
    )
    if words.needs_reindex:
        return line + say("word_list.reindex")
    return line if words.change == "none" else line + say("word_list.no_reindex")


def print_analysis(analysis: dict[str, Any]) -> None:
    """The folded text and its tokens."""
    console = Console(highlight=False)
    console.print(Text(f"{say('folded')}: {analysis['folded']}"))
    for name in ("words", "bigrams"):
        table = Table(title=say(f"tokens.{name}"), title_justify="left", box=None)
        for column in ("term", "position", "start", "end"):
            table.add_column(column)
        for token in analysis[name]:
            table.add_row(*(str(token[column]) for column in ("term", "position", "start", "end")))
        console.print(table)


def _marked(html: str, style: str = "") -> Text:
    """A highlight's HTML as styled text."""
    text = Text(style=style)
    for number, piece in enumerate(_MARK.split(html)):
        plain = _CONTROL.sub(" ", unescape(piece))
        text.append(plain, style="bold red" if number % 2 else "")
    return text


def _origin(article: Article) -> str:
    people = " ".join(person.name for person in article.people)
    day = article.date.isoformat() if article.date else ""
    parts = (article.newspaper, day, article.page, article.section, people)
    return " · ".join(part for part in parts if part)


def _place(article: Article) -> str:
    if article.source is None:
        return ""
    ranges = ",".join(f"{first}-{last}" for first, last in article.source.lines)
    return f"{article.source.path}:{ranges}" if ranges else article.source.path
