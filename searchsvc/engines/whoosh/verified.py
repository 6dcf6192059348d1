"""Queries whose candidates are held against the stored article, one at a step.

Each looks at the time limit first. Made by the translation.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

from whoosh import query as wq
from whoosh.matching import Matcher

from searchsvc.articles import Article
from searchsvc.deadlines import check
from searchsvc.engines.whoosh.layout import decode
from searchsvc.evaluation.queries import PlannedQuery


class VerifiedQuery(PlannedQuery):
    """Documents that ``candidates`` finds and whose article ``holds``. Nothing is scored.

    Queries of the same ``key`` are the same.
    """

    boost = 0.0

    def __init__(
        self, candidates: wq.Query, holds: Callable[[Article], bool], key: Hashable
    ) -> None:
        self.candidates = candidates
        self.holds = holds
        self.key = key

    def identity(self) -> tuple[Any, ...]:
        return (self.key,)

    def matcher(self, searcher: Any, context: Any = None) -> Matcher:
        """A matcher that verifies as it steps."""
        return _Verifier(self._documents(searcher))

    def _documents(self, searcher: Any) -> Iterator[int]:
        arrays = searcher.get_parent().segments[searcher.segment_number].arrays
        for document in searcher.evaluate_leaf(self.candidates)[0].tolist():
            check()
            if self.holds(decode(arrays.stored(document))):
                yield document


class _Verifier(Matcher):  # type: ignore[misc]
    """Steps through documents as they are verified; every score is 0."""

    def __init__(self, documents: Iterator[int]) -> None:
        self._documents = documents
        self._current = next(documents, None)

    def is_active(self) -> bool:
        return self._current is not None

    def id(self) -> int | None:
        return self._current

    def next(self) -> None:
        self._current = next(self._documents, None)

    def score(self) -> float:
        return 0.0
