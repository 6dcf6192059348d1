"""Plans of the usual shapes as tables of numbers, for ``compiled_search``: a segment in one call.

A term, a phrase, an OR of terms, and an AND of these, without some, within a run of documents, is a
conjunction of clauses over posting lists. What has another shape, or more to ask for than its best
documents and their number, is evaluated by the plans themselves, which give the same and are what
tests compare with. Made once for a search by the collector.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from searchsvc.evaluation.boolean import AndPlan, NotPlan, OrPlan
from searchsvc.evaluation.compiled_search import search_segment
from searchsvc.evaluation.compiled_tables import (
    ALL,
    ANY,
    NONE,
    PHRASE,
    RUN,
    STARTS,
)
from searchsvc.evaluation.phrases import PhrasePlan
from searchsvc.evaluation.plan import Plan
from searchsvc.evaluation.ranges import RangePlan
from searchsvc.evaluation.scratch import borrow, give_back
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.terms import TermPlan
from searchsvc.evaluation.types import Documents, Mask, Scores

MOST_BEST = 200
"""Hits asked for beyond which sorting beats inserting one by one."""

_ALL_LIVE: Mask = np.empty(0, np.bool_)
_NO_TOTALS: Scores = np.empty(0)
_NOTHING_SET = np.empty(0, np.intp)
_NO_SATURATION = (0.0, 0.0, 0.0, 1.0)

Found = tuple[Documents, Scores, int]
_NOTHING: Found = (np.empty(0, np.uint32), _NO_TOTALS, 0)


@dataclass(slots=True)
class Clause:
    """A clause of a conjunction; ``boost`` is 0 where it does not score."""

    kind: int
    terms: Sequence[TermPlan] = ()
    boost: float = 1.0
    range: RangePlan | None = None


class FlatSearch:
    """A conjunction of clauses; its score is ``boost`` times the sum of theirs."""

    def __init__(self, clauses: Sequence[Clause], boost: float) -> None:
        self._clauses = clauses
        self._boost = boost
        self._is_any = len(clauses) == 1 and clauses[0].kind == ANY and boost == 1.0

    def best(self, segment: Segment, limit: int) -> Found | None:
        """The best documents, best first, their scores, and how many match.

        None where the segment's arrays are not those of one file, where a range is no run there, or
        a phrase's field has no positions.
        """
        file = segment.arrays.file
        if file is None:
            return None
        rows: list[tuple[int, ...]] = []
        weights: list[tuple[float, ...]] = []
        clauses: list[tuple[int, int, int]] = []
        for clause in self._clauses:
            first = len(rows)
            if clause.range is not None:
                run = clause.range.run(segment)
                if run is None:
                    return None
                clauses.append((RUN, run.start, run.stop))
                continue
            for number, term in enumerate(clause.terms):
                row = term.row(segment, number)
                if row is not None:
                    if clause.kind == PHRASE and row[STARTS] < 0:
                        return None
                    rows.append(row)
                    weights.append(term.weights)
                elif clause.kind in (ALL, PHRASE):
                    return _NOTHING
            if len(rows) == first and clause.kind == ANY:
                return _NOTHING
            clauses.append((clause.kind, first, len(rows)))
        weights.extend((clause.boost, *_NO_SATURATION) for clause in self._clauses)
        weights.append((self._boost, *_NO_SATURATION))
        totals = _NO_TOTALS
        if self._is_any and len(rows) > 1 and all(row[0] > 0 for row in weights):
            totals = borrow(segment.size, np.float64)
        found = search_segment(
            file,
            _ALL_LIVE if segment.live is None else segment.live,
            np.array(rows, np.int64),
            np.array(clauses, np.int64),
            np.array(weights),
            segment.size,
            limit,
            totals,
        )
        if totals.size:
            give_back(totals, _NOTHING_SET)
        return found


def flattened(plan: Plan) -> FlatSearch | None:
    """The plan as a conjunction of clauses, None where it is none."""
    kind = type(plan)
    if kind is not AndPlan:
        clause = _clause(plan, scored=True)
        return None if clause is None or clause.kind in (NONE, RUN) else FlatSearch([clause], 1.0)
    assert isinstance(plan, AndPlan)
    clauses = _conjunction(plan)
    if clauses is None or all(clause.kind in (NONE, RUN) for clause in clauses):
        return None
    return FlatSearch(clauses, plan.boost)


def _conjunction(plan: AndPlan) -> list[Clause] | None:
    clauses: list[Clause] = []
    for number, (child, scored) in enumerate(zip(plan.clauses, plan.scored, strict=True)):
        # the first may be a conjunction itself: its sum is what the others are added to
        if number == 0 and type(child) is AndPlan and child.boost == 1.0 and scored:
            inner = _conjunction(child)
            if inner is None:
                return None
            clauses += inner
            continue
        clause = _clause(child, scored)
        if clause is None:
            return None
        clauses.append(clause)
    return clauses


def _clause(plan: Plan, scored: bool) -> Clause | None:
    """The clause of a plan that is neither a range nor a combination of combinations."""
    clause: Clause | None = None
    if type(plan) is TermPlan:
        clause = Clause(ANY, [plan])
    elif type(plan) is OrPlan:
        terms = _terms(plan.clauses)
        clause = None if terms is None else Clause(ANY, terms, plan.boost)
    elif type(plan) is AndPlan:
        terms = _terms(plan.clauses) if all(plan.scored) else None
        clause = None if terms is None else Clause(ALL, terms, plan.boost)
    elif type(plan) is PhrasePlan and plan.slop == 1:
        clause = Clause(PHRASE, plan.words, plan.boost)
    elif type(plan) is NotPlan:
        without = _clause(plan.child, scored=False)
        if without is not None and without.kind == ANY:
            clause = Clause(NONE, without.terms)
    elif type(plan) is RangePlan:
        clause = Clause(RUN, boost=plan.score, range=plan)
    if clause is not None and not scored:
        clause.boost = 0.0
    return clause


def _terms(plans: Sequence[Plan]) -> list[TermPlan] | None:
    """The plans, where all of them are of terms."""
    terms = [plan for plan in plans if type(plan) is TermPlan]
    return terms if len(terms) == len(plans) else None
