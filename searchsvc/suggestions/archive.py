"""A generation's suggestions, opened: corrections and completions over what is indexed now.

::

    <generation>/suggestions/base.svc     entries of the articles that the generation was built of
    <generation>/suggestions/changes.svc  entries added and taken away since, if any

Called by the service; written by ``recording``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from searchsvc.analysis import Analyzer
from searchsvc.suggestions.characters import Characters
from searchsvc.suggestions.completion import Completer
from searchsvc.suggestions.correction import Corrector
from searchsvc.suggestions.entries import Entry
from searchsvc.suggestions.lexicon import Lexicon
from searchsvc.suggestions.query_correction import Occurrences, QueryCorrector
from searchsvc.suggestions.vocabulary import Vocabulary

BASE: Final = "base.svc"
CHANGES: Final = "changes.svc"

_Version = tuple[int, int] | None


class SuggestionArchive:
    """The suggestions of one generation at one version. Safe to call from several threads."""

    def __init__(self, folder: Path, analyzer: Analyzer) -> None:
        """Opens what is there. Raises IndexDamagedError where a file is missing or not whole."""
        self.folder = folder
        self.version = changes_version(folder)
        changes = Lexicon(folder / CHANGES) if self.version else None
        vocabulary = Vocabulary(Lexicon(folder / BASE), changes)
        characters = Characters()
        self._completer = Completer(vocabulary, characters.syllables)
        corrector = Corrector(vocabulary, characters, lambda word: analyzer.words(word) == [word])
        self._corrector = QueryCorrector(corrector, self._completer)

    def complete(self, typed: str, limit: int) -> list[Entry]:
        """Entries that complete what was typed, best first."""
        return self._completer.complete(typed, limit)

    def meant(self, query: str, occurrences: Occurrences) -> str | None:
        """The query that was probably meant; None where this one is as good."""
        return self._corrector.meant(query, occurrences)


def changes_version(folder: Path) -> _Version:
    """Names the state of the changes; cheap enough to ask before every use."""
    try:
        status = (folder / CHANGES).stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_ino
