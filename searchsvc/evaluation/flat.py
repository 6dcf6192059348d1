"""Searches of the usual shapes, each segment in one compiled call.

``FlatSearcher`` is made once by the searcher, and asked first: what it cannot do, or has more to ask
for than ``MOST_BEST`` documents, is evaluated by the plans. Raises ImportError where numba is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any

import numpy as np

from searchsvc.evaluation.compiled_search import search_segment
from searchsvc.evaluation.compiled_tables import (
    ALL,
    ALL_DOCUMENTS,
    ALL_SCORES,
    ANY,
    BEST,
    GIVEN,
    PHRASE,
    RUN,
    TEXTS,
    Found,
)
from searchsvc.evaluation.decoded import DecodedLists, Row
from searchsvc.evaluation.flattening import Clause, Flattening, NotFlatError
from searchsvc.evaluation.planner import Planner
from searchsvc.evaluation.ranges import RangePlan
from searchsvc.evaluation.scratch import borrow, keep_zeros
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.statistics import Statistics
from searchsvc.evaluation.term_rows import TermRows
from searchsvc.evaluation.types import Documents, Mask, Scores

MOST_BEST = 200
"""Hits asked for beyond which sorting beats inserting one by one."""

_ALL_LIVE: Mask = np.empty(0, np.bool_)
_NO_SCORES: Scores = np.empty(0)
_NO_DOCUMENTS: Documents = np.empty(0, np.uint32)
_NOTHING: Found = (_NO_DOCUMENTS, _NO_SCORES, 0, _NO_DOCUMENTS, _NO_SCORES)

_pack_clause = Struct("=4q2d").pack
_pack_boost = Struct("=d").pack
_NEEDED = frozenset((ANY, ALL, PHRASE, TEXTS, GIVEN, RUN))
"""Kinds of which nothing may be left out: without documents, there are none at all."""


class FlatSearch:
    """A conjunction of clauses; its score is ``boost`` times the sum of theirs."""

    def __init__(self, flattening: Flattening, lists: Sequence[DecodedLists]) -> None:
        self._lists = lists
        self._clauses = flattening.clauses
        self._boost = _pack_boost(flattening.boost)
        self._is_union = flattening.is_union
        self._has_source = any(map(_is_source, flattening.clauses))

    def find(
        self, segment: Segment, limit: int, *, every: bool = False, all_scores: bool = False
    ) -> Found:
        """The best documents, best first, their scores, how many match, and all if ``every``.

        All documents come in any order; with ``all_scores``, aligned with their scores.
        """
        wanted = ALL_SCORES if all_scores else ALL_DOCUMENTS if every else BEST
        rows: list[Row] = []
        clauses: list[bytes] = []
        given: list[Documents] = []
        n_given = 0
        for clause in self._clauses:
            kind, first = clause.kind, len(rows)
            if clause.plan is not None:
                run = self._run(clause, segment)
                if run is None:
                    own = clause.plan.find(segment).documents
                    given.append(own)
                    first, n_given = n_given, n_given + own.size
                    stop = n_given
                else:
                    kind, first, stop = RUN, run.start, run.stop
            else:
                stop = _add_rows(rows, clause, segment.number)
                if stop < 0:
                    return _NOTHING
            if first == stop and kind in _NEEDED:
                return _NOTHING
            clauses.append(_pack_clause(kind, first, stop, clause.step, clause.boost, clause.k1))
        totals = sums = _NO_SCORES
        if self._is_union and len(rows) > 1:
            totals = borrow(segment.size, np.float64)
            if len(clauses) > 1:
                sums = borrow(segment.size, np.float64)
        lists = self._lists[segment.number]
        decoded, words = lists.place(rows, all_read=bool(totals.size) or len(rows) == 1)
        found: Found = search_segment(
            lists.data,
            decoded,
            _ALL_LIVE if segment.live is None else segment.live,
            np.frombuffer(b"".join((*words, *clauses, self._boost)), np.int64),
            len(rows),
            segment.size,
            limit,
            wanted,
            np.concatenate(given) if given else _NO_DOCUMENTS,
            totals,
            sums,
        )
        if totals.size:
            keep_zeros(totals)
        if sums.size:
            keep_zeros(sums)
        return found

    def _run(self, clause: Clause, segment: Segment) -> range | None:
        """The documents of a range as a run, where they are one and something else is looked through."""
        if self._has_source and clause.kind == GIVEN and isinstance(clause.plan, RangePlan):
            return clause.plan.run(segment)
        return None


class FlatSearcher:
    """Searches over ``segments`` whose arrays are those of files, scored by Whoosh's BM25F."""

    def __init__(self, statistics: Statistics, weighting: Any) -> None:
        self._rows = TermRows(statistics, weighting)
        self._lists = [
            DecodedLists(segment.arrays.file, segment.size)
            for segment in statistics.segments
            if segment.arrays.file is not None
        ]

    def flattened(
        self,
        query: Any,
        limit: int | None,
        make_planner: Callable[[], Planner],
        allow: Any = None,
        restrict: Any = None,
    ) -> FlatSearch | None:
        """The search for a query, within what is allowed and not restricted; None for other shapes.

        Also None for more documents than MOST_BEST, for all, and for none.
        """
        if limit is None or not 0 < limit <= MOST_BEST:
            return None
        flattening = Flattening(self._rows, make_planner)
        try:
            flattening.take(query, allow, restrict)
        except NotFlatError:
            return None
        return FlatSearch(flattening, self._lists)


def _add_rows(rows: list[Row], clause: Clause, segment: int) -> int:
    """Adds the rows of a clause's terms; how many rows there are then, -1 where nothing can match."""
    own = [row[segment] for row in clause.terms]
    if clause.kind == TEXTS:
        step = clause.step
        for start in range(0, len(own), step):
            group = own[start : start + step]
            if None not in group:
                rows += [row for row in group if row is not None]
        return len(rows)
    if None not in own:
        rows += own  # type: ignore[arg-type]
        return len(rows)
    if clause.kind in (ALL, PHRASE):
        return -1
    rows += [row for row in own if row is not None]
    return len(rows)


def _is_source(clause: Clause) -> bool:
    """Whether there are documents of a clause to go through, be it a run or not."""
    if clause.kind == GIVEN:
        return not isinstance(clause.plan, RangePlan)
    return clause.kind in (ANY, ALL, PHRASE, TEXTS)
