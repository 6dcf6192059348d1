"""Everything that a search finds, streamed as JSON Lines or CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain
from time import monotonic

from flask import Blueprint, Response, current_app

from searchsvc.articles import Article
from searchsvc.deadlines import check, time_limit
from searchsvc.errors import BusyError, CallerError
from searchsvc.requests import parse_export
from searchsvc.results import Hit, SearchRequest
from searchsvc.web.admission import RETRY_AFTER_S, Gate, Turn
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

    The number of hits is in the header ``X-Total-Count``. Few are made at a time, whoever reads how
    slowly, and all in bounded time.
    """
    request, kind = parse_export(parameters(), settings())
    fields = request.fields
    gate: Gate = current_app.extensions["searchsvc.exports"]
    turn = gate.enter()
    if turn is None:
        raise BusyError("server.busy", retry_after_s=RETRY_AFTER_S)
    try:
        total, found = _walked(request)
    except BaseException:
        gate.leave(turn)
        raise
    hits = _leaving(found, gate, turn)
    if kind == "csv":
        columns = tuple(name for name in _COLUMNS if fields is None or name in fields)
        answer = csv_file("articles.csv", _rows(hits, columns))
    else:
        answer = Response(_records(hits, fields), content_type="application/x-ndjson")
        answer.headers.set("Content-Disposition", "attachment", filename="articles.jsonl")
    answer.headers["X-Total-Count"] = str(total)
    answer.call_on_close(lambda: gate.leave(turn))
    return answer


def _walked(request: SearchRequest) -> tuple[int, Iterator[Hit]]:
    """How many hits there are, and all of them within the time that an export may take.

    Raises CallerError where there are more than an export may have.
    """
    total, hits = service().walk(request)
    limit = settings().max_export
    if total > limit:
        raise CallerError("request.too_many", parameter="q", total=total, limit=limit)
    # The first hit is read before the answer starts, so that what goes wrong there has a status.
    first = next(hits, None)
    return total, chain([first], _in_time(hits, settings().max_export_s)) if first else iter(())


def _leaving(hits: Iterator[Hit], gate: Gate, turn: Turn) -> Iterator[Hit]:
    """The hits; the place at the gate is free as soon as the last one is read."""
    try:
        yield from hits
    finally:
        gate.leave(turn)


def _in_time(hits: Iterator[Hit], seconds: float) -> Iterator[Hit]:
    """The hits, each read within what is left of the time; a file that stops early is a broken one."""
    started = monotonic()
    while True:
        with time_limit(seconds, since=started):
            check()
            hit = next(hits, None)
        if hit is None:
            return
        yield hit


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
