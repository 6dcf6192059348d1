"""Texts as pairs of neighbouring characters, indexed without a Python string for each pair.

``CharacterPairs`` is a value for a field with positions; ``PairAccumulator`` gathers columns of them
as ``runs.FieldAccumulator`` gathers tokens, ``PairCountAccumulator`` pairs that are only counted. UTF-8 keeps the order of code points, so that pairs sorted
by code points are sorted terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.batches import PairCountsColumn, PairsColumn, sums
from searchsvc.postings.bits import Integers
from searchsvc.postings.lists import Lists, Unsigned
from searchsvc.postings.runs import slots
from searchsvc.postings.terms import TermTable, utf8_sizes

try:
    from searchsvc.postings.compiled_pairs import sort_pairs
except ImportError:  # without numba
    from searchsvc.postings.plain_pairs import sort_pairs

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


def pairs_column(documents: Unsigned, pairs: Sequence[CharacterPairs]) -> PairsColumn:
    """The column of documents' pairs.

    Raises ValueError where pairs do not begin at ascending places of their text.
    """
    count = len(pairs)
    text_sizes = np.fromiter([len(of_one.text) for of_one in pairs], np.uint32, count)
    places = [np.asarray(of_one.positions, np.uint32) for of_one in pairs]
    sizes = np.fromiter(map(len, places), np.uint32, count)
    positions = np.concatenate(places)
    owners = np.repeat(np.arange(count), sizes)
    falling = (positions[1:] <= positions[:-1]) & (owners[1:] == owners[:-1])
    if falling.any() or (slots(positions, sizes) > text_sizes).any():
        raise ValueError("pairs begin at ascending places of their text")
    joined = "".join([of_one.text for of_one in pairs])
    lengths = [
        len(of_one.positions) if of_one.length is None else of_one.length for of_one in pairs
    ]
    return PairsColumn(
        documents,
        text_sizes,
        np.frombuffer(joined.encode("utf-32-le"), np.uint32),
        sizes,
        positions,
        np.array(lengths, np.uint32),
    )


class PairAccumulator:
    """The postings of a field of pairs in the making; see ``runs.FieldAccumulator``."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._characters: list[Unsigned] = []
        self._places: list[Unsigned] = []
        self._documents: list[Unsigned] = []
        self._text_sizes: list[Unsigned] = []
        self._n_characters = 0
        self.size = 0

    def add_column(self, first: int, column: PairsColumn) -> Integers:
        """Takes a column whose document 0 is ``first``; gives the widths of the position slots."""
        starts = np.cumsum(column.text_sizes, dtype=np.uint32) - column.text_sizes
        starts += np.uint32(self._n_characters)
        self._places.append(column.positions + np.repeat(starts, column.sizes))
        self._characters.append(column.characters)
        self._documents.append(column.documents + np.uint32(first))
        self._text_sizes.append(column.text_sizes)
        self._n_characters += len(column.characters)
        self.size += len(column.positions)
        return slots(column.positions, column.sizes)

    def sorted_run(self) -> tuple[TermTable, Lists]:
        """What was gathered, by term, document and position; the accumulator is empty afterwards."""
        characters = np.concatenate(self._characters)
        places = np.concatenate(self._places)
        text_sizes = np.concatenate(self._text_sizes)
        documents = np.concatenate(self._documents)
        self._clear()
        alphabet, rank = _alphabet(characters)
        first, second, counts, of_posting, frequencies, positions = sort_pairs(
            characters, places, rank, len(alphabet), text_sizes, documents
        )
        table = _table(alphabet[first], alphabet[second])
        return table, Lists(counts, of_posting, frequencies, positions)


class PairCountAccumulator:
    """The postings of a field of counted pairs in the making; see ``runs.FieldAccumulator``."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._pairs: list[NDArray[np.uint64]] = []
        self._frequencies: list[Unsigned] = []
        self._documents: list[Unsigned] = []
        self._sizes: list[Unsigned] = []
        self.size = 0

    def add_column(self, first: int, column: PairCountsColumn) -> Integers:
        """Takes a column whose document 0 is ``first``; gives the documents' lengths."""
        self._pairs.append(column.pairs)
        self._frequencies.append(column.frequencies)
        self._documents.append(column.documents + np.uint32(first))
        self._sizes.append(column.sizes)
        self.size += len(column.pairs)
        return sums(column.frequencies, column.sizes)

    def sorted_run(self) -> tuple[TermTable, Lists]:
        """What was gathered, by term and document; the accumulator is empty afterwards."""
        pairs = np.concatenate(self._pairs)
        first, second = (pairs >> np.uint64(32)).astype(np.uint32), pairs.astype(np.uint32)
        of_posting = np.repeat(np.concatenate(self._documents), np.concatenate(self._sizes))
        values = np.concatenate(self._frequencies)
        self._clear()
        alphabet, rank = _alphabet(first, second)
        character_bits = _bits(alphabet)
        place_bits = len(pairs).bit_length()
        assert 2 * character_bits + place_bits <= 64
        key = rank[first].astype(np.uint64)
        key <<= np.uint64(character_bits)
        key |= rank[second]
        key <<= np.uint64(place_bits)
        key |= np.arange(len(pairs), dtype=np.uint64)
        key.sort()
        element = (key & np.uint64((1 << place_bits) - 1)).astype(np.uint32)
        key >>= np.uint64(place_bits)
        new = np.ones(len(key), np.bool_)
        new[1:] = key[1:] != key[:-1]
        pair = pairs[element[new]]
        table = _table((pair >> np.uint64(32)).astype(np.uint32), pair.astype(np.uint32))
        counts = np.diff(np.flatnonzero(new), append=len(key))
        return table, Lists(counts, of_posting[element], values[element], None)


def _bits(alphabet: Unsigned) -> int:
    """How many bits a character's rank takes."""
    return max(1, (len(alphabet) - 1).bit_length())


def _alphabet(*characters: Unsigned) -> tuple[Unsigned, Unsigned]:
    """The distinct code points, ascending, and the rank of each by code point."""
    present = np.zeros(_CODE_POINTS, np.bool_)
    for some in characters:
        present[some] = True
    alphabet = np.flatnonzero(present).astype(np.uint32)
    rank = np.zeros(_CODE_POINTS, np.uint32)
    rank[alphabet] = np.arange(len(alphabet), dtype=np.uint32)
    return alphabet, rank


def _table(first: Unsigned, second: Unsigned) -> TermTable:
    """The terms of pairs of code points."""
    both = np.stack([first, second], axis=1)
    sizes = utf8_sizes(both).sum(axis=1)
    data = both.astype("<u4").tobytes().decode("utf-32-le").encode()
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    return TermTable(np.frombuffer(data, np.uint8), starts)
