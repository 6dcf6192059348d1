"""Tables of terms as arrays: many byte strings without an object for each.

``TermTable`` holds them, ``merge_terms`` sorts and unites several. Called while segments are
written and merged; the dictionary that queries read is in ``dictionary``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.bits import Bytes, Integers, ragged_take


@dataclass(frozen=True, slots=True)
class TermTable:
    """``n`` byte strings; number ``i`` is ``data[starts[i]:starts[i + 1]]``."""

    data: Bytes
    starts: Integers

    @classmethod
    def of(cls, terms: Sequence[bytes]) -> TermTable:
        """The table of these terms, in this order."""
        starts = np.zeros(len(terms) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, terms), np.int64, len(terms)), out=starts[1:])
        return cls(np.frombuffer(b"".join(terms), np.uint8), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, number: int) -> bytes:
        return self.data[self.starts[number] : self.starts[number + 1]].tobytes()

    @property
    def sizes(self) -> Integers:
        """(n,) bytes of each term."""
        return np.diff(self.starts)

    def take(self, numbers: Integers) -> TermTable:
        """The table of the terms with these numbers."""
        sizes = self.sizes[numbers]
        starts = np.zeros(len(numbers) + 1, np.int64)
        np.cumsum(sizes, out=starts[1:])
        return TermTable(ragged_take(self.data, self.starts[numbers], sizes), starts)

    def part(self, start: int, stop: int) -> TermTable:
        """The table of the terms with numbers ``start`` to ``stop - 1``."""
        first, last = self.starts[start], self.starts[stop]
        return TermTable(self.data[first:last], self.starts[start : stop + 1] - first)

    def words(self, numbers: Integers, depth: int) -> NDArray[np.uint64]:
        """Bytes ``depth`` to ``depth + 7`` of these terms as one big-endian integer.

        Bytes behind a term's end count as zero.
        """
        places = self.starts[numbers] + depth
        left = self.starts[numbers + 1] - places
        word = np.zeros(len(numbers), np.uint64)
        for index in range(8):
            having = left > index
            byte = np.zeros(len(numbers), np.uint64)
            byte[having] = self.data[places[having] + index]
            word = (word << np.uint64(8)) | byte
        return word


def utf8_sizes(codes: NDArray[np.uint32]) -> Integers:
    """How many bytes of UTF-8 each code point takes."""
    sizes = 1 + (codes > 0x7F).astype(np.int64)
    sizes += codes > 0x7FF
    sizes += codes > 0xFFFF
    return sizes


def sort_terms(table: TermTable) -> tuple[Integers, NDArray[np.bool_]]:
    """The numbers of the terms in byte order, and which of them differ from the one before.

    Equal terms stand in the order of their numbers. Compares eight bytes at a time, and goes on
    only with terms that are not told apart yet.
    """
    if not len(table):
        return np.zeros(0, np.int64), np.zeros(0, np.bool_)
    word = table.words(np.arange(len(table)), 0)
    order = np.argsort(word, kind="stable")
    new = _changes(word[order])
    open_groups = _shared(new)
    if table.data.all():  # without zero bytes a word tells where a term ends
        long = np.logical_or.reduceat(table.sizes[order] > 8, np.flatnonzero(new))
        open_groups &= long[np.cumsum(new) - 1]
    depth, undecided = 0, np.flatnonzero(open_groups)
    while len(undecided):
        numbers = order[undecided]
        group = np.cumsum(new)[undecided]
        left = np.minimum(table.sizes[numbers] - depth, 9)
        word = table.words(numbers, depth)
        sub = np.lexsort((left, word, group))
        order[undecided] = numbers[sub]
        new[undecided] |= _changes(group[sub], word[sub], left[sub])
        depth += 8
        undecided = undecided[left[sub] > 8]
        undecided = undecided[_shared(new[undecided])]
    return order, new


def join_terms(tables: Sequence[TermTable]) -> TermTable:
    """All terms of the tables, one table after the other."""
    shifts = np.cumsum([0, *(len(table.data) for table in tables)])
    starts = [t.starts[:-1] + shift for t, shift in zip(tables, shifts, strict=False)]
    data = np.concatenate([np.zeros(0, np.uint8), *(table.data for table in tables)])
    return TermTable(data, np.concatenate([*starts, shifts[-1:]]))


def merge_terms(tables: Sequence[TermTable]) -> tuple[TermTable, list[Integers]]:
    """The distinct terms of sorted tables, sorted, and for each table their numbers there."""
    if len(tables) == 1:
        return tables[0], [np.arange(len(tables[0]))]
    ends = np.cumsum([len(table) for table in tables])
    every = join_terms(tables)
    order, new = sort_terms(every)
    numbers = np.empty(len(order), np.int64)
    numbers[order] = np.cumsum(new) - 1
    return every.take(order[new]), np.split(numbers, ends[:-1])


def _changes(*keys: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Where any of the keys differs from the element before; true for the first."""
    changes = np.ones(len(keys[0]), np.bool_)
    changes[1:] = False
    for key in keys:
        changes[1:] |= key[1:] != key[:-1]
    return changes


def _shared(new: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which elements share their group with another one."""
    shared: NDArray[np.bool_] = ~(new & np.append(new[1:], True)[: len(new)])
    return shared
