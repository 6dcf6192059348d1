"""Pinyin of many texts, with a capital for each syllable (LiaoCheng), in order of its letters.

Takes folded texts of Han characters, gives arrays. Called by ``builder``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.bits import ragged_arange
from searchsvc.suggestions.han import table
from searchsvc.suggestions.pronunciation import syllables
from searchsvc.suggestions.texts import Integers, Texts, crc32_of, sums

MAX_SYLLABLES: Final = 8
"""Of a text; longer ones are found by these."""

Letters = NDArray[np.uint8]

_CAPITAL: Final = np.uint8(0x20)
"""What a capital letter lacks of the small one in ASCII."""


@dataclass(frozen=True, slots=True)
class Sounds:
    """The pinyin of the texts that have a syllable for each character, ordered by its letters.

    ``rows`` says which text each is of. ``capitals`` holds the letters of all, one after the other,
    ``sizes`` how many each has.
    """

    rows: Integers
    capitals: Letters
    sizes: Integers

    @classmethod
    def of(cls, texts: Texts) -> Sounds:
        """The sounds of texts."""
        texts = texts.first(MAX_SYLLABLES)
        spoken = syllables(texts)
        whole = sums(spoken == 0, texts.sizes) == 0
        spoken = spoken[np.repeat(whole, texts.sizes)]
        capitals, letters = _spelt(spoken)
        sizes = sums(letters, texts.sizes[whole])
        order = _order(capitals, sizes)
        starts = np.cumsum(sizes) - sizes
        places = np.repeat(starts[order], sizes[order]) + ragged_arange(sizes[order])
        return cls(np.flatnonzero(whole)[order], capitals[places], sizes[order])

    def initials(self) -> NDArray[np.uint64]:
        """The capitals of each as one number; they compare as numbers do."""
        found = np.flatnonzero(self.capitals < ord("a"))
        counts = sums(self.capitals < ord("a"), self.sizes)
        return _words(self.capitals[found], counts, 1)[0]

    def confusable_hashes(self) -> NDArray[np.uint32]:
        """``keys.text_hash`` of ``pronunciation_keys.confusable`` of each."""
        small = self.capitals | _CAPITAL
        place = ragged_arange(self.sizes)
        before = np.concatenate([np.zeros(2, np.uint8), small])
        last, second_last = before[1:-1] * (place > 0), before[:-2] * (place > 1)
        after_hiss = np.isin(last, _codes("zcs")) & (small == ord("h"))
        after_n = np.isin(second_last, _codes("aeiou")) & (last == ord("n")) & (small == ord("g"))
        kept = ~(after_hiss | after_n)
        heard = np.where(small == ord("l"), np.uint8(ord("n")), small)
        return crc32_of(heard[kept], sums(kept, self.sizes))


def _spelt(spoken: NDArray[np.uint16]) -> tuple[Letters, Integers]:
    """The letters of syllables, the first of each a capital, and how many each has."""
    known = table("syllables").tolist()
    size_of = np.array([0, *map(len, known)], np.int64)
    data = np.frombuffer(b"".join(known), np.uint8)
    first = np.cumsum(size_of) - size_of
    sizes = size_of[spoken]
    within = ragged_arange(sizes)
    letters = data[np.repeat(first[spoken], sizes) + within]
    return letters - _CAPITAL * (within == 0), sizes


def _order(capitals: Letters, sizes: Integers) -> Integers:
    """The order by small letters, then by where the capitals are, then as given."""
    most = int(sizes.max(initial=1))
    small = _words(capitals | _CAPITAL, sizes, -(-most // 8))
    marked = _words(capitals, sizes, -(-most // 8))
    return np.lexsort([*marked[::-1], *small[::-1]]) if len(sizes) else sizes


def _words(letters: Letters, sizes: Integers, count: int) -> list[NDArray[np.uint64]]:
    """Texts as ``count`` numbers of eight letters each, which compare as the texts do."""
    fixed = np.zeros((len(sizes), 8 * count), np.uint8)
    fixed[np.repeat(np.arange(len(sizes)), sizes), ragged_arange(sizes)] = letters
    words = fixed.view(">u8").astype(np.uint64)
    return [words[:, place] for place in range(count)]


def _codes(letters: str) -> Letters:
    return np.frombuffer(letters.encode(), np.uint8)
