"""What a score depends on beyond its document: counts and lengths over all segments of a searcher.

Two rules side by side. Whoosh's own BM25F counts deleted documents too and takes the average length
over all documents; ``CombinedTerm`` counts live documents, and averages over those that have the
field (see ``combined``). Made once by the searcher; safe to use from several threads.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from math import log
from typing import Any

import numpy as np

from searchsvc.evaluation.located import LocatedTerm
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.types import Column, Scores
from searchsvc.postings.arrays import FieldPostings

KEPT_TABLES = 256
"""Tables kept per searcher; there is one for each field and pair of parameters in use."""


KEPT_COUNTS = 1 << 16
"""Document frequencies kept per searcher of terms that are looked for in several fields (10 MB)."""


class LengthTable:
    """A function of the field length, tabulated up to the longest document of the searcher."""

    __slots__ = ("parameters", "values")

    def __init__(
        self,
        function: Callable[[Column], Scores],
        longest: int,
        parameters: tuple[float, ...] = (),
    ) -> None:
        self.values = function(np.arange(longest + 1))
        self.parameters = parameters

    def of(self, lengths: Column) -> Scores:
        """The function's value for each length."""
        return self.values.take(lengths)


class KnownField:
    """What is asked of a field for every term: its place in the schema and in the segments."""

    __slots__ = ("has_positions", "postings", "scorable", "to_bytes")

    def __init__(self, field: Any, postings: tuple[FieldPostings | None, ...]) -> None:
        self.to_bytes: Callable[[Any], bytes] = field.to_bytes
        self.scorable = bool(field.scorable)
        self.has_positions = field.format.supports("positions") and all(
            own is None or own.has_positions for own in postings
        )
        self.postings = postings


class Statistics:
    """Statistics over ``segments``; ``reader`` is Whoosh's reader of all of them, ``schema`` theirs."""

    def __init__(self, reader: Any, schema: Any, segments: Sequence[Segment]) -> None:
        self._schema = schema
        self.segments = tuple(segments)
        self.documents: int = reader.doc_count_all()
        self.live_documents: int = reader.doc_count()
        self._reader = reader
        self._average_lengths: dict[str, float] = {}
        self._live_average_lengths: dict[str, float] = {}
        self._longest: dict[str, int] = {}
        self._tables: dict[tuple[str, str, float, float], LengthTable] = {}
        self._fields: dict[str, KnownField | None] = {}
        self._kept_counts: dict[Hashable, int] = {}

    def field(self, name: str) -> KnownField | None:
        """The indexed field, None where the schema has none of this name."""
        try:
            return self._fields[name]
        except KeyError:
            known = None
            if name in self._schema and self._schema[name].format:
                postings = tuple(segment.field(name) for segment in self.segments)
                known = KnownField(self._schema[name], postings)
            self._fields[name] = known
            return known

    def locate(self, name: str, term: bytes) -> LocatedTerm:
        """The term in the dictionaries of all segments; nowhere in a field that is not indexed."""
        field = self.field(name)
        return LocatedTerm(
            name, (None,) * len(self.segments) if field is None else field.postings, term
        )

    def kept_count(self, key: Hashable, count: Callable[[], int]) -> int:
        """A count of documents that is worth keeping; worked out where it is not known yet."""
        known = self._kept_counts.get(key)
        if known is None:
            if len(self._kept_counts) >= KEPT_COUNTS:
                self._kept_counts.clear()
            known = self._kept_counts[key] = count()
        return known

    def idf(self, document_frequency: int) -> float:
        """Whoosh's: ``ln(N / (df + 1)) + 1``, deleted documents included."""
        return log(self.documents / (document_frequency + 1)) + 1

    def average_length(self, field: str) -> float:
        """Whoosh's: tokens of the field over all documents, with the field or without; or 1."""
        if field not in self._average_lengths:
            total = self._reader.field_length(field)
            self._average_lengths[field] = total / (self.documents or 1) or 1.0
        return self._average_lengths[field]

    def live_average_length(self, field: str) -> float:
        """The mean length of the live documents that have the field; 1 where none has."""
        if field not in self._live_average_lengths:
            total = count = 0
            for segment in self.segments:
                own = segment.field(field)
                if own is None:
                    continue
                if segment.live is None:
                    total += own.n_tokens
                    count += own.n_having
                elif own.lengths is not None:
                    alive = own.lengths[segment.live]
                    total += int(alive.sum(dtype=np.int64))
                    count += int(np.count_nonzero(alive))
            self._live_average_lengths[field] = total / count if count else 1.0
        return self._live_average_lengths[field]

    def saturation(self, field: str, b: float, k1: float) -> LengthTable:
        """``k1 * ((1 - b) + b * length / average)``: what BM25 adds to the frequency below."""
        key = ("all", field, b, k1)
        known = self._tables.get(key)
        if known is not None:
            return known
        average = self.average_length(field)
        return self._make_table(
            key,
            lambda lengths: k1 * ((1 - b) + b * lengths / average),
            (k1, 1 - b, b, average),
        )

    def field_weights(self, field: str, weight: float, b: float) -> LengthTable:
        """``weight / (1 - b + b * length / average)`` over live documents, see ``combined``."""
        key = ("live", field, weight, b)
        known = self._tables.get(key)
        if known is not None:
            return known
        average = self.live_average_length(field)
        return self._make_table(key, lambda lengths: weight / (1 - b + b * lengths / average))

    def _make_table(
        self,
        key: tuple[str, str, float, float],
        function: Callable[[Column], Scores],
        parameters: tuple[float, ...] = (),
    ) -> LengthTable:
        if len(self._tables) >= KEPT_TABLES:
            self._tables.clear()
        table = self._tables[key] = LengthTable(function, self._longest_of(key[1]), parameters)
        return table

    def _longest_of(self, field: str) -> int:
        if field not in self._longest:
            known = [segment.field(field) for segment in self.segments]
            self._longest[field] = max((own.longest for own in known if own is not None), default=1)
        return self._longest[field]
