"""The page that compares how often terms were printed over time, and its table as CSV."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, render_template, request

from searchsvc.requests import MAX_TRENDS, parse_trends
from searchsvc.research import PER, Trends, trends
from searchsvc.web.charts import CHART_HEIGHT, CHART_WIDTH, heights, lines, ticks
from searchsvc.web.context import parameters, say, service, settings
from searchsvc.web.links import search_url, trends_url
from searchsvc.web.narrowing import chosen
from searchsvc.web.tables import csv_file

blueprint = Blueprint("trends", __name__)

SHOWN_BOXES = 3
"""Fields for terms that the form shows at least."""


@blueprint.get("/trends")
def page() -> str:
    """The form; below it chart and table of what is compared."""
    given = [pair for pair in parameters() if pair[1] and pair[0] != "scale"]
    queries, narrowed, interval = parse_trends(given, settings())
    found = trends(service(), queries, narrowed, interval) if queries else None
    relative = request.args.get("scale") == "relative"
    context = {}
    if found is not None:
        series = [
            (trend.query, trend.relative if relative else trend.counts) for trend in found.trends
        ]
        drawn, marks = lines(series, whole=not relative)
        context = {
            "lines": drawn,
            "heights": heights(marks),
            "ticks": ticks(found.periods),
            "size": (CHART_WIDTH, CHART_HEIGHT),
            "rows": list(_rows(found, given)),
            "csv_url": trends_url(given, "trends.table"),
            "scales": [
                {
                    "label": say(f"scale.{name}", per=f"{PER:,}"),
                    "url": trends_url([*given, ("scale", name)]),
                    "current": (name == "relative") == relative,
                }
                for name in ("absolute", "relative")
            ],
        }
    boxes = [*queries, *[""] * max(1, SHOWN_BOXES - len(queries))][:MAX_TRENDS]
    kept = [pair for pair in given if pair[0] not in ("q", "interval", "date_from", "date_to")]
    own = [pair for pair in given if pair not in kept]
    own += [("scale", "relative")] if relative else []
    return render_template(
        "trends.html", found=found, boxes=boxes, kept=kept, narrowed=narrowed, interval=interval,
        relative=relative, chosen=chosen(kept, lambda pairs: trends_url([*own, *pairs])), **context,
    )  # fmt: skip


@blueprint.get("/trends.csv")
def table() -> Response:
    """The table: a row a period; counts and counts per ten thousand articles of each query."""
    queries, narrowed, interval = parse_trends(parameters(), settings())
    found = trends(service(), queries, narrowed, interval)
    return csv_file("trends.csv", _table(found))


def _table(found: Trends) -> Iterator[list[object]]:
    names = [trend.query for trend in found.trends]
    yield ["period", "articles", *names, *(f"{name} / {PER}" for name in names)]
    for number, period in enumerate(found.periods):
        counts = [trend.counts[number] for trend in found.trends]
        relative = [round(trend.relative[number], 3) for trend in found.trends]
        yield [period.label, period.count, *counts, *relative]


def _rows(found: Trends, given: list[tuple[str, str]]) -> Iterator[dict[str, object]]:
    """The table's rows; a count leads to its articles."""
    kept = [pair for pair in given if pair[0] in ("filter", "fold")]
    for number, period in enumerate(found.periods):
        cells = [
            {
                "count": trend.counts[number],
                "relative": trend.relative[number],
                "url": search_url(
                    [
                        ("q", trend.query),
                        *kept,
                        ("date_from", period.start.isoformat()),
                        ("date_to", period.end.isoformat()),
                    ]
                ),
            }
            for trend in found.trends
        ]
        yield {"label": period.label, "articles": period.count, "cells": cells}
