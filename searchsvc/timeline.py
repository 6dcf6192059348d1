"""Counts over time: days gathered into years, months or days without a gap.

Takes counts by issue date, as engines give them; gives buckets.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, Final

from searchsvc.errors import CallerError

INTERVALS: Final = ("year", "month", "day")
MAX_BUCKETS: Final = 4_000
"""Most buckets of one timeline: eleven years of days, or three centuries of months."""

_MONTHS_AT_MOST, _DAYS_AT_MOST = 60, 62


@dataclass(frozen=True, slots=True)
class Bucket:
    """A year, month or day, both its ends inclusive, and how many articles are of it."""

    start: date
    end: date
    count: int

    @property
    def label(self) -> str:
        """``2018``, ``2018-07`` or ``2018-07-30``."""
        if self.start == self.end:
            return self.start.isoformat()
        return self.start.isoformat()[: 7 if self.start.month == self.end.month else 4]

    def to_json(self) -> dict[str, Any]:
        """The bucket JSON-ready."""
        return {
            "label": self.label,
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "count": self.count,
        }


def buckets(counts: Mapping[date, int], interval: str) -> tuple[Bucket, ...]:
    """The buckets from the first day counted to the last, the empty ones between them too.

    Raises CallerError where that were more than ``MAX_BUCKETS``.
    """
    if not counts:
        return ()
    return spread(counts, interval, min(counts), max(counts))


def spread(
    counts: Mapping[date, int], interval: str, first: date, last: date
) -> tuple[Bucket, ...]:
    """The buckets that cover the days from ``first`` to ``last``; days outside are not counted.

    Raises CallerError where that were more than ``MAX_BUCKETS``.
    """
    key = _KEYS[interval]
    starts: dict[date, tuple[date, date]] = {}
    day = first
    while day <= last:
        start, end = _span(day, interval)
        starts[start] = (start, end)
        if len(starts) > MAX_BUCKETS:
            raise CallerError("request.too_many_buckets", parameter="interval", limit=MAX_BUCKETS)
        if end == date.max:
            break
        day = end + timedelta(1)
    sums = {key(start): 0 for start in starts}
    for day, count in counts.items():
        if (bucket := key(day)) in sums:
            sums[bucket] += count
    return tuple(Bucket(*span, sums[key(start)]) for start, span in starts.items())


def fitting_interval(first: date, last: date) -> str:
    """The finest interval that leaves a timeline readable."""
    days = (last - first).days
    if days <= _DAYS_AT_MOST:
        return "day"
    return "month" if days / 30.44 <= _MONTHS_AT_MOST else "year"


_KEYS: Final[Mapping[str, Callable[[date], Hashable]]] = {
    "year": attrgetter("year"),
    "month": attrgetter("year", "month"),
    "day": date.toordinal,
}
"""What days of one bucket share."""


def _span(day: date, interval: str) -> tuple[date, date]:
    if interval == "day":
        return day, day
    if interval == "month":
        return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    return date(day.year, 1, 1), date(day.year, 12, 31)
