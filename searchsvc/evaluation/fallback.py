"""Whoosh's own matcher as a plan, for nodes that have none here.

Stepped once through a segment; what it gives is kept as arrays for the rest of the search.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.plan import ArraySelection, Plan, Selection
from searchsvc.evaluation.segment import Segment

STEP = 1_024
"""Documents stepped through between two looks at the clock."""


class MatcherPlan(Plan):
    """The documents and scores that ``query.matcher`` gives under a Whoosh search context."""

    def __init__(self, query: Any, context: Any, deadline: Deadline) -> None:
        self._query = query
        self._context = context
        self._deadline = deadline
        self._found: dict[int, Selection] = {}

    def estimate(self, segment: Segment) -> int:
        found = self._found.get(segment.number)
        return segment.size if found is None else found.documents.size

    def find(self, segment: Segment) -> Selection:
        found = self._found.get(segment.number)
        if found is None:
            found = self._found[segment.number] = self._stepped(segment)
        return found

    def _stepped(self, segment: Segment) -> Selection:
        matcher = self._query.matcher(segment.searcher, self._context)
        documents: list[int] = []
        scores: list[float] = []
        while matcher.is_active():
            if len(documents) % STEP == 0:
                self._deadline.check()
            documents.append(matcher.id())
            scores.append(matcher.score())
            matcher.next()
        return ArraySelection(np.array(documents, np.uint32), np.array(scores, np.float64))
