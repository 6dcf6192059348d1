"""Positions as bits: a phase-in code for each, in blocks of postings, for many lists at once.

A position below ``bound`` (how many places its document has) is coded in truncated binary: with
``width = floor(log2(bound))`` and ``cut = 2 ** (width + 1) - bound``, positions below ``cut`` are
their own ``width`` bits; of the others, plus ``cut``, the highest ``width`` bits are written and the
last one apart. That is within a tenth of a bit of log2(bound), where Elias-Fano over the documents
of a list takes two bits more (news corpus: 41 MB, not 48).

``BLOCK`` postings of a list make a block: first the ``width`` bits of all its positions, then, from
a fresh byte, their single bits. Lists of several blocks begin with a table (4 bytes each) of where
each but the first one begins behind the table, so that one posting's positions are read without those
of the blocks before. Called by ``plain_batches`` and ``plain_lists``; ``compiled_phase_in`` is the same in compiled form.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.bits import Bits, Bytes, Integers, ragged_arange

Unsigned = NDArray[np.uint32]

BLOCK: Final = 64
"""Postings of a block."""

ENTRY: Final = 4
"""Bytes of an entry of the table."""


class Layout:
    """How the positions of many lists lie in blocks.

    Made of each list's ``counts`` of postings, and each posting's frequency and bound.
    """

    def __init__(self, counts: Integers, frequencies: Unsigned, bounds: Integers) -> None:
        self.n_blocks = (counts + BLOCK - 1) // BLOCK
        self.tables = ENTRY * (self.n_blocks - 1)
        self._first_blocks = np.cumsum(self.n_blocks) - self.n_blocks
        blocks = np.repeat(self._first_blocks, counts) + ragged_arange(counts) // BLOCK
        widths = np.frexp(bounds.astype(np.float64))[1].astype(np.int64) - 1
        self.block = np.repeat(blocks, frequencies)
        self.width = np.repeat(widths, frequencies)
        self.cut = np.repeat((2 << widths) - bounds, frequencies)
        n_bits = self.per_block(self.width)
        self.wide_sizes = (n_bits + 7) >> 3
        before = np.cumsum(self.width) - self.width
        self.bit = before - (np.cumsum(n_bits) - n_bits)[self.block]

    def per_block(self, values: Integers | Bits) -> Integers:
        """The sum of the values, one for each position, in every block."""
        n_blocks = int(self.n_blocks.sum())
        return np.bincount(self.block, values, n_blocks).astype(np.int64)

    def per_list(self, values: Integers) -> Integers:
        """The sum of the blocks' values in every list."""
        if not len(self.n_blocks):
            return np.zeros(0, np.int64)
        sums: Integers = np.add.reduceat(values, self._first_blocks)
        return sums

    def block_starts(self, places: Integers, sizes: Integers) -> Integers:
        """The first byte of every block, of lists whose tables begin at ``places``."""
        return np.repeat(places + self.tables, self.n_blocks) + self._own_starts(sizes)

    def write_tables(self, data: Bytes, places: Integers, sizes: Integers) -> None:
        """Writes the tables; ``sizes`` are the blocks'."""
        entries = self._own_starts(sizes)[self._later]
        for byte in range(ENTRY):
            data[self._entries(places) + byte] = entries >> (8 * byte) & 255

    def read_tables(self, data: Bytes, places: Integers) -> Integers:
        """The first byte of every block, as the tables say."""
        starts = np.repeat(places + self.tables, self.n_blocks)
        for byte in range(ENTRY):
            part = data[self._entries(places) + byte].astype(np.int64)
            starts[self._later] += part << (8 * byte)
        return starts

    def _own_starts(self, sizes: Integers) -> Integers:
        """Where each block begins behind the table of its list."""
        starts = np.cumsum(sizes) - sizes
        return np.asarray(starts - np.repeat(starts[self._first_blocks], self.n_blocks))

    @property
    def _later(self) -> Integers:
        """The blocks that are not the first of their list."""
        return np.flatnonzero(ragged_arange(self.n_blocks))

    def _entries(self, places: Integers) -> Integers:
        """The first byte of each entry of the tables."""
        return np.repeat(places, self.n_blocks - 1) + ENTRY * ragged_arange(self.n_blocks - 1)


class Coded:
    """The positions of many lists in code, to be put where their lists will be."""

    def __init__(self, layout: Layout, positions: Unsigned) -> None:
        self._layout = layout
        self._split = positions >= layout.cut
        code = positions + np.where(self._split, layout.cut, 0)
        self._wide = np.where(self._split, code >> 1, code)
        self._single = code[self._split] & 1
        self._n_single = layout.per_block(self._split)
        self._block_sizes = layout.wide_sizes + ((self._n_single + 7) >> 3)
        self.sizes = layout.tables + layout.per_list(self._block_sizes)

    def mark(self, bits: Bits, places: Integers) -> None:
        """Sets the bits of lists whose positions begin at these bytes."""
        layout = self._layout
        starts = layout.block_starts(places, self._block_sizes)
        first = 8 * starts[layout.block] + layout.bit
        for bit in range(int(layout.width.max(initial=0))):
            bits[first[(self._wide >> bit & 1).astype(np.bool_)] + bit] = True
        singles = 8 * (starts + layout.wide_sizes)[layout.block[self._split]]
        singles += ragged_arange(self._n_single)
        bits[singles[self._single.astype(np.bool_)]] = True

    def write_tables(self, data: Bytes, places: Integers) -> None:
        """Writes where the blocks begin."""
        self._layout.write_tables(data, places, self._block_sizes)


def read(data: Bytes, places: Integers, layout: Layout) -> Unsigned:
    """The positions of lists that begin at these bytes, within their documents."""
    starts = layout.read_tables(data, places)
    values = _bits(data, 8 * starts[layout.block] + layout.bit, layout.width)
    split = values >= layout.cut
    n_single = layout.per_block(split)
    single = 8 * (starts + layout.wide_sizes)[layout.block[split]] + ragged_arange(n_single)
    values[split] = 2 * values[split] - layout.cut[split]
    values[split] += data[single >> 3] >> (single & 7).astype(np.uint8) & 1
    return values.astype(np.uint32)


def _bits(data: Bytes, first: Integers, width: Integers) -> Integers:
    """The integers of these widths, at most 31, that begin at these bits."""
    byte = first >> 3
    values = np.zeros(len(first), np.int64)
    for number in range((int(width.max(initial=0)) + 14) >> 3):
        part = data.take(byte + number, mode="clip").astype(np.int64)
        values |= part << (8 * number)
    values >>= first & 7
    values &= (1 << width) - 1
    return values
