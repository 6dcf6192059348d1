"""The page of keywords in context, and its lines as CSV."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, render_template

from searchsvc.requests import MAX_LINES, ORDERS, parse_concordance
from searchsvc.research import Concordance, concordance
from searchsvc.web.context import parameters, say, service, settings
from searchsvc.web.links import article_url, concordance_url, search_url
from searchsvc.web.narrowing import chosen
from searchsvc.web.tables import csv_file

blueprint = Blueprint("concordance", __name__)

_OWN = ("order", "context", "limit")


@blueprint.get("/concordance")
def page() -> str:
    """The form; below it a line for every place where the query stands."""
    given = [pair for pair in parameters() if pair[1]]
    asked, order, context, limit = parse_concordance(given, settings())
    found = concordance(service(), asked, order, context, limit) if asked.query else None
    kept = [pair for pair in given if pair[0] not in ("order", "limit")]
    searched = [pair for pair in given if pair[0] not in _OWN]
    longest = [*(pair for pair in given if pair[0] != "limit"), ("limit", str(MAX_LINES))]
    cut = found is not None and len(found.lines) == limit < MAX_LINES
    return render_template(
        "concordance.html",
        found=found,
        query=asked.query,
        context=context,
        kept=[pair for pair in kept if pair[0] not in ("q", "context")],
        orders=[
            {
                "label": say(f"order.{name}"),
                "url": concordance_url([*kept, ("order", name)]),
                "current": name == order,
            }
            for name in ORDERS
        ],
        chosen=chosen(given, concordance_url),
        results_url=search_url(searched),
        more_url=concordance_url(longest) if cut else None,
        csv_url=concordance_url(longest, "concordance.table"),
        article_url=lambda article: article_url(article, searched),
    )


@blueprint.get("/concordance.csv")
def table() -> Response:
    """The lines, each with the article that it is from."""
    found = concordance(service(), *parse_concordance(parameters(), settings()))
    return csv_file("concordance.csv", _rows(found))


def _rows(found: Concordance) -> Iterator[list[object]]:
    yield ["left", "keyword", "right", "newspaper", "date", "page", "title", "id"]
    for line in found.lines:
        article = line.article
        issue = [article.newspaper, article.date or "", article.page]
        yield [line.left, line.keyword, line.right, *issue, article.title, article.id]
