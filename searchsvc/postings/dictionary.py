"""The term dictionary: sorted terms, front-coded in blocks of 16, found by binary search.

An entry of a block is a byte (bytes shared with the term before, at most 15, in its high half; size
of the rest in its low half, 15 meaning "and more": a varint of what is over 15), then the rest. The
first term of a block shares nothing. A block's key is its first term's first eight bytes as a
big-endian integer. Nothing is read at opening; a look-up reads one block.

Arrays: ``keys`` (n_blocks,) uint64, ``blocks`` (n_blocks,) uint32 first bytes, ``entries`` uint8.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.bits import Bytes, ragged_arange, ragged_take
from searchsvc.postings.front_coding import BLOCK, LONG, MOST_SHARED
from searchsvc.postings.terms import TermTable
from searchsvc.postings.varints import (
    read_varint,
    read_varints,
    varint_sizes,
    write_varints,
)


@dataclass(frozen=True, slots=True)
class DictionaryArrays:
    """The arrays of a stored dictionary; see the module."""

    keys: NDArray[np.uint64]
    blocks: NDArray[np.uint32]
    entries: Bytes


def encode_dictionary(table: TermTable) -> DictionaryArrays:
    """The arrays for sorted, distinct terms."""
    sizes = table.sizes
    shared = _shared_sizes(table)
    rest = sizes - shared
    long = rest >= LONG
    entry_sizes = 1 + rest
    entry_sizes[long] += varint_sizes(rest[long] - LONG)
    starts = np.cumsum(entry_sizes) - entry_sizes
    entries = np.zeros(int(entry_sizes.sum()), np.uint8)
    entries[starts] = (shared << 4) | np.minimum(rest, LONG)
    write_varints(entries, starts[long] + 1, rest[long] - LONG)
    text = starts + entry_sizes - rest
    entries[np.repeat(text, rest) + ragged_arange(rest)] = ragged_take(
        table.data, table.starts[:-1] + shared, rest
    )
    heads = np.arange(0, len(table), BLOCK)
    return DictionaryArrays(table.words(heads, 0), starts[heads].astype(np.uint32), entries)


def _shared_sizes(table: TermTable) -> NDArray[np.int64]:
    """How many bytes each term shares with the one before, at most 15; 0 at block heads."""
    shared = np.zeros(len(table), np.int64)
    sizes = table.sizes
    alike = np.flatnonzero(np.arange(len(table)) % BLOCK)
    for depth in range(MOST_SHARED):
        alike = alike[(sizes[alike] > depth) & (sizes[alike - 1] > depth)]
        mine, before = table.starts[alike] + depth, table.starts[alike - 1] + depth
        alike = alike[table.data[mine] == table.data[before]]
        shared[alike] += 1
    return shared


class TermDictionary:
    """A stored dictionary of ``n_terms`` terms, open for look-ups.

    ``hold`` is called with the bounds of what is about to be read of the entries.
    """

    def __init__(
        self,
        arrays: DictionaryArrays,
        n_terms: int,
        hold: Callable[[int, int], None] = lambda start, stop: None,
    ) -> None:
        self.n_terms = n_terms
        self._hold = hold
        self._arrays = arrays
        self._keys = arrays.keys.data
        self._blocks = arrays.blocks.data
        self._entries = arrays.entries.data

    def find(self, term: bytes) -> int:
        """The term's ordinal, -1 where it is missing; ``compiled_lookup`` does the same."""
        ordinal, found = self._search(term)
        return ordinal if found == term else -1

    def lower_bound(self, term: bytes) -> int:
        """The ordinal of the first term that is not less; ``n_terms`` where all are."""
        return self._search(term)[0]

    def term(self, ordinal: int) -> bytes:
        """The term with this ordinal. Raises IndexError where there is none."""
        if not 0 <= ordinal < self.n_terms:
            raise IndexError(ordinal)
        block, index = divmod(ordinal, BLOCK)
        for number, term in enumerate(self._walk(block)):
            if number == index:
                return term
        raise IndexError(ordinal)

    def terms(self, start: int, stop: int) -> Iterator[bytes]:
        """The terms with ordinals ``start`` to ``stop - 1``."""
        ordinal = start // BLOCK * BLOCK
        while ordinal < stop:
            for term in self._walk(ordinal // BLOCK):
                if start <= ordinal < stop:
                    yield term
                ordinal += 1

    def table(self) -> TermTable:
        """All terms."""
        self._hold(0, len(self._entries))
        return _decode(self._arrays, self.n_terms)

    def _search(self, term: bytes) -> tuple[int, bytes | None]:
        """The lower bound of a term, and the term that stands there."""
        key = int.from_bytes(term[:8].ljust(8, b"\0"), "big")
        low = bisect_left(self._keys, key)
        high = bisect_right(self._keys, key, low)
        block = low - 1
        if high > low:
            block += bisect_right(range(low, high), term, key=self._head)
        if block < 0:
            return 0, self._head(0) if self.n_terms else None
        ordinal = block * BLOCK
        for found in self._walk(block):
            if found >= term:
                return ordinal, found
            ordinal += 1
        return ordinal, self._head(block + 1) if ordinal < self.n_terms else None

    def _head(self, block: int) -> bytes:
        return next(self._walk(block))

    def _walk(self, block: int) -> Iterator[bytes]:
        """The terms of a block."""
        stop = self._blocks[block + 1] if block + 1 < len(self._blocks) else len(self._entries)
        self._hold(self._blocks[block], stop)
        entries = bytes(self._entries[self._blocks[block] : stop])
        term, place = b"", 0
        while place < len(entries):
            head = entries[place]
            place += 1
            rest = head & 15
            if rest == LONG:
                more, place = read_varint(entries, place)
                rest += more
            term = term[: head >> 4] + entries[place : place + rest]
            place += rest
            yield term


def _decode(arrays: DictionaryArrays, n_terms: int) -> TermTable:
    """All terms of a dictionary: a step for each place in a block, all blocks at once."""
    shared = np.zeros(n_terms, np.int64)
    rest = np.zeros(n_terms, np.int64)
    text = np.zeros(n_terms, np.int64)
    place = arrays.blocks.astype(np.int64)
    for index in range(min(BLOCK, n_terms)):
        number = np.arange(index, n_terms, BLOCK)
        place = place[: len(number)]
        head = arrays.entries[place].astype(np.int64)
        place = place + 1
        shared[number], size = head >> 4, head & 15
        long = size == LONG
        more, more_size = read_varints(arrays.entries, place[long])
        size[long] += more
        place[long] += more_size
        rest[number], text[number] = size, place
        place = place + size
    starts = np.zeros(n_terms + 1, np.int64)
    np.cumsum(shared + rest, out=starts[1:])
    data = np.zeros(int(starts[-1]), np.uint8)
    own = starts[:-1] + shared
    data[np.repeat(own, rest) + ragged_arange(rest)] = ragged_take(arrays.entries, text, rest)
    for index in range(1, min(BLOCK, n_terms)):
        number = np.arange(index, n_terms, BLOCK)
        size = shared[number]
        target = np.repeat(starts[number], size) + ragged_arange(size)
        data[target] = ragged_take(data, starts[number - 1], size)
    return TermTable(data, starts)
