"""All values of a facet, however many: a page that can be looked through, and the same as JSON."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, render_template

from searchsvc.browsing import values
from searchsvc.errors import NotFoundError
from searchsvc.requests import VALUE_ORDERS, ValuesRequest, parse_values
from searchsvc.results import FACETS, FacetValue
from searchsvc.web.context import parameters, say, service, settings
from searchsvc.web.links import search_url, values_url
from searchsvc.web.narrowing import chosen, facet_links, narrowing, page_links

blueprint = Blueprint("values", __name__)


@blueprint.get("/facets/<facet>")
def page(facet: str) -> str:
    """The values of a facet among what a search finds; each narrows the search."""
    given = [pair for pair in parameters() if pair[1]]
    asked = parse_values(given, settings())
    found = _found(facet, asked)
    narrowed = narrowing(given, "sort")
    kept = [pair for pair in given if pair[0] != "page"]
    last = -(-len(found) // asked.per_page)
    shown = _shown(found, asked)
    return render_template(
        "values.html",
        facet=facet,
        asked=asked,
        query=asked.search.query,
        total=len(found),
        values=facet_links(facet, shown, narrowed),
        chosen=chosen(narrowed, lambda pairs: values_url(facet, pairs)),
        kept=[pair for pair in kept if pair[0] != "like"],
        orders=[
            {
                "label": say(f"values_by.{order}"),
                "current": order == asked.order,
                "url": values_url(facet, [*(p for p in kept if p[0] != "order"), ("order", order)]),
            }
            for order in VALUE_ORDERS
        ],
        pages=page_links(
            asked.page, last, lambda number: values_url(facet, [*kept, ("page", str(number))])
        ),
        results_url=search_url(narrowed),
    )


@blueprint.get("/api/facets/<facet>")
def listed(facet: str) -> Response:
    """All values of a facet among what a search finds, page by page."""
    asked = parse_values(parameters(), settings())
    found = _found(facet, asked)
    return jsonify(
        {
            "facet": facet,
            "values": [asdict(value) for value in _shown(found, asked)],
            "total": len(found),
            "page": asked.page,
            "per_page": asked.per_page,
            "index_version": service().index_version,
        }
    )


def _found(facet: str, asked: ValuesRequest) -> tuple[FacetValue, ...]:
    if facet not in FACETS:
        raise NotFoundError("facet.unknown", facet=facet, known=", ".join(FACETS))
    return values(service(), facet, asked.search, asked.like, asked.order)


def _shown(found: tuple[FacetValue, ...], asked: ValuesRequest) -> tuple[FacetValue, ...]:
    first = (asked.page - 1) * asked.per_page
    return found[first : first + asked.per_page]
