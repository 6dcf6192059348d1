"""The JSON endpoint: search, one article, health."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from searchsvc.requests import (
    notice_text,
    parse_concordance,
    parse_request,
    parse_suggest,
    parse_trends,
)
from searchsvc.research import concordance as find_lines
from searchsvc.research import trends as find_trends
from searchsvc.web.context import language, parameters, service, settings

blueprint = Blueprint("api", __name__)


@blueprint.get("/api/search")
def search() -> Response:
    """A page of hits; the parameters are those of ``searchsvc.requests``."""
    results = service().search(parse_request(parameters(), settings()))
    spoken = language()
    return jsonify(results.to_json(lambda notice: notice_text(notice, spoken)))


@blueprint.get("/api/suggest")
def suggest() -> Response:
    """What completes the text typed so far."""
    return jsonify(service().suggest(*parse_suggest(parameters())).to_json())


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


@blueprint.get("/healthz")
def health() -> Response:
    """200 where searches can be answered, 503 otherwise."""
    found = service()
    return jsonify(
        {
            "status": "ok",
            "index_version": found.index_version,
            "articles": found.stats()["articles"],
        }
    )
