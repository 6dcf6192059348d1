"""Elias-Fano: ascending integers in little more room than theory asks for.

``n`` integers below ``universe`` (Elias 1974; Vigna, "Quasi-succinct indices", 2013) are stored as a
bit set in which integer ``i`` sets bit ``(value >> width) + i``, then as their low ``width`` bits
(planes, see ``bits``). Where ``dense`` is allowed and ``n`` is over a quarter of the universe, a
plain bit set is smaller and takes its place. Called by ``lists``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.bits import (
    Bytes,
    Integers,
    pack_many,
    packed_size,
    packed_sizes,
    ragged_arange,
    ragged_take,
    set_bits,
    unpack,
    unpack_many,
)

Unsigned = NDArray[np.uint32]

DENSE: Final = 4
"""A list that holds more than a ``DENSE``-th of its universe is a bit set."""


def low_width(count: int, universe: int) -> int:
    """Low bits per integer: floor(log2(universe / count)), the optimum, for lists of 8 and more.

    Shorter lists round it so that few planes begin a byte of their own.
    """
    width = max(0, (universe // count).bit_length() - 1)
    step = 8 if count == 1 else 4 if count < 8 else 1
    return (width + (step >> 1)) // step * step


def size(count: int, universe: int, *, dense: bool) -> int:
    """Bytes that a list takes."""
    if dense and DENSE * count > universe:
        return (universe + 7) >> 3
    width = low_width(count, universe)
    return ((count + ((universe - 1) >> width) + 7) >> 3) + packed_size(count, width)


def read(data: Bytes, place: int, count: int, universe: int, *, dense: bool) -> NDArray[np.uint32]:
    """The list stored from byte ``place`` on, as a new array."""
    if dense and DENSE * count > universe:
        return set_bits(data[place : place + ((universe + 7) >> 3)]).astype(np.uint32)
    width = low_width(count, universe)
    behind = place + ((count + ((universe - 1) >> width) + 7) >> 3)
    high = set_bits(data[place:behind])
    high -= np.arange(count)
    if width == 0:
        return high.astype(np.uint32)
    values = unpack(data, behind, count, width)
    high <<= width
    values |= high.astype(np.uint32)
    return values


@dataclass(frozen=True, slots=True)
class Layout:
    """The sizes of many lists; all arrays (n_lists,)."""

    counts: Integers
    bit_sets: NDArray[np.bool_]
    widths: Integers
    high_sizes: Integers
    sizes: Integers

    @classmethod
    def of(cls, universe: Integers, counts: Integers, *, dense: bool) -> Layout:
        """The layout of lists with these universes and counts."""
        ratio = (universe // counts).astype(np.float64)
        widths = np.maximum(0, np.frexp(ratio)[1].astype(np.int64) - 1)
        step = np.where(counts == 1, 8, np.where(counts < 8, 4, 1))
        widths = (widths + (step >> 1)) // step * step
        high_sizes = (counts + ((universe - 1) >> widths) + 7) >> 3
        bit_sets = (DENSE * counts > universe) & dense
        widths = np.where(bit_sets, 0, widths)
        high_sizes = np.where(bit_sets, (universe + 7) >> 3, high_sizes)
        sizes = high_sizes + packed_sizes(counts, widths)
        return cls(counts, bit_sets, widths, high_sizes, sizes)

    def marks(self, places: Integers, values: NDArray[np.uint32]) -> Integers:
        """The bits to set for the high parts of lists that begin at these bytes."""
        marks = self._index()
        marks += np.repeat(8 * places, self.counts)
        marks += values >> np.repeat(self.widths, self.counts)
        return marks

    def write_low(self, data: Bytes, places: Integers, values: NDArray[np.uint32]) -> None:
        """Writes the low parts; ``data`` must be zero there."""
        pack_many(data, values, places + self.high_sizes, self.counts, self.widths)

    def read(self, data: Bytes, places: Integers) -> NDArray[np.uint32]:
        """The values of lists that begin at these bytes."""
        high = set_bits(ragged_take(data, places, self.high_sizes))
        high -= np.repeat(8 * (np.cumsum(self.high_sizes) - self.high_sizes), self.counts)
        high -= self._index()
        high <<= np.repeat(self.widths, self.counts)
        values = unpack_many(data, places + self.high_sizes, self.counts, self.widths)
        values |= high.astype(np.uint32)
        return values

    def _index(self) -> Integers:
        """What each integer's number in its list adds to its bit."""
        index = ragged_arange(self.counts)
        index[np.repeat(self.bit_sets, self.counts)] = 0
        return index
