"""BM25F over the text fields, for words and for bigrams, added.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009): a term's
frequencies in the fields are length-normalised, weighted and added before they saturate::

    tf~(t, d)  = sum over fields f of  weight_f * tf(t, d, f) / (1 - b_f + b_f * len(d, f) / avg_f)
    score      = sum over terms t of   idf(t) * tf~ / (k1 + tf~)
    idf(t)     = ln(1 + (N - df + 0.5) / (df + 0.5))

``df`` counts live documents with the term in any of the fields, ``avg_f`` is the mean length of the
live documents that have the field. Words and bigrams have an equal say: alone they reach MRR@10
0.985 and 0.957 on CMRC2018, together 0.988.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from searchsvc.engines.whoosh.segment import Segment
from searchsvc.schema import TEXT_FIELD

K1 = 1.2
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RankedTerm:
    """A term of one analysis (``words`` or ``bigrams``), looked for in the given text fields."""

    term: str
    analysis: str
    fields: tuple[str, ...]
    boost: float = 1.0


class Ranking:
    """Statistics over all segments of an index, and scores by them."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._documents = sum(int(np.count_nonzero(s.live)) for s in segments)
        self._average: dict[str, float] = {}

    def scores(self, terms: Sequence[RankedTerm]) -> list[Scores]:
        """The sum of the terms' scores for every document, an array per segment."""
        totals = [np.zeros(s.size) for s in self._segments]
        for term in terms:
            _, parts = self.term_scores(term)
            for total, part in zip(totals, parts, strict=True):
                total += part
        return totals

    def term_scores(self, term: RankedTerm) -> tuple[float, list[Scores]]:
        """The term's idf, and its score for every document, an array per segment."""
        frequencies = [self._normalised_frequency(s, term) for s in self._segments]
        df = sum(int(np.count_nonzero(f)) for f in frequencies)
        idf = log(1 + (self._documents - df + 0.5) / (df + 0.5))
        return idf, [term.boost * idf * f / (K1 + f) for f in frequencies]

    def _normalised_frequency(self, segment: Segment, term: RankedTerm) -> Scores:
        total = np.zeros(segment.size)
        for name in term.fields:
            inverted = f"{name}_{term.analysis}"
            documents, frequencies = segment.postings(inverted, term.term)
            if len(documents):
                field = TEXT_FIELD[name]
                relative = segment.info[inverted][documents] / self._average_length(inverted)
                total[documents] += field.weight * frequencies / (1 - field.b + field.b * relative)
        return total

    def _average_length(self, inverted: str) -> float:
        if inverted not in self._average:
            sums = [s.field_totals[inverted] for s in self._segments]
            count = sum(n for _, n in sums)
            self._average[inverted] = sum(total for total, _ in sums) / count if count else 1.0
        return self._average[inverted]
