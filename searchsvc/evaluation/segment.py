"""A segment as evaluation sees it: arrays, its place among the segments, Whoosh's own searcher.

Made by the searcher, one for each leaf reader; shared by all searches and threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.evaluation.types import Column, Mask
from searchsvc.postings.arrays import FieldPostings, SegmentArrays


class Segment:
    """``number`` counts segments from 0; ``offset`` is the number of its first document among all.

    ``searcher`` is the Whoosh searcher of this segment alone, for queries that have no plan.
    """

    __slots__ = (
        "_ascending",
        "_fields",
        "arrays",
        "live",
        "number",
        "offset",
        "searcher",
        "size",
    )

    def __init__(self, arrays: SegmentArrays, number: int, offset: int, searcher: Any) -> None:
        self.arrays = arrays
        self.number = number
        self.offset = offset
        self.searcher = searcher
        self.size = arrays.n_documents
        self.live: Mask | None = arrays.live
        self._fields: dict[str, FieldPostings | None] = {}
        self._ascending: dict[str, bool] = {}

    def field(self, name: str) -> FieldPostings | None:
        """The inverted field, or None where no document of the segment has it."""
        try:
            return self._fields[name]
        except KeyError:
            field = self._fields[name] = self.arrays.field(name)
            return field

    def content(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """The file that the arrays lie in, where they do, and the marks of its blocks."""
        file, marks = self.arrays.file, self.arrays.marks
        assert file is not None
        assert marks is not None
        return file, marks

    def column(self, name: str) -> Column | None:
        """(size,) values of a column, or None where the segment lacks it."""
        return self.arrays.column(name)

    def ascends(self, name: str) -> bool:
        """Whether the segment has the column and its values never fall; looked at once."""
        if name not in self._ascending:
            column = self.column(name)
            self._ascending[name] = column is not None and bool(np.all(column[1:] >= column[:-1]))
        return self._ascending[name]
