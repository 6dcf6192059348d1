"""The collector: a Whoosh collector that evaluates a query over arrays, a segment at a time.

Made by ``ArraySearcher.collector``; gives an ordinary ``whoosh.searching.Results`` whose length is
the exact number of matches. Hits come by falling score, ties by document number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.collectors import Collector

from searchsvc.evaluation.boolean import AndPlan, NotPlan, OrPlan
from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.grouping import Grouping
from searchsvc.evaluation.kernels import best, best_of_all, matching
from searchsvc.evaluation.narrowing import narrowing_plan
from searchsvc.evaluation.ordering import Ordering, SortKey
from searchsvc.evaluation.plan import Plan
from searchsvc.evaluation.planner import Planner
from searchsvc.evaluation.results import ArrayResults
from searchsvc.evaluation.scratch import borrow, give_back
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.types import Documents, Indices, Scores


@dataclass(frozen=True, slots=True)
class Request:
    """What a search asks for beside its query, see ``whoosh.searching.Searcher.search``."""

    limit: int | None = 10
    sort_keys: list[SortKey] | None = None
    reverse: bool = False
    facets: dict[str, Any] | None = None
    counted: bool = False
    allow: Any = None
    restrict: Any = None
    scored: bool = True
    timeout_s: float | None = None

    @property
    def is_ranked(self) -> bool:
        """Whether nothing is asked for but the best hits and their number."""
        return self.sort_keys is None and not self.facets and self.scored and not self.reverse

    @property
    def is_usual(self) -> bool:
        """Whether it asks for the first hits by score or columns, and for counts of groups at most."""
        by_score = self.sort_keys is None and self.scored and not self.reverse
        return (by_score or self.sort_keys is not None) and (self.counted or not self.facets)


class ArrayCollector(Collector):  # type: ignore[misc]
    """Collects the hits of one search. Not to be wrapped in Whoosh's wrapping collectors."""

    def __init__(self, request: Request) -> None:
        super().__init__()
        self._request = request
        self._total = 0
        self._documents: list[tuple[Documents, int]] = []
        self._scores: list[Scores] = []
        self._ranked = request.is_ranked
        self._top_scored = request.scored and not request.reverse and request.sort_keys is None
        self._ordering: Ordering | None = None
        self._groupings: dict[str, Grouping] = {}

    def prepare(self, top_searcher: Any, q: Any, context: Any) -> None:
        """Makes the plans. Raises QueryCostError where the query stands for too many terms."""
        super().prepare(top_searcher, q, context)
        request = self._request
        self._deadline = Deadline(request.timeout_s)
        self._segments = top_searcher.segments
        planner = Planner(top_searcher.statistics, top_searcher.schema, context, self._deadline)
        self._plan = self._narrowed(planner, planner.plan(q))
        if request.sort_keys is not None:
            self._ordering = Ordering(
                request.sort_keys, self._segments, request.limit, request.reverse
            )
        for name, facet in (request.facets or {}).items():
            self._groupings[name] = Grouping(facet, planner, request.counted)

    def _narrowed(self, planner: Planner, plan: Plan) -> Plan:
        clauses = [plan]
        if self._request.allow is not None:
            clauses.append(narrowing_plan(planner, self._request.allow))
        if self._request.restrict is not None:
            clauses.append(NotPlan(narrowing_plan(planner, self._request.restrict)))
        if len(clauses) == 1:
            return plan
        return AndPlan(clauses, scored=(True, *(False for _ in clauses[1:])))

    def run(self) -> None:
        """Goes through all segments; an index without documents has none."""
        try:
            for segment in self._segments:
                self.set_subsearcher(segment.searcher, segment.offset)
                self.collect_matches()
        finally:
            self.finish()

    def set_subsearcher(self, subsearcher: Any, offset: int) -> None:
        """Goes to the next segment; no matcher is made."""
        self.subsearcher = subsearcher
        self.offset = offset
        self._segment: Segment = self._segments[subsearcher.segment_number]

    def collect_matches(self) -> None:
        """Evaluates the query in the segment. Raises QueryCostError when the time is up."""
        self._deadline.check()
        segment, limit = self._segment, self._request.limit
        if limit and self._top_scored and self._collect_dense(segment, limit):
            return
        found = self._plan.find(segment)
        keep: Indices | None = None
        if segment.live is not None:
            alive = segment.live.take(found.documents)
            keep = None if alive.all() else np.flatnonzero(alive)
        documents = found.documents if keep is None else found.documents.take(keep)
        self._total += documents.size
        if not documents.size:
            return
        if limit and found.constant is not None and self._ranked:
            first = documents[:limit]
            self._add(segment, first, np.full(first.size, found.constant))
        elif self._needs_scores():
            self._collect(segment, documents, found.scores(keep))
        else:
            self._collect(segment, documents, None)

    def _needs_scores(self) -> bool:
        if self._ordering is not None:
            return self._ordering.needs_scores
        return self._request.scored

    def _collect(self, segment: Segment, documents: Documents, scores: Scores | None) -> None:
        for grouping in self._groupings.values():
            grouping.add(segment, documents, scores)
        limit = self._request.limit
        if self._ordering is not None:
            self._ordering.add(segment, documents, scores)
        elif scores is None:
            self._add(segment, documents if limit is None else documents[:limit], None)
        elif limit is None or self._request.reverse:
            self._add(segment, documents, scores)
        else:
            self._add(segment, *best(documents, scores, limit))

    def _collect_dense(self, segment: Segment, limit: int) -> bool:
        """Adds up an OR in an array over the segment; False where that does not pay or is wrong."""
        plan = self._plan
        if not isinstance(plan, OrPlan) or plan.boost != 1.0 or not plan.is_dense(segment):
            return False
        if self._groupings and not self._request.counted:
            return False
        totals = borrow(segment.size, np.float64)
        known = plan.add_scores(segment, totals)
        if known:
            if segment.live is not None:
                totals *= segment.live
            documents, scores, matches = best_of_all(totals, limit)
            self._total += matches
            self._add(segment, documents, scores)
            for grouping in self._groupings.values():
                grouping.add(segment, matching(totals, matches))
        give_back(totals)
        return known

    def _add(self, segment: Segment, documents: Documents, scores: Scores | None) -> None:
        self._documents.append((documents, segment.offset))
        if scores is not None:
            self._scores.append(scores)

    def matches(self) -> Any:
        """Whoosh's wrapping collectors step through this; here is nothing to step through."""
        raise NotImplementedError("pass filter=, groupedby= or timeout_s= to search() instead")

    def computes_count(self) -> bool:
        """The number of matches is always exact."""
        return True

    def count(self) -> int:
        """The number of matches."""
        return self._total

    def all_ids(self) -> Any:
        """The numbers of all matches, ascending; evaluates the query once more."""
        for segment in self._segments:
            documents = self._plan.find(segment).documents
            if segment.live is not None:
                documents = documents[segment.live.take(documents)]
            yield from (documents.astype(np.int64) + segment.offset).tolist()

    def results(self) -> Any:
        """The results, in Whoosh's form."""
        results = ArrayResults(self.top_searcher, self.q, self._items(), self._total, lambda: self)
        results.runtime = self.runtime
        results._facetmaps = self._groupings
        results.allowed = self._request.allow
        results.restricted = self._request.restrict
        return results

    def _items(self) -> list[tuple[Any, int]]:
        request = self._request
        if self._ordering is not None:
            return self._ordering.items()
        if not self._documents:
            return []
        numbers = _numbers(self._documents)
        if not request.scored:
            return [(None, number) for number in numbers[: request.limit].tolist()]
        scores = self._scores[0] if len(self._scores) == 1 else np.concatenate(self._scores)
        if len(self._documents) == 1 and self._ranked and request.limit:
            return list(zip(scores.tolist(), numbers.tolist(), strict=True))
        order = np.lexsort((numbers, -scores))
        if request.reverse:
            order = order[::-1]
        order = order[: request.limit]
        return list(zip(scores[order].tolist(), numbers[order].tolist(), strict=True))


def _numbers(parts: list[tuple[Documents, int]]) -> NDArray[np.int64]:
    """Numbers among all segments, of documents with the offset of their segment."""
    numbers = [documents.astype(np.int64) + offset for documents, offset in parts]
    return numbers[0] if len(numbers) == 1 else np.concatenate(numbers)
