"""Dates in queries and requests: a day, a month or a year as the span of days it covers."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from searchsvc.errors import QueryError

_SPAN = re.compile(
    r"(?P<year>[0-9]{4})(?:[-/.年](?P<month>[0-9]{1,2})(?:[-/.月](?P<day>[0-9]{1,2})日?|月?)|年?)"
)
_RANGE = re.compile(r"(?P<open>[\[{])\s*(?P<low>\S*?)\s*\bTO\b\s*(?P<high>\S*?)\s*(?P<close>[\]}])")


def date_span(text: str) -> tuple[date, date]:
    """First and last day of ``2018``, ``2018-07``, ``2018-07-30``, ``2018年7月`` and the like.

    Raises ValueError for anything else.
    """
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(text)
    year, month, day = (int(match[name] or 0) for name in ("year", "month", "day"))
    if match["month"] is None:
        return date(year, 1, 1), date(year, 12, 31)
    if match["day"] is None:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    return date(year, month, day), date(year, month, day)


def parse_span(text: str, position: int) -> tuple[date, date]:
    """``date_span`` for query text at ``position``; raises QueryError."""
    try:
        return date_span(text)
    except ValueError:  # calendar.IllegalMonthError is one too
        raise QueryError("query.date", position=position, found=text) from None


def parse_range(text: str, position: int) -> tuple[date | None, date | None]:
    """Inclusive ends of ``[2018-07 TO 2018-08]``; braces exclude, an empty end or ``*`` is open."""
    match = _RANGE.fullmatch(text)
    if match is None:
        raise QueryError("query.range", position=position, found=text)
    low = high = None
    if match["low"] not in ("", "*"):
        first, last = parse_span(match["low"], position + match.start("low"))
        low = first if match["open"] == "[" else _shifted(last, 1)
    if match["high"] not in ("", "*"):
        first, last = parse_span(match["high"], position + match.start("high"))
        high = last if match["close"] == "]" else _shifted(first, -1)
    return low, high


def _shifted(day: date, days: int) -> date:
    """The day before or after; the calendar's own ends stay where they are."""
    ordinal = day.toordinal() + days
    return date.fromordinal(min(max(ordinal, date.min.toordinal()), date.max.toordinal()))
