"""What researchers ask of an archive: trends of several terms over time.

Takes requests, asks the service, gives tables that web and JSON share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from searchsvc.results import SearchRequest
from searchsvc.service import SearchService
from searchsvc.timeline import Bucket, fitting_interval, spread

PER = 10_000
"""Relative counts are per so many articles of the period."""


@dataclass(frozen=True, slots=True)
class Trend:
    """How often one query was found in each period; ``relative`` is per ``PER`` articles of it."""

    query: str
    counts: tuple[int, ...]
    relative: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Trends:
    """Several queries over the same periods, and how many articles each period has in all."""

    interval: str
    periods: tuple[Bucket, ...]
    trends: tuple[Trend, ...]

    def to_json(self) -> dict[str, Any]:
        """The table JSON-ready, a row a period."""
        return {
            "interval": self.interval,
            "per": PER,
            "queries": [trend.query for trend in self.trends],
            "periods": [
                {
                    "label": period.label,
                    "from": period.start.isoformat(),
                    "to": period.end.isoformat(),
                    "articles": period.count,
                    "counts": [trend.counts[n] for trend in self.trends],
                    "relative": [round(trend.relative[n], 3) for trend in self.trends],
                }
                for n, period in enumerate(self.periods)
            ],
        }


def trends(
    service: SearchService, queries: Sequence[str], narrowed: SearchRequest, interval: str = ""
) -> Trends:
    """How often each query was found over time, among what ``narrowed`` filters leave.

    ``interval`` is one of ``searchsvc.timeline.INTERVALS``, or empty for one that fits. Articles
    without an issue date are left out; bare words mean all of them. Raises QueryError and CallerError.
    """
    everything = service.days(replace(narrowed, query=""))
    if not everything:
        return Trends(interval or "year", (), tuple(Trend(query, (), ()) for query in queries))
    first, last = min(everything), max(everything)
    interval = interval or fitting_interval(first, last)
    periods = spread(everything, interval, first, last)
    found = []
    for query in queries:
        days = service.days(replace(narrowed, query=query))
        counts = tuple(bucket.count for bucket in spread(days, interval, first, last))
        relative = tuple(
            PER * count / period.count if period.count else 0.0
            for count, period in zip(counts, periods, strict=True)
        )
        found.append(Trend(query, counts, relative))
    return Trends(interval, periods, tuple(found))
