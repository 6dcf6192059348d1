"""A generation's suggestions, opened: corrections and completions over what is indexed now.

Two lexicons: of the articles that the generation was built of, and, where there were any since, of
entries added and taken away. Called by the service; written by ``recording``.
"""

from __future__ import annotations

from collections.abc import Sequence

from searchsvc.analysis import Analyzer
from searchsvc.suggestions.characters import Characters
from searchsvc.suggestions.completion import Completer
from searchsvc.suggestions.correction import Corrector
from searchsvc.suggestions.entries import Entry
from searchsvc.suggestions.lexicon import Lexicon
from searchsvc.suggestions.query_correction import Occurrences, QueryCorrector
from searchsvc.suggestions.vocabulary import Vocabulary


class SuggestionArchive:
    """The suggestions of one version of the index. Safe to call from several threads."""

    def __init__(self, base: Lexicon, changes: Lexicon | None, analyzer: Analyzer) -> None:
        vocabulary = Vocabulary(base, changes)
        characters = Characters()
        self._completer = Completer(vocabulary, characters.syllables)
        corrector = Corrector(vocabulary, characters, lambda word: analyzer.words(word) == [word])
        self._corrector = QueryCorrector(corrector, self._completer)

    def complete(self, typed: str, limit: int) -> list[Entry]:
        """Entries that complete what was typed, best first."""
        return self._completer.complete(typed, limit)

    def meant(self, query: str, occurrences: Occurrences, shown: Sequence[str] = ()) -> str | None:
        """The query that was probably meant; None where this one is as good.

        ``shown`` are texts of the archive, as printed: what stands in them need not be counted.
        """
        return self._corrector.meant(query, occurrences, shown)
