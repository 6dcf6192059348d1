"""How like two Han characters are, in sound and in shape: what a typist or a reader confuses.

Called by corrections; ``han`` has the tables.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from searchsvc.suggestions.han import END, FIRST, table
from searchsvc.suggestions.pronunciation_keys import confusable


class Characters:
    """Compares characters. Safe to call from several threads."""

    def __init__(self) -> None:
        self._syllables = [syllable.decode() for syllable in table("syllables").tolist()]
        self.syllables = frozenset(self._syllables)
        self.readings = lru_cache(8192)(self._readings)
        self._parts_of = lru_cache(8192)(self._read_parts)

    def sound_alike(self, one: str, other: str) -> int:
        """2 where two characters share a syllable, 1 where they do as dialects hear it, else 0."""
        first, second = self.readings(one), self.readings(other)
        if not set(first).isdisjoint(second):
            return 2
        heard = {confusable(syllable) for syllable in first}
        return int(any(confusable(syllable) in heard for syllable in second))

    def look_alike(self, one: str, other: str) -> float:
        """The share of their parts that two characters have in common (Dice), 0 to 1."""
        first, second = self._parts_of(one), self._parts_of(other)
        size = first.total() + second.total()
        return 2 * (first & second).total() / size if size else 0.0

    def _readings(self, char: str) -> tuple[str, ...]:
        row = int(table("characters").searchsorted(ord(char)))
        if row == len(table("characters")) or table("characters")[row] != ord(char):
            return ()
        numbers = table("readings")[row].tolist()
        return tuple(self._syllables[number - 1] for number in numbers if number)

    def _read_parts(self, char: str) -> Counter[int]:
        if not FIRST <= ord(char) < END:
            return Counter()
        row = ord(char) - FIRST
        start, end = table("part_starts")[row : row + 2].tolist()
        return Counter(table("parts")[start:end].tolist())
