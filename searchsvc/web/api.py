"""The JSON endpoint: search, one article, health."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from searchsvc import __version__
from searchsvc.requests import (
    notice_text,
    pairs_of,
    parse_analyze,
    parse_concordance,
    parse_explain,
    parse_request,
    parse_searches,
    parse_similar,
    parse_suggest,
    parse_trends,
)
from searchsvc.research import concordance as find_lines
from searchsvc.research import trends as find_trends
from searchsvc.results import SearchRequest
from searchsvc.schema import FORMAT_VERSION
from searchsvc.steps import step
from searchsvc.web.access import NOTHING, needs
from searchsvc.web.context import language, parameters, service, settings
from searchsvc.web.observing import searched

blueprint = Blueprint("api", __name__)


@blueprint.get("/api/search")
def search() -> Response:
    """A page of hits, best first, or in the order asked for."""
    return jsonify(_answer(parse_request(parameters(), settings())))


@blueprint.post("/api/search")
def search_by_body() -> Response:
    """The same; the parameters are a JSON object."""
    return jsonify(_answer(parse_request(pairs_of(request.get_json()), settings())))


@blueprint.post("/api/multi-search")
def multi_search() -> Response:
    """Several searches in one round trip."""
    requests = parse_searches(request.get_json(), settings())
    return jsonify({"results": [_answer(asked) for asked in requests]})


def _answer(asked: SearchRequest) -> dict[str, Any]:
    spoken = language()
    results = searched(service().search(asked))
    with step("serialise"):
        return results.to_json(lambda notice: notice_text(notice, spoken))


@blueprint.get("/api/suggest")
def suggest() -> Response:
    """What completes the text typed so far."""
    return jsonify(service().suggest(*parse_suggest(parameters(), settings())).to_json())


@blueprint.get("/api/trends")
def trends() -> Response:
    """How often queries were found over time."""
    found = find_trends(service(), *parse_trends(parameters(), settings()))
    return jsonify(found.to_json() | {"index_version": service().index_version})


@blueprint.get("/api/concordance")
def concordance() -> Response:
    """Every place where a query stands, with the text beside it."""
    found = find_lines(service(), *parse_concordance(parameters(), settings()))
    return jsonify(found.to_json() | {"index_version": service().index_version})


@blueprint.get("/api/articles/<path:article_id>")
def article(article_id: str) -> Response:
    """One article."""
    found = service()
    return jsonify(
        {"article": found.article(article_id).to_record(), "index_version": found.index_version}
    )


@blueprint.get("/api/reprints/<path:article_id>")
def reprints(article_id: str) -> Response:
    """The articles that have an article's text, the first appearance first."""
    found = service()
    articles = [article.to_record() for article in found.reprints(article_id)]
    return jsonify({"articles": articles, "index_version": found.index_version})


@blueprint.get("/api/similar/<path:article_id>")
def similar(article_id: str) -> Response:
    """The articles most like one, the likest first."""
    found = service()
    hits = [
        {"id": hit.article.id, "score": round(hit.score, 6), "document": hit.article.to_record()}
        for hit in found.similar(article_id, parse_similar(parameters()))
    ]
    return jsonify({"id": article_id, "hits": hits, "index_version": found.index_version})


@blueprint.get("/api/explain/<path:article_id>")
def explain(article_id: str) -> Response:
    """Why an article has its score for a query, by field and by term."""
    query, literal = parse_explain(parameters())
    return jsonify(service().explain(article_id, query, literal=literal))


@blueprint.get("/api/analyze")
def analyze() -> Response:
    """How a text is folded and cut, with positions and with offsets into the text as it was given."""
    analysis = service().analyze(parse_analyze(parameters(), settings()))
    return jsonify(analysis | {"index_version": service().index_version})


@blueprint.get("/api/stats")
def stats() -> Response:
    """What the index holds and how it was built."""
    return jsonify(service().stats())


@blueprint.get("/api/version")
def version() -> Response:
    """The version of the program, of the format of its indexes, and of the index that answers."""
    told = {"version": __version__, "format_version": FORMAT_VERSION}
    return jsonify(told | {"index_version": service().index_version})


@blueprint.get("/health")
@needs(NOTHING)
def health() -> Response:
    """200 as long as the server answers at all, whatever the state of the index."""
    return jsonify({"status": "ok"})


@blueprint.get("/ready")
@needs(NOTHING)
def ready() -> Response:
    """200 where searches can be answered, 503 otherwise."""
    found = service()
    stats = found.stats()
    shown = ("index_version", "articles", "cluster")
    return jsonify({"status": "ok"} | {name: stats[name] for name in shown if name in stats})
