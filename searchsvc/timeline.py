"""Counts over time: days gathered into years, months or days without a gap.

Takes counts by issue date, as engines give them; gives buckets.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.errors import CallerError

INTERVALS: Final = ("year", "month", "day")
MAX_BUCKETS: Final = 4_000
"""Most buckets of one timeline: eleven years of days, or three centuries of months."""

_MONTHS_AT_MOST, _DAYS_AT_MOST = 60, 62


class Days(Mapping[date, int]):
    """How many articles are of each issue date, ascending.

    ``ordinals`` (n_days,) are the dates as proleptic Gregorian ordinals, ``counts`` (n_days,) aligned.
    """

    def __init__(self, counts: Mapping[int, int]) -> None:
        """From counts by ordinal."""
        size = len(counts)
        ordinals = np.fromiter(counts, np.int64, size)
        order = np.argsort(ordinals)
        self.ordinals: NDArray[np.int64] = ordinals[order]
        self.counts: NDArray[np.int64] = np.fromiter(counts.values(), np.int64, size)[order]

    @classmethod
    def of(cls, counts: Mapping[date, int]) -> Days:
        """From counts by date."""
        return cls({day.toordinal(): count for day, count in counts.items()})

    def __len__(self) -> int:
        return self.ordinals.size

    def __iter__(self) -> Iterator[date]:
        return map(date.fromordinal, self.ordinals.tolist())

    def __getitem__(self, day: date) -> int:
        place = int(self.ordinals.searchsorted(day.toordinal()))
        if place == len(self) or self.ordinals[place] != day.toordinal():
            raise KeyError(day)
        return int(self.counts[place])

    @property
    def first(self) -> date:
        """The earliest date. Raises IndexError where there is none."""
        return date.fromordinal(int(self.ordinals[0]))

    @property
    def last(self) -> date:
        """The latest date. Raises IndexError where there is none."""
        return date.fromordinal(int(self.ordinals[-1]))


NO_DAYS: Final = Days({})


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


def buckets(days: Days, interval: str) -> tuple[Bucket, ...]:
    """The buckets from the first day counted to the last, the empty ones between them too.

    Raises CallerError where that were more than ``MAX_BUCKETS``.
    """
    return spread(days, interval, days.first, days.last) if days else ()


def spread(days: Days, interval: str, first: date, last: date) -> tuple[Bucket, ...]:
    """The buckets that cover the days from ``first`` to ``last``; days outside are not counted.

    Raises CallerError where that were more than ``MAX_BUCKETS``.
    """
    spans = []
    day = first
    while day <= last:
        spans.append(_span(day, interval))
        if len(spans) > MAX_BUCKETS:
            raise CallerError("request.too_many_buckets", parameter="interval", limit=MAX_BUCKETS)
        end = spans[-1][1]
        if end == date.max:
            break
        day = end + timedelta(1)
    if not spans:
        return ()
    starts = [start.toordinal() for start, _ in spans]
    edges = np.searchsorted(days.ordinals, [*starts, spans[-1][1].toordinal() + 1])
    sums = np.concatenate([[0], np.cumsum(days.counts)])[edges]
    return tuple(
        Bucket(*span, count) for span, count in zip(spans, np.diff(sums).tolist(), strict=True)
    )


def fitting_interval(first: date, last: date) -> str:
    """The finest interval that leaves a timeline readable."""
    days = (last - first).days
    if days <= _DAYS_AT_MOST:
        return "day"
    return "month" if days / 30.44 <= _MONTHS_AT_MOST else "year"


def _span(day: date, interval: str) -> tuple[date, date]:
    if interval == "day":
        return day, day
    if interval == "month":
        return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])
    return date(day.year, 1, 1), date(day.year, 12, 31)
