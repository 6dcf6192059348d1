"""Writing articles one by one: what the HTTP endpoints put, replace and delete.

Takes changes in their order, gives what became of each; all of them become visible at once, and last
through a reindex (``engines.contract.Written``). Called by the web.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TypeVar

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.choosing import open_generations
from searchsvc.errors import BusyError, IndexLockedError
from searchsvc.indexer import (
    cancelled_on_failure,
    changed,
    changed_suggestions,
    rollback,
    side_files_of,
    writable_generation,
)
from searchsvc.preparation import Preparation
from searchsvc.settings import Settings

Result = TypeVar("Result")

PREPARED_AT_ONCE = 500
RETRY_AFTER_S = 2
_RETRY_S = 0.02


@dataclass(frozen=True, slots=True)
class Change:
    """An article to put under its id, or None to delete what has this id."""

    id: str
    article: Article | None


class Writing:
    """Writes to one index; safe to call from several threads and processes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._generations = open_generations(settings)
        self._lock = threading.Lock()
        self._places = threading.Semaphore(max(1, settings.max_at_once - 1))
        self._made: tuple[Analyzer, Preparation] | None = None

    def apply(self, changes: Sequence[Change]) -> list[str]:
        """Makes the changes in order; gives ``created``, ``updated``, ``deleted`` or ``missing`` for each.

        Either all of them are made, or none. Waits for another writer up to the setting
        ``max_write_wait_s``, then raises IndexLockedError; where so many wait that readers would have no
        turn, BusyError at once. Also StorageError and IndexDamagedError.
        """
        wanted = {change.id: change.article for change in changes}
        if not wanted:
            return []
        with self._lock:
            analyzer, prepare = self._made = self._made or self._make()
        with self._place(), self._waiting_lock():
            generation = writable_generation(self._generations, analyzer)
            side = side_files_of(generation)
            with (
                self._generations.written.recorded(wanted),
                changed_suggestions(generation, analyzer) as suggestions,
            ):
                writer = generation.writer()
                with cancelled_on_failure(writer):
                    suggestions.remove(wanted)
                    there = writer.delete(wanted)
                    articles = [article for article in wanted.values() if article is not None]
                    for first in range(0, len(articles), PREPARED_AT_ONCE):
                        prepared = prepare(articles[first : first + PREPARED_AT_ONCE])
                        suggestions.update(prepared.harvest)
                        writer.add(prepared.documents)
                    writer.commit(lambda: changed(side, suggestions))
        return list(_results(changes, there))

    def rollback(self) -> str:
        """Makes the previous generation current and gives its id; waits and raises as ``apply`` does.

        Also OperatorError where there is none.
        """
        with self._place():
            return self._as_soon_as_free(lambda: rollback(self._settings))

    def _make(self) -> tuple[Analyzer, Preparation]:
        dictionary = self._settings.user_dictionary
        return Analyzer(dictionary), Preparation(self._settings.engine, dictionary)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise BusyError("server.busy", retry_after_s=RETRY_AFTER_S)
        try:
            yield
        finally:
            self._places.release()

    @contextmanager
    def _waiting_lock(self) -> Iterator[None]:
        """The write lock, as soon as whoever holds it is done."""
        with ExitStack() as held:
            self._as_soon_as_free(lambda: held.enter_context(self._generations.lock()))
            yield

    def _as_soon_as_free(self, work: Callable[[], Result]) -> Result:
        """Does what takes the write lock, when whoever holds it is done."""
        end = time.monotonic() + self._settings.max_write_wait_s
        while True:
            try:
                return work()
            except IndexLockedError:
                if time.monotonic() > end:
                    raise
                time.sleep(_RETRY_S)


def _results(changes: Sequence[Change], there: set[str]) -> Iterator[str]:
    """What became of each change, where these ids were there before the first."""
    there = set(there)
    for change in changes:
        was_there = change.id in there
        if change.article is not None:
            there.add(change.id)
            yield "updated" if was_there else "created"
        else:
            there.discard(change.id)
            yield "deleted" if was_there else "missing"
