"""BM25F over several fields: a term's frequencies are added before they saturate.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009)::

    tf~(d) = sum over fields f of  weight_f * tf(d, f) / (1 - b_f + b_f * length(d, f) / average_f)
    score  = boost * idf * tf~ / (k1 + tf~)
    idf    = ln(1 + (N - df + 0.5) / (df + 0.5))

``N`` counts live documents, ``df`` the live documents with the term in any of the fields, and
``average_f`` is the mean length of the live documents that have the field.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import NamedTuple

import numpy as np

from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.located import LocatedTerm, frequencies_of, ranked
from searchsvc.evaluation.plan import Plan, Selection
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.selections import Part, SumSelection
from searchsvc.evaluation.sorted_sets import union
from searchsvc.evaluation.statistics import LengthTable, Statistics
from searchsvc.evaluation.types import Documents, Indices, Mask, Scores
from searchsvc.postings.arrays import FieldPostings


class WeightedTerm(NamedTuple):
    """The term in one of the fields, and the field's weight by length."""

    located: LocatedTerm
    weights: LengthTable


class FrequencySelection(Selection):
    """Documents with a term in one field; their "scores" are the weighted frequencies.

    ``ranks`` are those of the documents' postings, None where these are all of the list.
    """

    __slots__ = ("_field", "_ordinal", "_ranks", "_weights")

    def __init__(
        self,
        field: FieldPostings,
        ordinal: int,
        weights: LengthTable,
        documents: Documents,
        ranks: Indices | None,
    ) -> None:
        super().__init__(documents)
        self._field = field
        self._ordinal = ordinal
        self._weights = weights
        self._ranks = ranks

    def scores(self, keep: Indices | None = None) -> Scores:
        documents = self.documents if keep is None else self.documents.take(keep)
        lengths = self._field.lengths
        weighted = self._weights.of(
            np.zeros(documents.size, np.uint32) if lengths is None else lengths.take(documents)
        )
        ranks = self._ranks if keep is None or self._ranks is None else self._ranks.take(keep)
        if ranks is None:
            ranks = keep
        if ranks is None:
            frequencies = self._field.frequencies(self._ordinal)
        else:
            frequencies = frequencies_of(self._field, self._ordinal, ranks)
        if frequencies is not None:
            weighted *= frequencies
        return weighted


class CombinedSelection(SumSelection):
    """Weighted frequencies added, then saturated."""

    __slots__ = ("_factor", "_k1")

    def __init__(
        self, documents: Documents, parts: Sequence[Part], factor: float, k1: float
    ) -> None:
        super().__init__(documents, parts, 1.0)
        self._factor = factor
        self._k1 = k1

    def scores(self, keep: Indices | None = None) -> Scores:
        frequencies = super().scores(keep)
        frequencies /= frequencies + self._k1
        frequencies *= self._factor
        return frequencies


class CombinedPlan(Plan):
    """A term in any of several fields; ``factor`` is boost times idf."""

    def __init__(
        self, terms: Sequence[WeightedTerm], factor: float, k1: float, deadline: Deadline
    ) -> None:
        self._terms = tuple(terms)
        self._factor = factor
        self._k1 = k1
        self._deadline = deadline

    def estimate(self, segment: Segment) -> int:
        total = sum(term.located.document_frequencies[segment.number] for term in self._terms)
        return min(segment.size, total)

    def find(self, segment: Segment) -> Selection:
        parts = [part for term in self._terms if (part := self._part(segment, term))]
        return self._combined(segment, parts)

    def contains(self, segment: Segment, candidates: Documents) -> Mask:
        mask: Mask = np.zeros(candidates.size, np.bool_)
        for term in self._terms:
            self._deadline.check()
            mask |= term.located.holds(segment, candidates)
        return mask

    def select(self, segment: Segment, candidates: Documents) -> tuple[Indices, Selection]:
        parts = [part for term in self._terms if (part := self._part(segment, term, candidates))]
        selection = self._combined(segment, parts)
        return np.searchsorted(candidates, selection.documents), selection

    def _part(
        self, segment: Segment, term: WeightedTerm, candidates: Documents | None = None
    ) -> Selection | None:
        found = term.located.postings(segment)
        if found is None:
            return None
        self._deadline.check()
        if candidates is None:
            documents = found[0].documents(found[1])
            return FrequencySelection(*found, term.weights, documents, None)
        hits, ranks = ranked(*found, candidates)
        return FrequencySelection(*found, term.weights, candidates.take(hits), ranks)

    def _combined(self, segment: Segment, parts: Sequence[Selection]) -> Selection:
        if len(parts) == 1:
            documents = parts[0].documents
        else:
            documents = union([part.documents for part in parts], segment.size)
        return CombinedSelection(
            documents, [(part, None) for part in parts], self._factor, self._k1
        )


def combined_idf(statistics: Statistics, terms: Sequence[LocatedTerm], text: str) -> float:
    """The idf of ``text``, which is what the terms stand for in their fields."""
    key = (text, *(term.name for term in terms))
    df = statistics.kept_count(key, lambda: live_document_frequency(statistics.segments, terms))
    return idf_of(statistics, df)


def idf_of(statistics: Statistics, df: int) -> float:
    """The idf of what ``df`` live documents hold."""
    return log(1 + (statistics.live_documents - df + 0.5) / (df + 0.5))


def live_document_frequency(segments: Sequence[Segment], terms: Sequence[LocatedTerm]) -> int:
    """How many live documents hold any of the terms."""
    df = 0
    for segment in segments:
        found = [f for term in terms if (f := term.postings(segment)) is not None]
        if len(found) == 1 and segment.live is None:
            df += found[0][0].document_frequency(found[0][1])
        elif found:
            documents = union([field.documents(n) for field, n in found], segment.size)
            alive = segment.live
            df += documents.size if alive is None else int(np.count_nonzero(alive[documents]))
    return df
