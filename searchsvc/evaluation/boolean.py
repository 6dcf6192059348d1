"""Combinations of plans: all, any, best, none of, without, perhaps, only with.

The smallest set of documents comes first and the others only look up what is left of it. Scores are
added in the order in which the clauses were given, whatever the order of evaluation, so that equal
documents of different segments get equal sums.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.expansion import documents_of
from searchsvc.evaluation.plan import ArraySelection, ConstantSelection, Plan, Selection
from searchsvc.evaluation.scratch import borrow, give_back
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.selections import BestSelection, OptionalSelection, SumSelection
from searchsvc.evaluation.sorted_sets import members, union
from searchsvc.evaluation.types import NO_DOCUMENTS, Documents, Indices, Mask, Scores

DENSE_SHARE = 16
"""An OR whose postings are more than a 16th of the segment adds up in an array as long as it."""


class AndPlan(Plan):
    """Documents of all clauses; the score is the sum over those clauses that are ``scored``."""

    def __init__(
        self, clauses: Sequence[Plan], boost: float = 1.0, scored: Sequence[bool] = ()
    ) -> None:
        self.clauses = tuple(clauses)
        self.boost = boost
        self.scored = tuple(scored) or (True,) * len(self.clauses)

    def estimate(self, segment: Segment) -> int:
        return min(clause.estimate(segment) for clause in self.clauses)

    def find(self, segment: Segment) -> Selection:
        order = self._order(segment)
        first = self.clauses[order[0]].find(segment)
        return self._narrowed(segment, first.documents, order[1:], {order[0]: (first, None)})

    def contains(self, segment: Segment, candidates: Documents) -> Mask:
        mask: Mask = np.zeros(candidates.size, np.bool_)
        left = np.arange(candidates.size)
        for number in self._order(segment):
            if left.size:
                documents = candidates.take(left)
                left = left[self.clauses[number].contains(segment, documents)]
        mask[left] = True
        return mask

    def select(self, segment: Segment, candidates: Documents) -> tuple[Indices, Selection]:
        order = self._order(segment)
        _, first = self.clauses[order[0]].select(segment, candidates)
        selection = self._narrowed(segment, first.documents, order[1:], {order[0]: (first, None)})
        return np.searchsorted(candidates, selection.documents), selection

    def _order(self, segment: Segment) -> list[int]:
        """Clauses by the number of documents they may find, fewest first."""
        estimates = [clause.estimate(segment) for clause in self.clauses]
        return sorted(range(len(estimates)), key=estimates.__getitem__)

    def _narrowed(
        self,
        segment: Segment,
        documents: Documents,
        order: Sequence[int],
        parts: dict[int, tuple[Selection, Indices | None]],
    ) -> Selection:
        for number in order:
            if not documents.size:
                return ConstantSelection(NO_DOCUMENTS, 0.0)
            clause = self.clauses[number]
            if self.scored[number]:
                hits, part = clause.select(segment, documents)
            else:
                hits, part = np.flatnonzero(clause.contains(segment, documents)), None
            if hits.size < documents.size:
                documents = documents.take(hits)
                parts = {
                    n: (chosen, hits if old is None else old.take(hits))
                    for n, (chosen, old) in parts.items()
                }
            if part is not None:
                parts[number] = (part, None)
        scored = [parts[n] for n in sorted(parts) if self.scored[n]]
        return SumSelection(documents, scored, self.boost)


class OrPlan(Plan):
    """Documents of any clause; the score is the sum over the clauses that match."""

    def __init__(self, clauses: Sequence[Plan], boost: float = 1.0) -> None:
        self.clauses = tuple(clauses)
        self.boost = boost

    def estimate(self, segment: Segment) -> int:
        return min(segment.size, sum(clause.estimate(segment) for clause in self.clauses))

    def is_dense(self, segment: Segment) -> bool:
        """Whether so many postings are expected that an array over the segment pays."""
        postings = sum(clause.estimate(segment) for clause in self.clauses)
        return postings * DENSE_SHARE > segment.size

    def find(self, segment: Segment) -> Selection:
        if self.boost > 0 and self.is_dense(segment):
            totals = borrow(segment.size, np.float64)
            if self._add_clauses(segment, totals):
                numbers = np.flatnonzero(totals > 0)  # much faster than of the numbers
                scores = totals.take(numbers)
                if self.boost != 1.0:
                    scores *= self.boost
                give_back(totals, numbers)
                return ArraySelection(numbers.astype(np.uint32), scores)
            give_back(totals)
        found = [clause.find(segment) for clause in self.clauses]
        return self._combined(union([f.documents for f in found], segment.size), found)

    def contains(self, segment: Segment, candidates: Documents) -> Mask:
        mask: Mask = np.zeros(candidates.size, np.bool_)
        for clause in self.clauses:
            mask |= clause.contains(segment, candidates)
        return mask

    def select(self, segment: Segment, candidates: Documents) -> tuple[Indices, Selection]:
        found = [clause.select(segment, candidates)[1] for clause in self.clauses]
        documents = union([f.documents for f in found], segment.size)
        return np.searchsorted(candidates, documents), self._combined(documents, found)

    def add_scores(self, segment: Segment, totals: Scores) -> bool:
        if self.boost != 1.0:
            return super().add_scores(segment, totals)
        return self._add_clauses(segment, totals)

    def _add_clauses(self, segment: Segment, totals: Scores) -> bool:
        positive = [clause.add_scores(segment, totals) for clause in self.clauses]
        return all(positive)

    def _combined(self, documents: Documents, found: Sequence[Selection]) -> Selection:
        return SumSelection(documents, [(f, None) for f in found], self.boost)


class BestPlan(OrPlan):
    """Documents of any clause; the score is the best of the clauses that match, plus
    ``tiebreak`` times the others (Whoosh 2.7.4 takes the parameter and forgets it).
    """

    def __init__(self, clauses: Sequence[Plan], boost: float, tiebreak: float) -> None:
        super().__init__(clauses, boost)
        self._tiebreak = tiebreak

    def is_dense(self, segment: Segment) -> bool:
        return False

    def add_scores(self, segment: Segment, totals: Scores) -> bool:
        return Plan.add_scores(self, segment, totals)

    def _combined(self, documents: Documents, found: Sequence[Selection]) -> Selection:
        return BestSelection(documents, found, self.boost, self._tiebreak)


class NotPlan(Plan):
    """Documents that a plan does not find, each with the score 1 that Whoosh gives them."""

    def __init__(self, child: Plan) -> None:
        self.child = child

    def estimate(self, segment: Segment) -> int:
        return max(segment.size, self.child.estimate(segment))  # no sooner than the child itself

    def find(self, segment: Segment) -> Selection:
        mask = np.ones(segment.size, np.bool_)
        mask[self.child.find(segment).documents.astype(np.intp)] = False
        return ConstantSelection(np.flatnonzero(mask).astype(np.uint32), 1.0)

    def contains(self, segment: Segment, candidates: Documents) -> Mask:
        return ~self.child.contains(segment, candidates)

    def select(self, segment: Segment, candidates: Documents) -> tuple[Indices, Selection]:
        hits = np.flatnonzero(self.contains(segment, candidates))
        return hits, ConstantSelection(candidates.take(hits), 1.0)


class OptionalPlan(Plan):
    """Documents of ``wanted``; those that ``optional`` finds too get its score added."""

    def __init__(self, wanted: Plan, optional: Plan) -> None:
        self._wanted = wanted
        self._optional = optional

    def estimate(self, segment: Segment) -> int:
        return self._wanted.estimate(segment)

    def find(self, segment: Segment) -> Selection:
        return OptionalSelection(self._wanted.find(segment), self._optional, segment)

    def contains(self, segment: Segment, candidates: Documents) -> Mask:
        return self._wanted.contains(segment, candidates)

    def select(self, segment: Segment, candidates: Documents) -> tuple[Indices, Selection]:
        hits, wanted = self._wanted.select(segment, candidates)
        return hits, OptionalSelection(wanted, self._optional, segment)


class ConstantPlan(Plan):
    """Documents of a plan, each with the same score."""

    def __init__(self, child: Plan, score: float) -> None:
        self._child = child
        self._score = score

    def estimate(self, segment: Segment) -> int:
        return self._child.estimate(segment)

    def find(self, segment: Segment) -> Selection:
        return ConstantSelection(self._child.find(segment).documents, self._score)

    def contains(self, segment: Segment, candidates: Documents) -> Mask:
        return self._child.contains(segment, candidates)

    def select(self, segment: Segment, candidates: Documents) -> tuple[Indices, Selection]:
        hits = np.flatnonzero(self._child.contains(segment, candidates))
        return hits, ConstantSelection(candidates.take(hits), self._score)


class EveryPlan(Plan):
    """All documents, or those that have any term in a field, each with the same score."""

    def __init__(self, score: float, field: str | None, deadline: Deadline) -> None:
        self._score = score
        self._field = field
        self._deadline = deadline

    def estimate(self, segment: Segment) -> int:
        return segment.size

    def find(self, segment: Segment) -> Selection:
        return ConstantSelection(self._documents(segment), self._score)

    def contains(self, segment: Segment, candidates: Documents) -> Mask:
        if self._field is None:
            return np.ones(candidates.size, np.bool_)
        return members(candidates, self._documents(segment), segment.size)

    def _documents(self, segment: Segment) -> Documents:
        if self._field is None:
            return np.arange(segment.size, dtype=np.uint32)
        field = segment.field(self._field)
        if field is None:
            return NO_DOCUMENTS
        return documents_of(field, range(field.n_terms), segment.size, self._deadline)
