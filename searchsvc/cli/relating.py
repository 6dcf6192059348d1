"""Commands about one article: ``explain`` its score for a query, and what is ``similar`` to it."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from searchsvc.cli.edge import common_options, dictionary_option, say, settings_from
from searchsvc.cli.remote import client_from, remote_options
from searchsvc.service import open_service

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_NUMBERS = ("score", "boost", "idf", "frequency", "document_frequency")


@click.command()
@click.argument("query")
@click.argument("article_id", metavar="ID")
@click.option("--literal", is_flag=True, help="Find only text that stands exactly as typed.")
@_json
@remote_options
@dictionary_option
@common_options
def explain(query: str, article_id: str, literal: bool, as_json: bool, **given: Any) -> None:
    """Say why an article has its score for a query, by field and by term."""
    archive = client_from(given) or open_service(settings_from(given))
    explained = archive.explain(article_id, query, literal=literal)
    if as_json:
        click.echo(json.dumps(explained, ensure_ascii=False, indent=2))
    elif explained["score"] is None:
        click.echo(say("not_explained", query=query), err=True)
    else:
        _print_explanation(explained)


@click.command()
@click.argument("article_id", metavar="ID")
@click.option(
    "--limit", type=click.IntRange(1, 50), default=10, show_default=True, help="How many."
)
@_json
@remote_options
@dictionary_option
@common_options
def similar(article_id: str, limit: int, as_json: bool, **given: Any) -> None:
    """List the articles most like one; its reprints are left out."""
    archive = client_from(given) or open_service(settings_from(given))
    hits = archive.similar(article_id, limit)
    if as_json:
        shown = [{"score": hit.score, "document": hit.article.to_record()} for hit in hits]
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
        return
    if not hits:
        click.echo(say("nothing_similar"), err=True)
    for hit in hits:
        day = hit.article.date.isoformat() if hit.article.date else ""
        place = f"{hit.article.newspaper} {day}".strip()
        click.echo(f"{hit.score:.2f}  {hit.article.title}  {place}  {hit.article.id}")


def _print_explanation(explained: dict[str, Any]) -> None:
    shares = ", ".join(f"{field['field']} {field['score']:.4f}" for field in explained["fields"])
    score = f"{explained['score']:.4f}"
    click.echo(say("explained", score=score, query=explained["query"], fields=shares))
    table = Table(box=None)
    for column in ("term", "analysis", *_NUMBERS, "fields"):
        table.add_column(column)
    for term in explained["terms"]:
        fields = " ".join(f"{f['field']}:{f['term_frequency']}" for f in term["fields"])
        numbers = (f"{term[name]:.4g}" for name in _NUMBERS)
        table.add_row(term["term"], term["analysis"], *numbers, fields)
    Console(highlight=False).print(table)
