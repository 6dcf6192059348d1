"""The values of a facet in the order in which they are shown. Called by service and pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from heapq import nsmallest
from typing import Any, Final

from searchsvc.results import FacetValue

MAX_FACET_VALUES: Final = 50
"""Of one facet beside the hits."""


def _by_count(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def _newest_first(item: tuple[str, int]) -> tuple[int, ...]:
    return tuple(-int(part) for part in item[0].split("-"))


_ORDERS: Mapping[str, Callable[[tuple[str, int]], Any]] = {
    "year": _newest_first,
    "month": _newest_first,
}
"""Facets whose values are not ordered by count."""


def is_by_count(name: str) -> bool:
    """Whether a facet's most frequent values come first."""
    return name not in _ORDERS


def facet_values(
    name: str, counts: Mapping[str, int], limit: int | None = None
) -> tuple[FacetValue, ...]:
    """Facet values by count, then value; years and months newest first; the first ``limit``."""
    order = _ORDERS.get(name, _by_count)
    items = counts.items()
    first = sorted(items, key=order) if limit is None else nsmallest(limit, items, order)
    return tuple(FacetValue(value, count) for value, count in first)
