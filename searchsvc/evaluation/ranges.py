"""Ranges of numbers and dates, by a column of values or, where there is none, by terms.

A column that ascends (dates, as a rule) is searched, another one compared. Bounds and values are in
the column's own form (``field.to_column_value``), which keeps the order of the numbers. A column
holds one value a document, and its default where a document has none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.expansion import documents_of
from searchsvc.evaluation.plan import ConstantSelection, Plan, Selection
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.sorted_sets import members
from searchsvc.evaluation.types import NO_DOCUMENTS, Column, Documents, Mask

_LEAST = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Bounds:
    """Values from ``low`` to ``high``, both inclusive, None where open; ``missing`` is no value."""

    low: int | None
    high: int | None
    missing: int | None

    def interval(self, column: Column) -> tuple[int, int] | None:
        """The same as two numbers of the column's dtype; None where nothing can be between."""
        kind = np.iinfo(column.dtype)
        low = kind.min if self.low is None else max(self.low, kind.min)
        high = kind.max if self.high is None else min(self.high, kind.max)
        return (low, high) if low <= high else None

    def mask(self, values: Column) -> Mask:
        """Which values lie within the bounds."""
        interval = self.interval(values)
        if interval is None:
            return np.zeros(values.size, np.bool_)
        low, high = (values.dtype.type(bound) for bound in interval)
        mask: Mask = (values >= low) & (values <= high)
        if self.missing is not None and low <= self.missing <= high:
            mask &= values != values.dtype.type(self.missing)
        return mask


class RangePlan(Plan):
    """Documents whose value in ``field`` lies within ``bounds``, each with the same score.

    ``terms`` are the bounds of the field's terms, half-open, for segments without the column.
    """

    def __init__(
        self,
        field: str,
        bounds: Bounds,
        terms: tuple[bytes, bytes | None],
        score: float,
        deadline: Deadline,
    ) -> None:
        self._deadline = deadline
        self.field = field
        self._bounds = bounds
        self._terms = terms
        self.score = score

    def estimate(self, segment: Segment) -> int:
        run = self.run(segment)
        return segment.size // 2 if run is None else len(run)

    def find(self, segment: Segment) -> Selection:
        return ConstantSelection(self._documents(segment), self.score)

    def contains(self, segment: Segment, candidates: Documents) -> Mask:
        run = self.run(segment)
        if run is not None:
            mask: Mask = (candidates >= run.start) & (candidates < run.stop)
            return mask
        column = segment.column(self.field)
        if column is not None:
            return self._bounds.mask(column.take(candidates))
        return members(candidates, self._documents(segment), segment.size)

    def run(self, segment: Segment) -> range | None:
        """The documents as a run of numbers, where the column ascends."""
        if not segment.ascends(self.field):
            return None
        column = segment.column(self.field)
        interval = None if column is None else self._bounds.interval(column)
        if column is None or interval is None:
            return range(0)
        low, high = (column.dtype.type(bound) for bound in interval)
        stop = int(np.searchsorted(column, high, side="right"))
        missing = self._bounds.missing
        if missing is not None and low <= missing <= high:
            if missing != interval[1]:
                return None
            stop = int(np.searchsorted(column, high))
        start = int(np.searchsorted(column, low))
        return range(start, max(start, stop))

    def numbers(self, segment: Segment) -> tuple[str, int, int, int] | None:
        """The dtype of the column, the bounds, and a number between them that is none, or any other.

        None without a column, and where nothing lies between the bounds.
        """
        column = segment.column(self.field)
        interval = None if column is None else self._bounds.interval(column)
        if column is None or interval is None:
            return None
        low, high = interval
        missing = self._bounds.missing
        if missing is None or not low <= missing <= high:
            missing = high + 1 if high < np.iinfo(np.int64).max else low - 1
        return (column.dtype.str, low, high, missing) if missing >= _LEAST else None

    def _documents(self, segment: Segment) -> Documents:
        run = self.run(segment)
        if run is not None:
            return np.arange(run.start, run.stop, dtype=np.uint32)
        column = segment.column(self.field)
        if column is not None:
            return np.flatnonzero(self._bounds.mask(column)).astype(np.uint32)
        field = segment.field(self.field)
        if field is None:
            return NO_DOCUMENTS
        terms = range(*field.range(*self._terms))
        return documents_of(field, terms, segment.size, self._deadline)
