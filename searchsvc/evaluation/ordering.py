"""Sorting by columns instead of scores: ``sortedby`` of Whoosh's search, as arrays.

Takes field names, FieldFacet, ScoreFacet, and lists or MultiFacet of these. Keys are numbers that
rise in the order asked for; keyword values are ranked over all segments. Called by the collector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import sorting

from searchsvc.evaluation.kernels import lowest
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.types import Column, Documents, Indices, Scores


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column, or the score (``field`` None), which sorts the best first unless reversed."""

    field: str | None
    reverse: bool


def sort_keys(sortedby: Any) -> list[SortKey] | None:
    """The keys of ``sortedby``, most important first; None where only Whoosh can sort by it."""
    facets = [sortedby]
    if isinstance(sortedby, sorting.MultiFacet):
        facets = sortedby.facets
    elif isinstance(sortedby, list | tuple):
        facets = list(sortedby)
    keys = []
    for facet in facets:
        if isinstance(facet, str):
            keys.append(SortKey(facet, False))
        elif type(facet) is sorting.FieldFacet and not facet.allow_overlap:
            keys.append(SortKey(facet.fieldname, bool(facet.reverse)))
        elif type(facet) is sorting.ScoreFacet:
            keys.append(SortKey(None, False))
        else:
            return None
    return keys


class Ordering:
    """The first ``limit`` documents (None: all) by ``keys``, gathered segment by segment.

    ``reverse`` turns the whole order round, ties too, as in Whoosh.
    """

    def __init__(
        self,
        keys: Sequence[SortKey],
        segments: Sequence[Segment],
        limit: int | None,
        reverse: bool,
    ) -> None:
        self.needs_scores = any(key.field is None for key in keys)
        self._keys = keys
        self._limit = limit
        self._reverse = reverse
        self._ranks = {
            key.field: keyword_ranks(segments, key.field) for key in keys if key.field is not None
        }
        self._columns: list[list[Column]] = []
        self._documents: list[NDArray[np.int64]] = []

    def add(self, segment: Segment, documents: Documents, scores: Scores | None) -> None:
        """Takes the matches of one segment; ``scores`` where ``needs_scores``."""
        columns = [self._column(segment, key, documents, scores) for key in self._keys]
        if self._limit is not None:
            chosen = first_by_key(columns[0], self._limit)
            columns, documents = [c.take(chosen) for c in columns], documents.take(chosen)
        self._columns.append(columns)
        self._documents.append(documents.astype(np.int64) + segment.offset)

    def items(self) -> list[tuple[Any, int]]:
        """(sort key, document number) of the first documents, in order."""
        if not self._documents:
            return []
        documents = np.concatenate(self._documents)
        columns = [np.concatenate(parts) for parts in zip(*self._columns, strict=True)]
        tie = -documents if self._reverse else documents
        order = np.lexsort((tie, *reversed(columns)))
        if self._limit is not None:
            order = order[: self._limit]
        keys = [column[order].tolist() for column in columns]
        shown = keys[0] if len(keys) == 1 else list(zip(*keys, strict=True))
        return list(zip(shown, documents[order].tolist(), strict=True))

    def _column(
        self, segment: Segment, key: SortKey, documents: Documents, scores: Scores | None
    ) -> Column:
        if key.field is None:
            assert scores is not None
            values: Column = -scores
        else:
            column = segment.column(key.field)
            ranks = self._ranks[key.field]
            if column is None:  # of a keyword that no document of the segment has
                values = np.full(documents.size, -1, np.int64)
            else:
                values = column.take(documents)
                if ranks is not None:
                    values = ranks[segment.number].take(values + 1)
        return falling(values) if key.reverse != self._reverse else values


def first_by_key(key: Column, count: int) -> Indices:
    """Indices that can be among the ``count`` lowest of a sort key."""
    return np.arange(key.size) if key.size <= 4 * count else lowest(key, count)


def falling(values: Column) -> Column:
    """Values in the opposite order: the complement of integers never overflows."""
    return -values if values.dtype.kind == "f" else ~values


def keyword_ranks(segments: Sequence[Segment], name: str) -> list[NDArray[np.int64]] | None:
    """For each segment, the rank of every ordinal + 1 among the values of all segments.

    Entry 0 is for documents without a value, which come first. None for a column of numbers.
    """
    values = [segment.arrays.column_values(name) for segment in segments]
    if not any(len(v) for v in values):
        return None
    ranked = sorted({value.encode() for own in values for value in own})
    rank = {value: n for n, value in enumerate(ranked)}
    return [np.array([-1, *(rank[value.encode()] for value in own)], np.int64) for own in values]
