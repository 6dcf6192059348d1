"""Candidates of a query held against their articles: what the cluster cannot decide by its tokens.

Takes candidates and what an article must hold, gives the ids of those that do. Called by the translation,
for the engine.
"""

from __future__ import annotations

import time
from typing import Final

from searchsvc.engines.opensearch.folding import article_of
from searchsvc.engines.opensearch.layout import RECORD
from searchsvc.engines.opensearch.searching import AT_ONCE, Answer, IndexSearcher, in_order
from searchsvc.engines.opensearch.texts import Query
from searchsvc.engines.opensearch.translation import Holds
from searchsvc.errors import QueryCostError

MOST_VERIFIED: Final = 10_000
"""So many candidates of a wildcard or a literal text are held against their articles."""


class Verifying:
    """Holds candidates against their articles, of those that the rest of a search may find."""

    def __init__(
        self, searcher: IndexSearcher, filters: list[Query], timeout_s: float | None
    ) -> None:
        self._searcher = searcher
        self._filters = filters
        self._timeout_s = timeout_s
        self._ends_at = None if timeout_s is None else time.monotonic() + timeout_s

    def __call__(self, candidates: Query, holds: Holds) -> list[str]:
        """The ids of those whose article holds it. Raises QueryCostError."""
        query = {"bool": {"filter": [candidates, *self._filters]}}
        body = {"query": query, "size": 0, "track_total_hits": True}
        found = self._searcher.search(body, self._timeout_s)["hits"]["total"]["value"]
        if found > MOST_VERIFIED:
            raise QueryCostError("search.candidates", found=found, limit=MOST_VERIFIED)
        if not found:
            return []
        hits = self._searcher.all_hits(
            in_order({"query": query, "_source": [RECORD]}),
            AT_ONCE,
            self._timeout_s,
            few=found < AT_ONCE,
        )
        return [hit["_id"] for hit in hits if self._holds(hit, holds)]

    def _holds(self, hit: Answer, holds: Holds) -> bool:
        if self._ends_at is not None and time.monotonic() > self._ends_at:
            raise QueryCostError("search.deadline", timeout_s=self._timeout_s)
        return holds(article_of(hit))
