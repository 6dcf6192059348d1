"""Candidates held against what is stored of them: the one plan that reads documents.

So it comes last, and reads only what all others leave.
"""

from __future__ import annotations

import numpy as np

from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.plan import ConstantSelection, Plan, Selection
from searchsvc.evaluation.queries import VerifiedQuery
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.types import Documents, Indices, Mask


class VerifiedPlan(Plan):
    """Documents of ``candidates`` whose stored content holds what the query asks; all score 0."""

    def __init__(self, query: VerifiedQuery, candidates: Plan, deadline: Deadline) -> None:
        self._query = query
        self._candidates = candidates
        self._deadline = deadline

    def estimate(self, segment: Segment) -> int:
        """More than of any other clause; of several, the one with fewest candidates is read first."""
        return segment.size + self._candidates.estimate(segment)

    def find(self, segment: Segment) -> Selection:
        documents = self._candidates.find(segment).documents
        if segment.live is not None:
            documents = documents[segment.live.take(documents)]
        return ConstantSelection(documents[self._verified(segment, documents)], 0.0)

    def contains(self, segment: Segment, candidates: Documents) -> Mask:
        mask = self._candidates.contains(segment, candidates)
        mask[mask] = self._verified(segment, candidates[mask])
        return mask

    def select(self, segment: Segment, candidates: Documents) -> tuple[Indices, Selection]:
        hits = np.flatnonzero(self.contains(segment, candidates))
        return hits, ConstantSelection(candidates.take(hits), 0.0)

    def _verified(self, segment: Segment, documents: Documents) -> Mask:
        known = self._query.verdicts.get(segment.number)
        if known is None:
            known = self._query.verdicts[segment.number] = np.zeros(segment.size, np.int8)
        for document in documents[known.take(documents) == 0].tolist():
            self._deadline.check()
            known[document] = 1 if self._query.holds(segment.arrays.stored(document)) else -1
        return known.take(documents) > 0
