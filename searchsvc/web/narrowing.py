"""What stands around a list of hits: facets, filters in force, orders, pages, each with its address.

Called by the pages that show hits; the templates write what these functions give.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final

from searchsvc.articles import KINDS
from searchsvc.facets import MAX_FACET_VALUES
from searchsvc.requests import NARROWING
from searchsvc.results import FacetValue, ResultPage, SearchRequest
from searchsvc.timeline import Bucket, fitting_interval
from searchsvc.web.context import say, service, settings
from searchsvc.web.links import Pairs, narrowed_url, search_url, values_url

SHOWN_FACETS: Final = (
    "newspaper", "year", "month", "section", "person", "place", "kind", "document", "standard",
)  # fmt: skip
SHOWN_VALUES: Final = 8
_PERIODS: Final = ("year", "month")
SHOWN_PERIODS: Final = 12
_TOLD = frozenset(("normalised", "other_numbers", "other_spelling", "synonyms", "stop_words"))
"""Notices of what a literal search does not do."""


def shown_facets(asked: SearchRequest) -> tuple[str, ...]:
    """The facets of a page of results: months where a few years are left, not of a whole archive."""
    months = "year" in asked.filters or "month" in asked.filters or interval(asked) != "year"
    return tuple(name for name in SHOWN_FACETS if name != "month" or months)


def interval(asked: SearchRequest) -> str:
    """The interval of the timeline: one that fits the days asked for, else the archive's."""
    stats = service().holdings()
    first = asked.date_from or _day(stats["date_from"])
    last = asked.date_to or _day(stats["date_to"])
    return fitting_interval(first, last) if first and last and first <= last else "year"


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def period_url(bucket: Bucket, given: Pairs) -> str:
    """The search narrowed to a bucket of its timeline."""
    kept = [pair for pair in given if pair[0] not in ("date_from", "date_to")]
    return narrowed_url([*kept, ("date_from", bucket.label), ("date_to", bucket.label)])


def narrowing(given: Pairs, *others: str) -> list[tuple[str, str]]:
    """The parameters that say what is found, and these others."""
    return [pair for pair in given if pair[0] in (*NARROWING, *others)]


def facets(results: ResultPage, given: Pairs) -> list[dict[str, Any]]:
    """The facets that divide the results, the first values each with the URL that adds it."""
    made = []
    for name, values in results.facets.items():
        chosen = results.request.filters.get(name, ())
        left = [value for value in values if value.value not in chosen]
        if not left or (len(values) == 1 and values[0].count == results.total):
            continue
        shown = SHOWN_PERIODS if name in _PERIODS else SHOWN_VALUES
        made.append(
            {
                "name": name,
                "label": say(f"facet.{name}"),
                "values": facet_links(name, left[:shown], given),
                "more": _more(name, len(left), given) if len(left) > shown else None,
            }
        )
    return made


def facet_links(name: str, values: Sequence[FacetValue], given: Pairs) -> list[dict[str, Any]]:
    """Values of a facet, each with its name for the reader and the URL that adds it as a filter."""
    return [
        {
            "label": value_label(name, value.value),
            "count": value.count,
            "url": narrowed_url([*given, ("filter", f"{name}:{value.value}")]),
        }
        for value in values
    ]


def _more(name: str, known: int, given: Pairs) -> dict[str, str]:
    """The link to all values; a facet of many is counted there."""
    label = say("more_values") if known >= MAX_FACET_VALUES - 1 else say("all_values", count=known)
    return {"label": label, "url": values_url(name, narrowing(given, "sort"))}


def chosen(given: Pairs, url: Callable[[Pairs], str] = narrowed_url) -> list[dict[str, str]]:
    """The filters in force, each with the URL of the page that ``url`` makes without it."""
    made = []
    for pair in given:
        if pair[0] == "filter":
            field, _, value = pair[1].partition(":")
            label, text = say(f"facet.{field}"), value_label(field, value)
        elif pair[0] in ("date_from", "date_to"):
            label, text = say(pair[0]), pair[1]
        else:
            continue
        without = [p for p in given if p != pair]
        made.append({"label": label, "value": text, "url": url(without)})
    return made


def value_label(field: str, value: str) -> str:
    """A facet's value as the reader knows it."""
    return say(f"kind.{value}") if field == "kind" and value in KINDS else value


def sorts(results: ResultPage, given: Pairs) -> list[dict[str, Any]]:
    """The orders of hits."""
    kept = [pair for pair in given if pair[0] != "sort"]
    return [
        {
            "label": say(f"sort.{name}"),
            "current": results.request.sort == name,
            "url": narrowed_url([*kept, ("sort", name)]),
        }
        for name in ("relevance", "newest", "oldest")
    ]


def fold(results: ResultPage, given: Pairs) -> dict[str, str]:
    """The link that folds reprints, or unfolds them."""
    kept = [pair for pair in given if pair[0] != "fold"]
    if results.request.fold:
        return {"label": say("unfold"), "url": narrowed_url(kept)}
    return {"label": say("fold"), "url": narrowed_url([*kept, ("fold", "reprints")])}


def literal(results: ResultPage, given: Pairs) -> dict[str, str] | None:
    """The link that searches as the query stands, where it was folded or expanded, or the way back."""
    kept = [pair for pair in given if pair[0] != "literal"]
    if results.request.literal:
        return {"label": say("unliteral"), "url": narrowed_url(kept)}
    if _TOLD.isdisjoint(notice.code for notice in results.notices):
        return None
    return {"label": say("literal"), "url": narrowed_url([*kept, ("literal", "true")])}


def result_pages(results: ResultPage, given: Pairs) -> dict[str, Any]:
    """Links to the pages of hits that can be reached."""
    deepest = settings().max_page_depth // results.request.per_page
    kept = [pair for pair in given if pair[0] != "page"]
    last = min(results.total_pages, deepest)
    return page_links(
        results.request.page, last, lambda number: search_url([*kept, ("page", str(number))])
    )


def page_links(current: int, last: int, url: Callable[[int], str]) -> dict[str, Any]:
    """Links to the pages around the current one, to the first and last, the previous and next.

    None where the current page is the only one.
    """
    around = [n for n in range(1, last + 1) if n in (1, last) or abs(n - current) <= 2]
    return {
        "numbers": [
            (n, url(n), n == current, n - before > 1)
            for before, n in zip([0, *around], around, strict=False)
        ]
        if last > 1 or current > last
        else [],
        "previous": url(current - 1) if 1 < current <= last + 1 else None,
        "next": url(current + 1) if current < last else None,
    }
