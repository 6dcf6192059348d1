"""Texts as pairs of neighbouring characters, indexed without a Python string for each pair.

``CharacterPairs`` is a value for a field with positions; ``PairAccumulator`` gathers such values as
``runs.FieldAccumulator`` gathers tokens. UTF-8 keeps the order of code points, so that pairs sorted
by code points are sorted terms.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.lists import Lists, Unsigned
from searchsvc.postings.runs import positional_lists
from searchsvc.postings.terms import TermTable

_CODE_POINTS = 0x110000


@dataclass(frozen=True, slots=True)
class CharacterPairs:
    """A text as pairs of neighbouring characters; several times cheaper to index than ``Tokens``.

    ``text`` is what the pairs stand in, ``positions`` where each begins, ascending: the pair at
    ``p`` is the term ``text[p:p + 2]``, with position ``p``. ``length`` is the field length that
    ranking counts with; None: the number of pairs.
    """

    text: str
    positions: NDArray[np.uint32]
    length: int | None = None


class PairAccumulator:
    """The postings of a field of pairs in the making; see ``runs.FieldAccumulator``."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._characters = bytearray()
        self._places = array("I")
        self._documents = array("I")
        self._starts = array("I")

    @property
    def size(self) -> int:
        """How many pairs have been gathered since the last run."""
        return len(self._places)

    def add(self, document: int, pairs: CharacterPairs) -> int:
        """Takes a document's pairs; gives the width of its position slot."""
        positions = np.asarray(pairs.positions, np.uint32)
        if not len(positions):
            return 0
        last = int(positions[-1])
        if last + 1 >= len(pairs.text) or (positions[1:] <= positions[:-1]).any():
            raise ValueError("pairs begin at ascending places of their text")
        start = len(self._characters) // 4
        self._characters += pairs.text.encode("utf-32-le")
        self._places.frombytes((positions + np.uint32(start)).tobytes())
        self._documents.append(document)
        self._starts.append(start)
        return last + 2

    def sorted_run(self) -> tuple[TermTable, Lists]:
        """What was gathered, by term, document and position; the accumulator is empty afterwards."""
        characters = np.frombuffer(self._characters, np.uint32)
        places = np.frombuffer(self._places, np.uint32)
        alphabet, rank = _alphabet(characters)
        character_bits = max(1, (len(alphabet) - 1).bit_length())
        place_bits = len(characters).bit_length()
        assert 2 * character_bits + place_bits <= 64
        key = rank[characters[places]]
        key <<= np.uint64(character_bits)
        key |= rank[characters[places + np.uint32(1)]]
        key <<= np.uint64(place_bits)
        key |= places
        key.sort()
        place = (key & np.uint64((1 << place_bits) - 1)).astype(np.uint32)
        key >>= np.uint64(place_bits)
        new = np.ones(len(key), np.bool_)
        new[1:] = key[1:] != key[:-1]
        pair = key[new]
        second = pair & np.uint64((1 << character_bits) - 1)
        table = _table(alphabet[pair >> np.uint64(character_bits)], alphabet[second])
        term = np.cumsum(new, dtype=np.uint32) - np.uint32(1)
        starts = np.frombuffer(self._starts, np.uint32)
        text_sizes = np.diff(starts, append=np.uint32(len(characters)))
        text = np.repeat(np.arange(len(starts), dtype=np.uint32), text_sizes)[place]
        documents = np.frombuffer(self._documents, np.uint32)[text]
        positions = place - starts[text]
        self._clear()
        return table, positional_lists(term, documents, positions, len(table))


def _alphabet(characters: Unsigned) -> tuple[Unsigned, NDArray[np.uint64]]:
    """The distinct code points, ascending, and the rank of each by code point."""
    present = np.zeros(_CODE_POINTS, np.bool_)
    present[characters] = True
    alphabet = np.flatnonzero(present).astype(np.uint32)
    rank = np.zeros(_CODE_POINTS, np.uint64)
    rank[alphabet] = np.arange(len(alphabet), dtype=np.uint64)
    return alphabet, rank


def _table(first: Unsigned, second: Unsigned) -> TermTable:
    """The terms of pairs of code points."""
    both = np.stack([first, second], axis=1)
    sizes = (1 + (both > 0x7F) + (both > 0x7FF) + (both > 0xFFFF)).sum(axis=1, dtype=np.int64)
    data = both.astype("<u4").tobytes().decode("utf-32-le").encode()
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    return TermTable(np.frombuffer(data, np.uint8), starts)
