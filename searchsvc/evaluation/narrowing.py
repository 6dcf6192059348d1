"""What a search leaves out whatever its query finds: filters and masks.

They may be queries, sets of document numbers or results, as ``Searcher.search`` of Whoosh takes
them. An empty set of allowed documents allows none (Whoosh 2.7.4 takes it for no filter at all).
Called by the collector.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.query.qcore import Query
from whoosh.searching import Results, ResultsPage

from searchsvc.evaluation.plan import ConstantSelection, Plan, Selection
from searchsvc.evaluation.planner import Planner
from searchsvc.evaluation.segment import Segment


class NumbersPlan(Plan):
    """Documents given by their numbers among all segments, ascending."""

    def __init__(self, numbers: NDArray[np.int64]) -> None:
        self._numbers = numbers

    def estimate(self, segment: Segment) -> int:
        return len(self._slice(segment))

    def find(self, segment: Segment) -> Selection:
        local = self._slice(segment) - segment.offset
        return ConstantSelection(local.astype(np.uint32), 1.0)

    def _slice(self, segment: Segment) -> NDArray[np.int64]:
        ends = (segment.offset, segment.offset + segment.size)
        start, stop = np.searchsorted(self._numbers, ends)
        return self._numbers[start:stop]


def narrowing_plan(planner: Planner, wanted: Any) -> Plan:
    """The plan of a filter or mask: a query, results, or any collection of document numbers."""
    if isinstance(wanted, Query):
        return planner.plan(wanted)
    if isinstance(wanted, ResultsPage):
        wanted = wanted.results
    if isinstance(wanted, Results):
        wanted = wanted.docs()
    numbers = np.fromiter(wanted, np.int64)
    return NumbersPlan(np.unique(numbers))
