"""What answers: the newest version of the index, opened, and the suggestions of that version.

Takes generations, gives engines and suggestions, which are opened anew where the version changed.
Called by the service.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path

from searchsvc.analysis import Analyzer
from searchsvc.engines.contract import Engine, Generation, Generations
from searchsvc.errors import IndexDamagedError, IndexMissingError
from searchsvc.side_files import CHANGES, SUGGESTIONS, SideFiles
from searchsvc.storage import Seal
from searchsvc.suggestions import Lexicon, SuggestionArchive


@dataclass(frozen=True, slots=True)
class Opened:
    """A version of the index, and what reads it."""

    version: str
    engine: Engine
    generation: Generation
    analysis: str
    changed_at: float


@dataclass(frozen=True, slots=True)
class _OpenSuggestions:
    """The suggestions of a version of the index, and the files that they are read from."""

    version: str
    files: tuple[tuple[Path, Seal], ...]
    archive: SuggestionArchive


@dataclass(slots=True)
class _Look:
    """What an opener saw at its first question within ``Opener.one_version``."""

    opener: Opener
    seen: Opened | None = None


_look: ContextVar[_Look | None] = ContextVar("searchsvc.opening", default=None)


class Opener:
    """Opens the newest version of an archive. Safe to call from several threads.

    What is replaced is left to the garbage collector: a search may be using it.
    """

    def __init__(self, generations: Generations, analyzer: Analyzer) -> None:
        self._generations = generations
        self._analyzer = analyzer
        self._opened: Opened | None = None
        self._suggestions: _OpenSuggestions | None = None
        self._lock = threading.Lock()

    def newest(self) -> Opened:
        """The newest version, or the one that was it at the first question of ``one_version``.

        Raises IndexMissingError, IndexDamagedError, EngineUnavailableError.
        """
        look = _look.get()
        if look is None or look.opener is not self:
            return self._newest()
        if look.seen is None:
            look.seen = self._newest()
        return look.seen

    def behind(self, opened: Opened) -> Opened | None:
        """The newest version, also within ``one_version``, where it is another one."""
        newest = self._newest()
        if (look := _look.get()) is not None and look.opener is self:
            look.seen = newest
        return None if newest.version == opened.version else newest

    @contextmanager
    def one_version(self) -> Iterator[None]:
        """Within the block, in this thread or task, all is of one version, which is looked up once."""
        before = _look.set(_Look(self))
        try:
            yield
        finally:
            _look.reset(before)

    def suggestions(self, opened: Opened) -> SuggestionArchive:
        """The suggestions of a version; of the newest one where its own are gone."""
        while True:
            try:
                with self._lock:
                    if self._suggestions is None or self._suggestions.version != opened.version:
                        self._suggestions = self._open_suggestions(opened)
                    return self._suggestions.archive
            except IndexDamagedError:
                newest = self._newest()
                if newest.version == opened.version:
                    raise
                opened = newest

    def close(self) -> None:
        """Closes the index."""
        with self._lock:
            if self._opened:
                self._opened.engine.close()
                self._opened = None

    def _newest(self) -> Opened:
        """The newest version; opened once more where it was replaced meanwhile."""
        generation = self._generations.current()
        version = f"{generation.name}.{generation.version}"
        with self._lock:
            while self._opened is None or self._opened.version != version:
                try:
                    analysis, engine = generation.analysis, generation.open(self._analyzer)
                    changed_at = (
                        generation.changed_at
                    )  # the folder may be gone when it is asked for
                except (IndexDamagedError, IndexMissingError, FileNotFoundError):
                    newest = self._generations.current()
                    if newest.name == generation.name:
                        raise
                    generation = newest
                else:
                    version = f"{generation.name}.{engine.version}"
                    self._opened = Opened(version, engine, generation, analysis, changed_at)
            return self._opened

    def _open_suggestions(self, opened: Opened) -> _OpenSuggestions:
        side = SideFiles.from_json(opened.generation.folder, opened.generation.side_files())
        files = tuple(
            (side.path(r), side.seal(r)) for r in (SUGGESTIONS, CHANGES) if r in side.files
        )
        if self._suggestions is not None and self._suggestions.files == files:
            return replace(self._suggestions, version=opened.version)
        base, *changes = (Lexicon(path, seal) for path, seal in files)
        archive = SuggestionArchive(base, changes[0] if changes else None, self._analyzer)
        return _OpenSuggestions(opened.version, files, archive)
