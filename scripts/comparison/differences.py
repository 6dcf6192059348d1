"""One search asked of two engines: what is the same, and how far the best ten are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from comparison.asking import Asked
from searchsvc.engines.contract import Found, ScoredArticle, Search
from searchsvc.errors import QueryCostError
from searchsvc.query.tree import Node

BEST = 10


class Searching(Protocol):
    """What is asked of an engine here; see ``searchsvc.engines.contract.Engine``."""

    def search(self, search: Search) -> Found:
        """The best hits, and counts."""

    def walk(self, search: Search) -> tuple[int, Iterator[ScoredArticle]]:
        """All hits."""

    def ids(self, tree: Node) -> list[str]:
        """The ids of all articles that a tree finds."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What two engines said to a search.

    ``refused``: one of them found it too expensive. ``overlap`` is the share of the best ten that both
    have; ``gap``: of those that only the first has, the largest distance of the score to the tenth's, as
    a share of it.
    """

    asked: Asked
    total: int
    seconds: tuple[float, float]
    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()
    same_counts: bool = True
    same_total: bool = True
    overlap: float = 1.0
    same_order: bool = True
    gap: float = 0.0
    refused: str = ""

    @property
    def is_same(self) -> bool:
        """Whether hits, total and counts are the same."""
        return not (self.only_first or self.only_second) and self.same_counts and self.same_total


def compare(first: Searching, second: Searching, asked: Asked) -> Outcome:
    """Asks both engines for the best ten and for all hits."""
    a, b = _timed(first, asked.search), _timed(second, asked.search)
    seconds = (a[1], b[1])
    for found, _ in (a, b):
        if isinstance(found, QueryCostError):
            return Outcome(asked, 0, seconds, refused=found.code)
    mine, theirs = a[0], b[0]
    assert isinstance(mine, Found)
    assert isinstance(theirs, Found)
    only_first, only_second = _hits(first, second, asked.search)
    best, others = ([hit.article.id for hit in f.hits] for f in (mine, theirs))
    missing = [hit.score for hit in mine.hits if hit.article.id not in others]
    lowest = mine.hits[-1].score if mine.hits else 0.0
    return Outcome(
        asked,
        mine.total,
        seconds,
        tuple(only_first),
        tuple(only_second),
        mine.facets == theirs.facets and mine.days == theirs.days,
        mine.total == theirs.total,
        1.0 if not best else len(set(best) & set(others)) / len(best),
        best == others,
        max(((score - lowest) / lowest for score in missing if lowest), default=0.0),
    )


def _timed(engine: Searching, search: Search) -> tuple[Found | QueryCostError, float]:
    started = time.perf_counter()
    try:
        found: Found | QueryCostError = engine.search(search)
    except QueryCostError as error:
        found = error
    return found, time.perf_counter() - started


def _hits(first: Searching, second: Searching, search: Search) -> tuple[list[str], list[str]]:
    """The ids of the hits that only one has."""
    bare = Search(tree=search.tree)
    if replace(search, facets=(), days=False) == bare:
        mine, theirs = (set(engine.ids(search.tree)) for engine in (first, second))
    else:
        mine, theirs = (_walked(engine, search) for engine in (first, second))
    return sorted(mine - theirs), sorted(theirs - mine)


def _walked(engine: Searching, search: Search) -> set[str]:
    return {hit.article.id for hit in engine.walk(search)[1]}
