"""Terms as rows of ``compiled_search``'s table, kept for the terms that queries ask for again.

A row holds where a term's list lies in a segment and how it scores, so that a query is put together
from bytes. Made once by the searcher; safe to use from several threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from struct import Struct
from typing import Any, NamedTuple

from searchsvc.evaluation.combined import combined_idf
from searchsvc.evaluation.decoded import DECODED_FROM, Row
from searchsvc.evaluation.statistics import Statistics

KEPT_ROWS = 1 << 14
"""Terms kept per searcher (some 6 MB and 100 bytes for each further segment)."""

Rows = tuple[Row | None, ...]
"""A row for each segment, None where it lacks the term."""

_pack = Struct("=6q5d").pack
_NO_SATURATION = (0.0, 0.0, 0.0, 1.0)


class Combined(NamedTuple):
    """A term in several fields: its rows, its factor (boost times idf), whether all weigh above 0."""

    fields: tuple[Rows, ...]
    factor: float
    is_positive: bool


class TermRows:
    """The rows of terms over the segments of ``statistics``, scored by a ``BM25F`` of Whoosh."""

    def __init__(self, statistics: Statistics, weighting: Any) -> None:
        self._statistics = statistics
        self._weighting = weighting
        self.nowhere: Rows = (None,) * len(statistics.segments)
        """The rows of a term that no segment has."""
        self._terms: dict[tuple[str, Any, float], Rows | None] = {}
        self._combined: dict[tuple[Any, ...], Combined] = {}

    def term(self, name: str, text: Any, boost: float) -> Rows | None:
        """The rows of a term; None where the field or such a term cannot be."""
        key = (name, text, boost)
        try:
            return self._terms[key]
        except KeyError:
            if len(self._terms) >= KEPT_ROWS:
                self._terms = {}
            rows = self._terms[key] = self._make_term(name, text, boost)
            return rows

    def has_positions(self, name: str) -> bool:
        """Whether phrases can be looked for in a field."""
        known = self._statistics.field(name)
        return known is not None and known.has_positions

    def combined(
        self, text: str, fields: Mapping[str, tuple[float, float]], boost: float
    ) -> Combined:
        """The rows of a term in those of the ``fields`` (weight and b) that have it."""
        key = (text, boost, *fields.items())
        try:
            return self._combined[key]
        except KeyError:
            if len(self._combined) >= KEPT_ROWS:
                self._combined = {}
            combined = self._combined[key] = self._make_combined(text, fields, boost)
            return combined

    def _make_term(self, name: str, text: Any, boost: float) -> Rows | None:
        statistics = self._statistics
        field = statistics.field(name)
        try:
            term = None if field is None else field.to_bytes(text)
        except ValueError:
            term = None
        if field is None or term is None:
            return None
        scored = field.scorable
        heads = [
            None if postings is None else postings.row(term, scored=scored)
            for postings in field.postings
        ]
        factor = boost
        parameters: tuple[float, ...] = _NO_SATURATION
        if scored:
            weighting = self._weighting
            idf = statistics.idf(sum([head[1] for head in heads if head is not None]))
            factor = boost * idf * (weighting.K1 + 1)
            b = weighting._field_B.get(name, weighting.B)  # Whoosh 2.7.4 has no public name for it
            parameters = statistics.saturation(name, b, weighting.K1).parameters
        numbers = (factor, *parameters)
        return tuple([None if head is None else _row(head, numbers) for head in heads])

    def _make_combined(
        self, text: str, fields: Mapping[str, tuple[float, float]], boost: float
    ) -> Combined:
        statistics, term = self._statistics, text.encode()
        located = [statistics.locate(name, term) for name in fields]
        factor = boost * combined_idf(statistics, located, text)
        parts, positive = [], factor > 0
        for name, (weight, b) in fields.items():
            field = statistics.field(name)
            if field is None:
                continue
            heads = [
                None if postings is None else postings.row(term, scored=True)
                for postings in field.postings
            ]
            if any(heads):
                average = statistics.live_average_length(name)
                numbers = (weight, 0.0, 1 - b, b, average)
                parts.append(
                    tuple([None if head is None else _row(head, numbers) for head in heads])
                )
                positive = positive and weight > 0
        return Combined(tuple(parts), factor, positive)


def _row(head: tuple[int, ...], numbers: tuple[float, ...]) -> Row:
    return Row(_pack(*head, *numbers), head[0] if head[1] >= DECODED_FROM else -1)
