"""The fields that compiled searches ask for, as tables of numbers. See ``compiled_terms``.

Made once by the searcher; safe to use from several threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from struct import Struct
from typing import Any, NamedTuple

import numpy as np

from searchsvc.evaluation.combined import idf_of
from searchsvc.evaluation.compiled_tables import Table
from searchsvc.evaluation.compiled_terms import (
    ASKED_WORDS,
    FIELD,
    FIELD_WORDS,
    TEXT_STOP,
    count_documents,
)
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.statistics import KnownField, Statistics
from searchsvc.evaluation.types import Documents, Mask
from searchsvc.postings.compiled_checks import UNCHECKED
from searchsvc.postings.compiled_lists import Bytes

_pack_numbers = Struct("=4d").pack
_NO_SATURATION = (0.0, 0.0, 0.0, 1.0)
_ALL_LIVE: Mask = np.empty(0, np.bool_)
_NO_DOCUMENTS: Documents = np.empty(0, np.uint32)


class FlatField(NamedTuple):
    """A field as terms are asked for in it: the row of the tables, how a text becomes a term, and
    whether its terms score by idf."""

    number: int
    to_bytes: Callable[[Any], bytes]
    by_idf: bool


class FlatFields:
    """The fields over the segments of ``statistics``, scored by a ``BM25F`` of Whoosh."""

    def __init__(self, statistics: Statistics, weighting: Any) -> None:
        self.statistics = statistics
        self._weighting = weighting
        self._plain: dict[str, FlatField | None] = {}
        self._combined: dict[tuple[str, float], FlatField | None] = {}
        self._lock = threading.Lock()
        self.tables: list[Table] = [
            np.zeros((0, FIELD_WORDS), np.int64) for _ in statistics.segments
        ]
        """Of each segment, a row for each field that was asked for so far."""

    def plain(self, name: str) -> FlatField | None:
        """A field whose terms score by themselves; None where it is not indexed."""
        try:
            return self._plain[name]
        except KeyError:
            field = self._plain[name] = self._make_plain(name)
            return field

    def combined(self, name: str, b: float) -> FlatField | None:
        """A field whose terms score together with others, with length normalisation b."""
        try:
            return self._combined[name, b]
        except KeyError:
            known = self.statistics.field(name)
            field = None
            if known is not None:
                average = self.statistics.live_average_length(name)
                field = self._add(known, True, (0.0, 1 - b, b, average), by_idf=False)
            self._combined[name, b] = field
            return field

    def idf(self, text: str, fields: Mapping[str, tuple[float, float]]) -> float:
        """That of a text in any of the fields; what is given for each is its weight and its b."""
        df = self.statistics.kept_count((text, *fields), lambda: self._count(text, fields))
        return idf_of(self.statistics, df)

    def _count(self, text: str, fields: Mapping[str, tuple[float, float]]) -> int:
        """How many live documents hold a text in any of the fields."""
        known = [self.combined(name, b) for name, (_, b) in fields.items()]
        texts = text.encode()
        asked = np.zeros((len(known), ASKED_WORDS), np.int64)
        asked[:, FIELD] = [-1 if field is None else field.number for field in known]
        asked[:, TEXT_STOP] = len(texts)
        count = 0
        term = np.frombuffer(texts or b"\0", np.uint8)
        for segment, table in zip(self.statistics.segments, self.tables, strict=True):
            live = _ALL_LIVE if segment.live is None else segment.live
            count += self._counted(segment, live, table, asked, term)
        return count

    @staticmethod
    def _counted(segment: Segment, live: Mask, table: Table, asked: Table, term: Bytes) -> int:
        """``count_documents`` of a segment, made sure of. Raises IndexDamagedError."""
        content = segment.content()
        while True:
            found = count_documents(*content, live, table, asked, term, segment.size)
            if found != UNCHECKED:
                return int(found)
            segment.arrays.hold_wanted()

    def has_positions(self, name: str) -> bool:
        """Whether phrases can be looked for in a field."""
        known = self.statistics.field(name)
        return known is not None and known.has_positions

    def _make_plain(self, name: str) -> FlatField | None:
        known = self.statistics.field(name)
        if known is None:
            return None
        parameters: tuple[float, ...] = _NO_SATURATION
        if known.scorable:
            weighting = self._weighting
            b = weighting._field_B.get(name, weighting.B)  # Whoosh 2.7.4 has no public name for it
            parameters = self.statistics.saturation(name, b, weighting.K1).parameters
        return self._add(known, known.scorable, parameters, by_idf=known.scorable)

    def _add(
        self, known: KnownField, scored: bool, parameters: tuple[float, ...], *, by_idf: bool
    ) -> FlatField:
        """Adds a row for a field to every table."""
        numbers = np.frombuffer(_pack_numbers(*parameters), np.int64)
        with self._lock:
            number = len(self.tables[0])
            for segment, postings in enumerate(known.postings):
                row = np.zeros(FIELD_WORDS, np.int64)
                if postings is not None:
                    row[:-4] = postings.words(scored=scored)
                    row[-4:] = numbers
                self.tables[segment] = np.vstack([self.tables[segment], row])
        return FlatField(number, known.to_bytes, by_idf)
