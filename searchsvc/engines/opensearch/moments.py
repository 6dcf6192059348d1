"""The moments that pages go on in, and the places where pages end.

A moment is a point in time of the cluster: the index as it was, whatever is committed later. It names
copies of shards and so would keep searches on few nodes; first pages, which are most, are therefore asked
of the live index, and only what follows is asked at a moment. One is opened when a page first has
another behind it, one for each choice of copies, and serves all searches of this process at
this commit. Called by the engine.
"""

from __future__ import annotations

import json
import threading
import time
import zlib
from dataclasses import dataclass
from typing import Any, Final

from searchsvc.cursors import wrong_cursor
from searchsvc.engines.contract import Search
from searchsvc.engines.opensearch.connection import RequestRefusedError
from searchsvc.engines.opensearch.searching import COPIES, KEPT_S, IndexSearcher
from searchsvc.errors import EngineUnavailableError

_ASKED_AGAIN_S: Final = KEPT_S / 2
"""So that whoever turns the page has at least as long to do it."""

_COUNTED: Final = {"query": {"match_all": {}}, "size": 0, "track_total_hits": False}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: behind ``before`` hits, the last of which is sorted by ``values``.

    ``state`` names index and commit, ``copies`` what was asked (``searching.COPIES``). ``moment`` is
    empty where the cluster opened none: the place is then good at that commit alone.
    """

    state: str
    copies: str
    moment: str = ""
    before: int = 0
    values: tuple[int | float, ...] = ()

    def to_text(self) -> str:
        """As ``Found.place`` has it."""
        return json.dumps([self.state, self.copies, self.moment, self.before, self.values])

    @classmethod
    def from_text(cls, text: str, n_values: int) -> Place:
        """The place that a text says; raises CallerError where it says none with so many values."""
        try:
            state, copies, moment, before, values = json.loads(text)
            place = cls(state, copies, moment, before, tuple(values))
        except (ValueError, TypeError, RecursionError) as error:
            raise wrong_cursor() from error
        named = all(isinstance(name, str) for name in (state, moment)) and copies in COPIES
        numbers = {type(value) for value in (before, *place.values)} <= {int, float}
        if not (named and numbers and type(before) is int and len(place.values) == n_values):
            raise wrong_cursor()
        return place


class Moments:
    """The moments of one index at one commit. Safe to use from several threads."""

    def __init__(self, searcher: IndexSearcher) -> None:
        self._searcher = searcher
        self._lock = threading.Lock()
        self._opened: dict[str, tuple[str, float]] = {}

    def of(self, copies: str, lost: str = "") -> str:
        """The moment of a choice of copies, another than the ``lost`` one; empty where the cluster
        opens none (it keeps so many and no more), which is not tried again at once.
        """
        with self._lock:
            moment, asked_at = self._opened.get(copies, ("", float("-inf")))
            if lost and moment == lost:
                moment, asked_at = "", float("-inf")
            now = time.monotonic()
            if now - asked_at >= _ASKED_AGAIN_S:
                moment = moment if moment and self._is_kept(moment) else self._open(copies)
                self._opened[copies] = moment, now
            return moment

    def _is_kept(self, moment: str) -> bool:
        """Asks, so that it is kept on."""
        try:
            self._searcher.at(moment).search(_COUNTED)
        except (RequestRefusedError, EngineUnavailableError):
            return False
        return True

    def _open(self, copies: str) -> str:
        try:
            return self._searcher.on(copies).open_moment(retries=1)  # at once, of another node
        except (RequestRefusedError, EngineUnavailableError):
            return ""


def copies_of(search: Search) -> str:
    """The choice of copies that a search is asked of, each time it is asked."""
    asked: Any = (search.tree, sorted(search.filters.items()), search.date_from, search.date_to)
    return COPIES[zlib.crc32(repr(asked).encode()) % len(COPIES)]
