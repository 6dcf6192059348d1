"""Phrases of words: terms one after the other, each at most ``slop`` positions behind the last.

Documents with all the words first, then their positions, the rarest first. A phrase scores the sum
of its words' scores in the documents where it stands (Whoosh's rule).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from searchsvc.evaluation.boolean import AndPlan
from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.plan import ConstantSelection, NarrowedSelection, Plan, Selection
from searchsvc.evaluation.positions import distinct_documents, documents_at, term_positions
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.sorted_sets import common_positions
from searchsvc.evaluation.terms import TermPlan
from searchsvc.evaluation.types import (
    NO_DOCUMENTS,
    NO_POSITIONS,
    Documents,
    Indices,
    Mask,
    Positions,
)
from searchsvc.postings.arrays import FieldPostings


class PhrasePlan(Plan):
    """``words`` are plans of terms of one field, in the order of the phrase; at least two."""

    def __init__(
        self, words: Sequence[TermPlan], slop: int, boost: float, deadline: Deadline
    ) -> None:
        self.words = tuple(words)
        self.boost = boost
        self._all = AndPlan(words, boost)
        self.slop = slop
        self._deadline = deadline

    def estimate(self, segment: Segment) -> int:
        return self._all.estimate(segment)

    def find(self, segment: Segment) -> Selection:
        return self._standing(segment, self._all.find(segment))

    def select(self, segment: Segment, candidates: Documents) -> tuple[Indices, Selection]:
        _, together = self._all.select(segment, candidates)
        selection = self._standing(segment, together)
        return np.searchsorted(candidates, selection.documents), selection

    def _standing(self, segment: Segment, together: Selection) -> Selection:
        """Of the documents that hold all the words, those where the phrase stands."""
        field = segment.field(self.words[0].located.name)
        if field is None or not together.documents.size:
            return ConstantSelection(NO_DOCUMENTS, 0.0)
        ends = self._ends(segment, field, together.documents)
        return NarrowedSelection(together, distinct_documents(field, ends))

    def _ends(self, segment: Segment, field: FieldPostings, within: Documents) -> Positions:
        found = [word.located.postings(segment) for word in self.words]
        ordinals = [postings[1] for postings in found if postings is not None]

        def positions(number: int, among: Documents) -> Positions:
            self._deadline.check()
            return term_positions(field, ordinals[number], among)

        if self.slop == 1:
            rarest_first = sorted(
                range(len(ordinals)), key=lambda n: field.collection_frequency(ordinals[n])
            )
            first = rarest_first[0]
            starts = positions(first, within) - first
            for number in rarest_first[1:]:
                if not starts.size:
                    break
                within = distinct_documents(field, starts + first)
                starts = common_positions(starts, positions(number, within) - number)
            return starts
        ends = positions(0, within)
        for number in range(1, len(ordinals)):
            ends = _followers(field, ends, positions(number, within), self.slop)
        return ends


def _followers(field: FieldPostings, ends: Positions, positions: Positions, slop: int) -> Positions:
    """Those of ``positions`` that lie 1 to ``slop`` behind one of ``ends`` in their document."""
    if not ends.size or not positions.size:
        return NO_POSITIONS
    nearest = np.searchsorted(ends, positions) - 1
    behind = nearest >= 0
    before = ends.take(np.maximum(nearest, 0))
    behind &= positions - before <= slop
    positions, before = positions[behind], before[behind]
    same: Mask = documents_at(field, positions) == documents_at(field, before)
    return positions[same]
