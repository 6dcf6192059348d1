"""A term of one field: its documents, scored by BM25 as Whoosh 2.7.4 scores it.

::

    score = boost * idf * tf * (k1 + 1) / (tf + k1 * (1 - b + b * length / average))

with the exact length where Whoosh's own codec has a byte. A field without lengths scores by the
term frequency alone (Whoosh's rule for fields that are not ``scorable``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.located import LocatedTerm
from searchsvc.evaluation.plan import ConstantSelection, Plan, Selection
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.statistics import LengthTable
from searchsvc.evaluation.types import NO_DOCUMENTS, Documents, Indices, Scores
from searchsvc.postings.arrays import FieldPostings


class Saturation(NamedTuple):
    """How frequencies of a term become scores; ``table`` None: ``factor`` times the frequency."""

    factor: float
    table: LengthTable | None

    def scores(self, frequencies: Documents | None, lengths: Documents) -> Scores:
        """Scores of postings with these frequencies (None: all 1) and field lengths."""
        assert self.table is not None
        below = self.table.of(lengths)
        if frequencies is None:
            below += 1.0
            np.divide(self.factor, below, out=below)
            return below
        scores = frequencies.astype(np.float64)
        below += scores
        scores /= below
        scores *= self.factor
        return scores


class TermSelection(Selection):
    """The postings of a term in one segment."""

    __slots__ = ("_field", "_ordinal", "_saturation")

    def __init__(self, field: FieldPostings, ordinal: int, saturation: Saturation) -> None:
        super().__init__(field.documents(ordinal))
        self._field = field
        self._ordinal = ordinal
        self._saturation = saturation

    def scores(self, keep: Indices | None = None) -> Scores:
        documents = self.documents if keep is None else self.documents.take(keep)
        frequencies = self._field.frequencies(self._ordinal)
        if frequencies is not None and keep is not None:
            frequencies = frequencies.take(keep)
        lengths = self._field.lengths
        if self._saturation.table is not None and lengths is not None:
            return self._saturation.scores(frequencies, lengths.take(documents))
        if frequencies is None:
            return np.full(documents.size, self._saturation.factor)
        return frequencies.astype(np.float64) * self._saturation.factor


class TermPlan(Plan):
    """A term, and how its frequencies become scores."""

    def __init__(self, located: LocatedTerm, saturation: Saturation, deadline: Deadline) -> None:
        self.located = located
        self._saturation = saturation
        self._deadline = deadline

    def estimate(self, segment: Segment) -> int:
        return self.located.document_frequency(segment)

    def find(self, segment: Segment) -> Selection:
        self._deadline.check()
        found = self.located.postings(segment)
        if found is None:
            return ConstantSelection(NO_DOCUMENTS, 0.0)
        return TermSelection(*found, self._saturation)
