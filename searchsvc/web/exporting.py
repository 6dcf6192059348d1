"""Everything that a search finds, streamed as JSON Lines or CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain

from flask import Blueprint, Response

from searchsvc.articles import Article
from searchsvc.requests import parse_export
from searchsvc.results import Hit
from searchsvc.web.context import parameters, service, settings
from searchsvc.web.tables import csv_file

blueprint = Blueprint("exporting", __name__)

_COLUMNS = (
    "id", "kind", "newspaper", "date", "page", "section", "kicker", "title", "subtitle", "byline",
    "people", "place", "agency", "tags", "url", "body",
)  # fmt: skip


@blueprint.get("/api/export")
def export() -> Response:
    """All hits in order, of one version of the index: whole records, or the columns of a table.

    The number of hits is in the header ``X-Total-Count``.
    """
    request, kind = parse_export(parameters(), settings())
    fields = request.fields
    total, hits = service().walk(request)
    # The first hit is read before the answer starts, so that what goes wrong there has a status.
    hits = chain([first], hits) if (first := next(hits, None)) else iter(())
    if kind == "csv":
        columns = tuple(name for name in _COLUMNS if fields is None or name in fields)
        answer = csv_file("articles.csv", _rows(hits, columns))
    else:
        answer = Response(_records(hits, fields), content_type="application/x-ndjson")
        answer.headers.set("Content-Disposition", "attachment", filename="articles.jsonl")
    answer.headers["X-Total-Count"] = str(total)
    return answer


def _records(hits: Iterator[Hit], fields: tuple[str, ...] | None) -> Iterator[str]:
    for hit in hits:
        record = hit.article.to_record()
        if fields is not None:
            record = {name: value for name, value in record.items() if name in fields}
        yield json.dumps(record, ensure_ascii=False) + "\n"


def _rows(hits: Iterator[Hit], columns: tuple[str, ...]) -> Iterator[list[object]]:
    yield list(columns)
    for hit in hits:
        yield [_cell(hit.article, name) for name in columns]


def _cell(article: Article, name: str) -> object:
    """One field as a text; paragraphs by line, people and tags with 、 between."""
    if name == "body":
        return "\n".join(paragraph.text for paragraph in article.body)
    if name == "people":
        return "、".join(person.name for person in article.people)
    if name == "tags":
        return "、".join(article.tags)
    return getattr(article, name) or ""
