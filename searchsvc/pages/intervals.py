"""Intervals of days and their form in EDTF (ISO 8601-2). Called by ``dates``."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

Precision: TypeAlias = Literal["day", "month", "year"]

_LENGTH = {"day": 10, "month": 7, "year": 4}
_MONTHS_OF = {
    "上半年": (1, 6), "下半年": (7, 12), "前三季度": (1, 9),
    "一季度": (1, 3), "二季度": (4, 6), "三季度": (7, 9), "四季度": (10, 12),
    "初": (1, 1), "底": (12, 12), "末": (12, 12),
}  # fmt: skip
_DAYS_OF = {"上旬": (1, 10), "中旬": (11, 20), "下旬": (21, 31)}


@dataclass(frozen=True, slots=True)
class Interval:
    """Days from ``first`` to ``last``, both included, told to a precision; None is open."""

    first: date | None
    last: date | None
    precision: Precision

    @property
    def value(self) -> str:
        """``2018-07-24``, ``2018-06``, ``2016/2018``, ``2017-02/..``, ``../2018-06-30``."""
        length = _LENGTH[self.precision]
        first = self.first.isoformat()[:length] if self.first else ".."
        last = self.last.isoformat()[:length] if self.last else ".."
        return first if first == last else f"{first}/{last}"

    def until(self, other: Interval) -> Interval:
        """From this interval's first day to the other's last."""
        return Interval(self.first, other.last, self.precision)


def day(told: date) -> Interval:
    """One day."""
    return Interval(told, told, "day")


def month(year_number: int, month_number: int) -> Interval:
    """One month."""
    return _months(year_number, month_number, month_number)


def year(number: int) -> Interval:
    """One year."""
    return Interval(date(number, 1, 1), date(number, 12, 31), "year")


def decade(first_year: int) -> Interval:
    """Ten years."""
    return Interval(date(first_year, 1, 1), date(first_year + 9, 12, 31), "year")


def part_of_year(year_number: int, part: str) -> Interval:
    """上半年, 一季度, 年底: months of a year."""
    return _months(year_number, *_MONTHS_OF[part.removeprefix("第")])


def part_of_month(year_number: int, month_number: int, part: str) -> Interval:
    """上旬, 中旬, 下旬 are days of a month; 初, 底 only say which month."""
    if part not in _DAYS_OF:
        return month(year_number, month_number)
    first, last = _DAYS_OF[part]
    last = min(last, monthrange(year_number, month_number)[1])
    return Interval(
        date(year_number, month_number, first), date(year_number, month_number, last), "day"
    )


def _months(year_number: int, first: int, last: int) -> Interval:
    last_day = monthrange(year_number, last)[1]
    return Interval(date(year_number, first, 1), date(year_number, last, last_day), "month")
