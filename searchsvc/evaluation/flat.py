"""Searches of the usual shapes, each segment in one compiled call.

``FlatSearcher`` is made once by the searcher, and asked first: what it cannot do, or has more to ask
for than ``MOST_BEST`` documents, is evaluated by the plans. Raises ImportError where numba is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.evaluation.compiled_search import search_segment
from searchsvc.evaluation.compiled_tables import (
    ALL,
    ALL_DOCUMENTS,
    ALL_SCORES,
    ANY,
    BEST,
    COLUMN_FORMS,
    COUNT,
    GIVEN,
    PHRASE,
    RUN,
    TEXTS,
    WITHIN,
    Table,
)
from searchsvc.evaluation.compiled_terms import ASKED_WORDS, find_terms
from searchsvc.evaluation.flat_fields import FlatFields
from searchsvc.evaluation.flattening import Clause, Flattening, NotFlatError
from searchsvc.evaluation.planner import Planner
from searchsvc.evaluation.ranges import RangePlan
from searchsvc.evaluation.scratch import borrow, keep_zeros
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.statistics import Statistics
from searchsvc.evaluation.types import Documents, Mask, Scores
from searchsvc.postings.compiled_checks import UNCHECKED
from searchsvc.postings.compiled_lists import Bytes

MOST_BEST = 200
"""Hits asked for beyond which sorting beats inserting one by one."""

Found = tuple[Documents, Scores, int, Documents, Scores]
"""See ``compiled_tables``."""

_ALL_LIVE: Mask = np.empty(0, np.bool_)
_NO_SCORES: Scores = np.empty(0)
_NO_DOCUMENTS: Documents = np.empty(0, np.uint32)
_NO_NUMBERS = (0, 0, 0)
_NO_TEXTS: Bytes = np.empty(0, np.uint8)
_OWN_COUNTS: NDArray[np.int64] = np.empty(0, np.int64)

_pack_clause = Struct("=4q2d3q").pack
_pack_boost = Struct("=d").pack


class FlatSearch:
    """A conjunction of clauses; its score is ``boost`` times the sum of theirs."""

    def __init__(self, flattening: Flattening, fields: FlatFields) -> None:
        self._fields = fields
        self._clauses = flattening.clauses
        self._asked = flattening.asked
        self._texts = np.frombuffer(b"".join(flattening.texts) or b"\0", np.uint8)
        self._boost = _pack_boost(flattening.boost)
        self._is_union = flattening.is_union
        is_one = len(fields.statistics.segments) == 1
        self._counts = _OWN_COUNTS if is_one else self._counted()

    def find(
        self, segment: Segment, limit: int, *, every: bool = False, all_scores: bool = False
    ) -> Found:
        """The best documents, best first, their scores, how many match, and all if ``every``.

        All documents come in any order; with ``all_scores``, aligned with their scores. Raises
        IndexDamagedError.
        """
        number = segment.number
        words = list(self._asked)
        given: list[Documents] = []
        n_given = 0
        for clause in self._clauses:
            kind, first, stop, step = clause.kind, clause.first, clause.stop, clause.step
            numbers = _NO_NUMBERS
            if clause.plan is not None:
                narrowing = self._narrowing(clause, segment)
                if narrowing is None:
                    own = clause.plan.find(segment).documents
                    given.append(own)
                    first, n_given = n_given, n_given + own.size
                    stop = n_given
                else:
                    kind, first, stop, step, numbers = narrowing
            words.append(_pack_clause(kind, first, stop, step, clause.boost, clause.k1, *numbers))
        words.append(self._boost)
        totals = sums = _NO_SCORES
        if self._is_union:
            totals = borrow(segment.size, np.float64)
            if len(self._clauses) > 1:
                sums = borrow(segment.size, np.float64)
        arguments = (
            *segment.content(),
            _ALL_LIVE if segment.live is None else segment.live,
            self._fields.tables[number],
            np.frombuffer(b"".join(words), np.int64),
            self._texts,
            self._counts,
            len(self._asked),
            self._fields.statistics.documents,
            segment.size,
            limit,
            ALL_SCORES if all_scores else ALL_DOCUMENTS if every else BEST,
            np.concatenate(given) if given else _NO_DOCUMENTS,
            totals,
            sums,
        )
        found = search_segment(*arguments)
        while found[2] == UNCHECKED:
            segment.arrays.hold_wanted()
            found = search_segment(*arguments)
        if totals.size:
            keep_zeros(totals)
        if sums.size:
            keep_zeros(sums)
        return found

    def _terms(self, segment: Segment) -> Table:
        """The rows of the terms in a segment."""
        asked = np.frombuffer(b"".join(self._asked), np.int64).reshape(-1, ASKED_WORDS)
        content, fields = segment.content(), self._fields.tables[segment.number]
        while True:
            terms, is_checked = find_terms(*content, fields, asked, self._texts, segment.size)
            if is_checked:
                return terms
            segment.arrays.hold_wanted()

    def _counted(self) -> NDArray[np.int64]:
        """How many documents of all segments hold each term."""
        counts = np.zeros(len(self._asked), np.int64)
        for segment in self._fields.statistics.segments:
            counts += self._terms(segment)[:, COUNT]
        return counts

    def _narrowing(
        self, clause: Clause, segment: Segment
    ) -> tuple[int, int, int, int, tuple[int, int, int]] | None:
        """A range as a run of documents or as bounds of a column, if something else is looked through.

        None where that is not so.
        """
        plan = clause.plan
        if clause.kind != GIVEN or not isinstance(plan, RangePlan):
            return None
        if not any(map(_is_source, self._clauses)):
            return None
        run = plan.run(segment)
        if run is not None:
            return RUN, run.start, run.stop, 0, _NO_NUMBERS
        numbers = plan.numbers(segment)
        if numbers is None or numbers[0] not in COLUMN_FORMS:
            return None
        form = COLUMN_FORMS.index(numbers[0])
        return WITHIN, segment.arrays.column_place(plan.field), 0, form, numbers[1:]


class FlatSearcher:
    """Searches over segments whose arrays are those of files, scored by Whoosh's BM25F."""

    def __init__(self, statistics: Statistics, weighting: Any) -> None:
        self._fields = FlatFields(statistics, weighting)

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
        flattening = Flattening(self._fields, make_planner)
        try:
            flattening.take(query, allow, restrict)
        except NotFlatError:
            return None
        return FlatSearch(flattening, self._fields)


def _is_source(clause: Clause) -> bool:
    """Whether there are documents of a clause to go through, be it a run or not."""
    if clause.kind == GIVEN:
        return not isinstance(clause.plan, RangePlan)
    return clause.kind in (ANY, ALL, PHRASE, TEXTS)
