"""The client: a method for what the API does, with the types that the service gives here."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from searchsvc.articles import Article
from searchsvc.client.answers import (
    BulkReport,
    Reindex,
    Suggestion,
    article,
    result_page,
    scored_article,
)
from searchsvc.client.transport import Transport
from searchsvc.engines.contract import ScoredArticle
from searchsvc.errors import QueryError
from searchsvc.requests import SIMILAR, SUGGESTIONS
from searchsvc.results import Hit, ResultPage, SearchRequest

WALKED_PER_PAGE = 100
BULK_LINES = 1_000
BULK_BYTES = 8 << 20


class Client:
    """An archive that a server at ``url`` serves. Safe to use from several threads.

    ``key`` is an API key, ``language`` (``zh`` or ``en``) that of messages, ``timeout_s`` the longest wait for
    a connection and for each piece of an answer; ``retries`` counts how often a request is repeated that
    the server had no time for. Methods raise the errors of ``searchsvc.errors`` that the server tells of, and
    OperatorError where it cannot be reached or answers as no searchsvc does.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        language: str | None = None,
        timeout_s: float = 30.0,
        retries: int = 3,
    ) -> None:
        self._transport = Transport(url, key, language, timeout_s, retries)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def search(self, request: SearchRequest | str) -> ResultPage:
        """A page of hits; a text is a query with everything else as by default."""
        asked = SearchRequest(request) if isinstance(request, str) else request
        with _about(asked.query):
            answer = self._transport.json("POST", "/api/search", body=_body(asked))
        return result_page(answer, asked)

    def multi_search(self, requests: Sequence[SearchRequest]) -> list[ResultPage]:
        """Several searches in one round trip."""
        body = {"searches": list(map(_body, requests))}
        answers = self._transport.json("POST", "/api/multi-search", body=body)["results"]
        return [result_page(*pair) for pair in zip(answers, requests, strict=True)]

    def walk(self, request: SearchRequest | str) -> Iterator[Hit]:
        """Every hit in order, page by page of one version of the index.

        Raises CallerError where that version is not kept any more: an index in a folder that changes
        meanwhile, pages of a cluster that are turned too slowly.
        """
        asked = SearchRequest(request) if isinstance(request, str) else request
        asked = replace(asked, page=1, per_page=WALKED_PER_PAGE, facets=(), histogram="")
        while True:
            page = self.search(asked)
            yield from page.hits
            if page.next_cursor is None:
                return
            asked = replace(asked, cursor=page.next_cursor)

    def export(self, request: SearchRequest | str) -> Iterator[Article]:
        """Every article that a search finds, streamed, of one version of the index."""
        asked = SearchRequest(request) if isinstance(request, str) else request
        return map(article, self._transport.lines("/api/export", _export_pairs(asked)))

    def suggest(self, typed: str, limit: int = SUGGESTIONS) -> list[Suggestion]:
        """What completes the text typed so far."""
        pairs = [("q", typed), ("limit", str(limit))]
        found = self._transport.json("GET", "/api/suggest", pairs)["suggestions"]
        return [Suggestion(**one) for one in found]

    def article(self, article_id: str) -> Article:
        """The article with this id. Raises NotFoundError."""
        return article(self._transport.json("GET", _path("articles", article_id))["article"])

    def similar(self, article_id: str, limit: int = SIMILAR) -> tuple[ScoredArticle, ...]:
        """The articles most like one, best first. Raises NotFoundError."""
        pairs = [("limit", str(limit))]
        found = self._transport.json("GET", _path("similar", article_id), pairs)
        return tuple(map(scored_article, found["hits"]))

    def explain(self, article_id: str, query: str, *, literal: bool = False) -> dict[str, Any]:
        """Why an article has its score for a query. Raises NotFoundError and QueryError."""
        pairs = [("q", query), ("literal", str(literal).lower())]
        with _about(query):
            found: dict[str, Any] = self._transport.json("GET", _path("explain", article_id), pairs)
        return found

    def analyze(self, text: str) -> dict[str, Any]:
        """How a text is folded and cut."""
        analysis: dict[str, Any] = self._transport.json("GET", "/api/analyze", [("text", text)])
        return analysis

    def stats(self) -> dict[str, Any]:
        """What the index holds and how it was built."""
        numbers: dict[str, Any] = self._transport.json("GET", "/api/stats")
        return numbers

    def version(self) -> dict[str, Any]:
        """The versions of the program, of its index format, and of the index."""
        told: dict[str, Any] = self._transport.json("GET", "/api/version")
        return told

    def put(self, given: Article | Mapping[str, Any]) -> str:
        """Adds an article, or replaces the one of its id: ``created`` or ``updated``."""
        record = given.to_record() if isinstance(given, Article) else given
        path = _path("articles", str(record.get("id", "")))
        result: str = self._transport.json("PUT", path, body=record)["result"]
        return result

    def add(self, articles: Iterable[Article | Mapping[str, Any]]) -> BulkReport:
        """Puts many articles, some hundreds at a time; those that are wrong are in the report."""
        return self._bulk(a.to_record() if isinstance(a, Article) else a for a in articles)

    def delete(self, ids: Iterable[str]) -> BulkReport:
        """Deletes articles by id."""
        return self._bulk({"delete": article_id} for article_id in ids)

    def start_reindex(self) -> Reindex:
        """Starts a reindex. Raises ConflictError where one is running."""
        return Reindex.from_json(self._transport.json("POST", "/api/reindex"))

    def reindex(self, job_id: str) -> Reindex:
        """How a reindex goes. Raises NotFoundError."""
        return Reindex.from_json(self._transport.json("GET", _path("reindex", job_id)))

    def watch(self, job_id: str, interval_s: float = 1.0) -> Iterator[Reindex]:
        """How a reindex goes, again and again until it is over."""
        while True:
            state = self.reindex(job_id)
            yield state
            if state.state != "running":
                return
            time.sleep(interval_s)

    def _bulk(self, records: Iterable[Mapping[str, Any]]) -> BulkReport:
        report = BulkReport()
        sent = 0
        for lines in _batches(records):
            answer = self._transport.json("POST", "/api/articles", lines=b"".join(lines))
            report = report.with_answer(answer, sent)
            sent += len(lines)
        return report


@contextmanager
def _about(query: str) -> Iterator[None]:
    """Gives an error of the query the query, at a place of which it points."""
    try:
        yield
    except QueryError as error:
        error.query = query
        raise


def _batches(records: Iterable[Mapping[str, Any]]) -> Iterator[list[bytes]]:
    """Records as lines, as many as one request is to have."""
    batch: list[bytes] = []
    size = 0
    for record in records:
        line = json.dumps(record, ensure_ascii=False).encode(errors="surrogatepass") + b"\n"
        if batch and (len(batch) == BULK_LINES or size + len(line) > BULK_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line)
    if batch:
        yield batch


def _path(kind: str, name: str) -> str:
    return f"/api/{kind}/{quote(name, safe='')}"


def _body(request: SearchRequest) -> dict[str, Any]:
    """A search as the body of a request; what is as by default is left out."""
    default = SearchRequest()
    body: dict[str, Any] = {"q": request.query}
    for name in ("page", "per_page", "sort", "cursor", "highlight", "explain", "literal"):
        if (value := getattr(request, name)) != getattr(default, name):
            body[name] = value
    for name in ("date_from", "date_to"):
        if (day := getattr(request, name)) is not None:
            body[name] = day.isoformat()
    for name in ("fold", "histogram"):
        if value := getattr(request, name):
            body[name] = value
    if request.filters:
        body["filter"] = {name: list(values) for name, values in request.filters.items()}
    if request.facets:
        body["facets"] = list(request.facets)
    if request.fields is not None:
        body["fields"] = list(request.fields)
    return body


def _export_pairs(request: SearchRequest) -> list[tuple[str, str]]:
    pairs = [
        ("q", request.query),
        ("sort", request.sort),
        ("literal", str(request.literal).lower()),
    ]
    pairs += [("filter", f"{n}:{v}") for n, values in request.filters.items() for v in values]
    days = (("date_from", request.date_from), ("date_to", request.date_to))
    pairs += [(name, day.isoformat()) for name, day in days if day is not None]
    pairs += [("fold", request.fold)] if request.fold else []
    return pairs
