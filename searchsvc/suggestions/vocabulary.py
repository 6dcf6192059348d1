"""The archive's vocabulary: a base of entries, and the changes since it was built, as one.

Takes texts and keys, gives words with their counts. Called by corrections and completions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from searchsvc.suggestions.entries import VOCABULARY, Kind
from searchsvc.suggestions.lexicon import Lexicon

TITLE_WEIGHT: Final = 3
"""In so many more articles a phrase stands than have it in their title, as is counted."""


class Vocabulary:
    """Words, phrases and names over one or two lexicons; counts are added up."""

    def __init__(self, base: Lexicon, changes: Lexicon | None) -> None:
        self.lexicons = (base,) if changes is None else (base, changes)
        self.word_total = sum(lexicon.word_total for lexicon in self.lexicons)

    def counts(self, texts: Sequence[str]) -> list[int]:
        """In how many articles each folded text stands as a word, phrase or name; 0 for none."""
        found: list[dict[Kind, int]] = [{} for _ in texts]
        for lexicon in self.lexicons:
            for number, row in lexicon.nearly(texts):
                if lexicon.key(row) == texts[number] and lexicon.kinds[row] in VOCABULARY:
                    kind = lexicon.kind(row)
                    found[number][kind] = found[number].get(kind, 0) + int(lexicon.counts[row])
        return [max((0, *(_weighted(kind, n) for kind, n in by_kind.items()))) for by_kind in found]

    def count(self, text: str, kind: Kind) -> int:
        """The count of the entry with this folded text and kind."""
        rows = ((lexicon, lexicon.find(text, kind)) for lexicon in self.lexicons)
        return sum(int(lexicon.counts[row]) for lexicon, row in rows if row is not None)

    def printed(self, word: str) -> str:
        """A folded word of the vocabulary as the archive prints it."""
        for lexicon in self.lexicons:
            for _, row in lexicon.nearly([word]):
                if lexicon.key(row) == word:
                    return lexicon.text(row)
        return word

    def nearly(self, keys: Sequence[str]) -> Iterator[tuple[int, str, int]]:
        """(number of the key, word, its count) for words that may have this deletion key."""
        for lexicon in self.lexicons:
            yield from self._words(lexicon, lexicon.nearly(keys))

    def equal_sound(self, sounds: Sequence[str]) -> Iterator[tuple[int, str, int]]:
        """(number of the sound, word, its count) for words that may sound so."""
        for lexicon in self.lexicons:
            yield from self._words(lexicon, lexicon.equal_sound(sounds))

    def _words(
        self, lexicon: Lexicon, rows: Iterator[tuple[int, int]]
    ) -> Iterator[tuple[int, str, int]]:
        for number, row in rows:
            count = int(lexicon.counts[row])
            if len(self.lexicons) > 1:
                count = self.count(lexicon.key(row), lexicon.kind(row))
            if count > 0:
                yield number, lexicon.key(row), _weighted(lexicon.kind(row), count)


def _weighted(kind: Kind, count: int) -> int:
    return count * TITLE_WEIGHT if kind is Kind.PHRASE else count
