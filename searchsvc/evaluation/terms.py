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
from searchsvc.evaluation.kernels import add_bm25, bm25
from searchsvc.evaluation.located import LocatedTerm, frequencies_of, ranked
from searchsvc.evaluation.plan import ConstantSelection, Plan, Selection
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.statistics import LengthTable
from searchsvc.evaluation.types import NO_DOCUMENTS, Documents, Indices, Mask, Scores
from searchsvc.postings.arrays import FieldPostings


class Saturation(NamedTuple):
    """How frequencies of a term become scores; ``table`` None: ``factor`` times the frequency."""

    factor: float
    table: LengthTable | None


class TermSelection(Selection):
    """The postings of a term in one segment, or those of them that have certain ranks."""

    __slots__ = ("_field", "_ordinal", "_ranks", "_saturation")

    def __init__(
        self,
        field: FieldPostings,
        ordinal: int,
        saturation: Saturation,
        documents: Documents,
        ranks: Indices | None = None,
    ) -> None:
        super().__init__(documents)
        self._field = field
        self._ordinal = ordinal
        self._saturation = saturation
        self._ranks = ranks

    def scores(self, keep: Indices | None = None) -> Scores:
        documents = self.documents if keep is None else self.documents.take(keep)
        frequencies = self._frequencies(keep)
        factor, table = self._saturation
        lengths = self._field.lengths
        if table is not None and lengths is not None:
            return bm25(documents, frequencies, lengths, table.values, factor)
        if frequencies is None:
            return np.full(documents.size, factor)
        return frequencies.astype(np.float64) * factor

    def _frequencies(self, keep: Indices | None) -> Documents | None:
        ranks = keep
        if self._ranks is not None:
            ranks = self._ranks if keep is None else self._ranks.take(keep)
        if ranks is None:
            return self._field.frequencies(self._ordinal)
        return frequencies_of(self._field, self._ordinal, ranks)

    def add_to(self, totals: Scores) -> None:
        """Adds the scores to ``totals``, (segment size,)."""
        lengths = self._field.lengths
        factor, table = self._saturation
        if table is None or lengths is None:
            np.add.at(totals, self.documents.astype(np.intp), self.scores())
            return
        frequencies = self._field.frequencies(self._ordinal)
        add_bm25(self.documents, frequencies, lengths, table.values, factor, totals)


class TermPlan(Plan):
    """A term, and how its frequencies become scores."""

    def __init__(self, located: LocatedTerm, saturation: Saturation, deadline: Deadline) -> None:
        self.located = located
        self._saturation = saturation
        self._deadline = deadline

    def estimate(self, segment: Segment) -> int:
        return self.located.document_frequencies[segment.number]

    def find(self, segment: Segment) -> Selection:
        self._deadline.check()
        found = self.located.postings(segment)
        if found is None:
            return ConstantSelection(NO_DOCUMENTS, 0.0)
        return TermSelection(*found, self._saturation, found[0].documents(found[1]))

    def contains(self, segment: Segment, candidates: Documents) -> Mask:
        self._deadline.check()
        return self.located.holds(segment, candidates)

    def select(self, segment: Segment, candidates: Documents) -> tuple[Indices, Selection]:
        self._deadline.check()
        found = self.located.postings(segment)
        if found is None:
            return np.empty(0, np.intp), ConstantSelection(NO_DOCUMENTS, 0.0)
        hits, ranks = ranked(*found, candidates)
        documents = candidates.take(hits)
        return hits, TermSelection(*found, self._saturation, documents, ranks)

    def add_scores(self, segment: Segment, totals: Scores) -> bool:
        self._deadline.check()
        found = self.located.postings(segment)
        if found is not None:
            documents = found[0].documents(found[1])
            TermSelection(*found, self._saturation, documents).add_to(totals)
        return self._saturation.factor > 0
