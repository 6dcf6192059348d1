"""The searcher: Whoosh's, with searches evaluated over arrays.

``ArraySearcher(index.reader(), fromindex=index)`` is used like ``index.searcher()``. One searcher
serves any number of threads; when the index has changed, open another and drop the old one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from whoosh import sorting
from whoosh.fields import NUMERIC
from whoosh.scoring import BM25F
from whoosh.searching import Searcher

from searchsvc.evaluation.collector import ArrayCollector, Request
from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.grouping import Grouping, facets_of
from searchsvc.evaluation.ordering import Ordering, SortKey, sort_keys
from searchsvc.evaluation.planner import Planner
from searchsvc.evaluation.results import ArrayResults
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.sorted_sets import ordered
from searchsvc.evaluation.statistics import Statistics
from searchsvc.evaluation.types import Documents, Scores
from searchsvc.postings.arrays import segment_arrays
from searchsvc.steps import step

try:
    from searchsvc.evaluation.flat import FlatSearcher
except (ImportError, RuntimeError):  # no numba, or no folder that it may keep its code in
    FlatSearcher = None  # type: ignore[assignment,misc]


class ArraySearcher(Searcher):  # type: ignore[misc]
    """A Whoosh searcher over segments of arrays; falls back on Whoosh where it must.

    It must for segments of another codec, weightings other than BM25F, ``terms=True``,
    ``collapse``, and facets and sort keys that only Whoosh knows.
    """

    def __init__(self, reader: Any, weighting: Any = BM25F, **options: Any) -> None:
        super().__init__(reader, weighting=weighting, **options)
        self.segment_number = 0
        self.segments: list[Segment] = []
        self._columns: dict[tuple[str, bool], bool] = {}
        self.has_arrays = False
        self.flat: FlatSearcher | None = None
        """Searches in one compiled call, where there are any."""
        if self.parent is None:
            self._gather_segments()
            self.statistics = Statistics(self.ixreader, self.schema, self.segments)
            in_files = all(segment.arrays.file is not None for segment in self.segments)
            if FlatSearcher is not None and self.segments and self._is_known and in_files:
                self.flat = FlatSearcher(self.statistics, self.weighting)

    def _gather_segments(self) -> None:
        """Makes the segments; an empty index has none, though Whoosh gives it a reader."""
        leaves = self.leaf_searchers() if self.ixreader.doc_count_all() else []
        for number, (searcher, offset) in enumerate(leaves):
            arrays = segment_arrays(searcher.reader())
            if arrays is None:
                self.segments = []
                return
            searcher.segment_number = number
            self.segments.append(Segment(arrays, number, offset, searcher))
        self.has_arrays = True

    @property
    def _is_known(self) -> bool:
        """Whether segments and weighting are such as the plans are made for."""
        return self.has_arrays and type(self.weighting) is BM25F

    def search(self, q: Any, limit: int | None = 10, **options: Any) -> Any:
        """Whoosh's search; ``timeout_s`` is one more option.

        Raises ValueError for a limit below 1, and QueryCostError when the time is up.
        """
        if self.flat is not None:
            request = self._request(limit, options) if options else Request(limit)
            if request is not None and request.is_usual:
                results = self._first(q, request)
                if results is not None:
                    return results
        return super().search(q, limit=limit, **options)

    def _first(self, query: Any, request: Request) -> ArrayResults | None:
        """The results where each segment is searched in one call; None for queries of other shapes."""
        limit = request.limit
        if self.flat is None or limit is None:
            return None
        deadline = Deadline(request.timeout_s)

        def make_planner() -> Planner:
            return Planner(self.statistics, self.schema, self.context(), deadline)

        flat = self.flat.flattened(query, limit, make_planner, request.allow, request.restrict)
        if flat is None:
            return None
        groupings: dict[str, Grouping] = {}
        if request.facets:
            planner = make_planner()
            groupings = {n: Grouping(facet, planner, True) for n, facet in request.facets.items()}
        ordering = None
        if request.sort_keys is not None:
            ordering = Ordering(request.sort_keys, self.segments, limit, request.reverse)
        items: list[tuple[Any, int]] = []
        total = 0
        for segment in self.segments:
            deadline.check()
            best_documents, best_scores, matches, documents, scores = flat.find(
                segment,
                limit if ordering is None else 0,
                every=ordering is not None or bool(groupings),
                all_scores=ordering is not None and ordering.needs_scores,
            )
            total += matches
            if ordering is not None and matches:
                ordering.add(segment, documents, scores)
            with step("facets"):
                ascending = ordered(documents, segment.size) if groupings else documents
                for grouping in groupings.values():
                    grouping.add(segment, ascending)
            numbers = best_documents.tolist()
            if segment.offset:
                numbers = [number + segment.offset for number in numbers]
            items += zip(best_scores.tolist(), numbers, strict=True)
        if ordering is not None:
            items = ordering.items()
        elif len(self.segments) > 1:
            items.sort(key=lambda item: (-item[0], item[1]))
            del items[limit:]

        def make_collector() -> ArrayCollector:
            collector = ArrayCollector(request)
            collector.prepare(self, query, self.context())
            return collector

        results = ArrayResults(self, query, items, total, make_collector)
        results.allowed, results.restricted = request.allow, request.restrict
        if groupings:
            results._facetmaps = groupings
        return results

    def collector(self, limit: int | None = 10, **options: Any) -> Any:
        """The collector for Whoosh's search options; ``timeout_s`` is one more.

        Raises ValueError for a limit below 1.
        """
        if limit is not None and limit < 1:
            raise ValueError("limit must be >= 1")
        request = self._request(limit, options)
        if request is not None:
            return ArrayCollector(request)
        options.pop("timeout_s", None)
        options["optimize"] = False  # Whoosh 2.7.4 drops hits when it prunes
        return super().collector(limit=limit, **options)

    def _request(self, limit: int | None, options: dict[str, Any]) -> Request | None:
        """What the options ask for; None where only Whoosh's own collectors can do it."""
        if not self._is_known or options.get("terms") or options.get("collapse"):
            return None
        keys = facets = None
        if options.get("sortedby"):
            keys = sort_keys(options["sortedby"])
            if keys is None or not all(map(self._sorts_by, keys)):
                return None
        maptype = options.get("maptype")
        if options.get("groupedby"):
            facets = facets_of(options["groupedby"])
            if facets is None or maptype not in (None, sorting.Count, sorting.OrderedList):
                return None
            if not all(map(self._groups_by, facets.values())):
                return None
        return Request(
            limit=limit,
            sort_keys=keys,
            reverse=bool(options.get("reverse")),
            facets=facets,
            counted=maptype is sorting.Count,
            allow=options.get("filter"),
            restrict=options.get("mask"),
            scored=options.get("scored", True),
            timeout_s=options.get("timeout_s"),
        )

    def _sorts_by(self, key: SortKey) -> bool:
        return key.field is None or self._has_column(key.field)

    def _groups_by(self, facet: Any) -> bool:
        if facet.maptype is not None:
            return False
        if isinstance(facet, sorting.RangeFacet):
            return True
        return self._has_column(facet.fieldname, several=facet.allow_overlap)

    def _has_column(self, name: str, *, several: bool = False) -> bool:
        """Whether a field is a column; keywords may have ``several`` values a document.

        A segment whose documents all lack a keyword has no column of it.
        """
        known = self._columns.get((name, several))
        if known is None:
            known = self._columns[name, several] = self._find_column(name, several)
        return known

    def _find_column(self, name: str, several: bool) -> bool:
        field = self.schema[name]
        if field.column_type is None:
            return False
        if isinstance(field, NUMERIC):
            return not several and all(s.column(name) is not None for s in self.segments)
        entries = [s.arrays.column_entries(name) is not None for s in self.segments]
        columns = [s.column(name) is not None for s in self.segments]
        return several or columns == entries

    def docs_for_query(self, q: Any, for_deletion: bool = False) -> Iterator[int]:
        """Numbers of all documents that match, ascending."""
        if for_deletion or not self.has_arrays:
            yield from super().docs_for_query(q, for_deletion=for_deletion)
            return
        collector = ArrayCollector(Request(limit=None, scored=False))
        collector.prepare(self, q, self.boolean_context())
        yield from collector.all_ids()

    def evaluate_leaf(self, query: Any) -> tuple[Documents, Scores]:
        """What a query finds in the one segment of this searcher, and the scores, for matchers."""
        top = self.get_parent()
        planner = Planner(top.statistics, top.schema, top.context(), Deadline())
        segment = top.segments[self.segment_number]
        found = planner.plan(query).find(segment)
        if segment.live is None:
            return found.documents, found.scores()
        keep = np.flatnonzero(segment.live.take(found.documents))
        return found.documents.take(keep), found.scores(keep)
