"""Many posting lists encoded and decoded by NumPy at once; the formats are those of ``lists``.

``encode`` is the stand-in for ``compiled_encoding`` without numba.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings import elias_fano, phase_in
from searchsvc.postings.bits import Bytes, Integers, ragged_take, set_bits
from searchsvc.postings.elias_fano import Unsigned
from searchsvc.postings.varints import read_varints, varint_sizes, write_varints


def encode(
    counts: Integers,
    documents: Unsigned,
    frequencies: Unsigned,
    positions: Unsigned,
    with_positions: bool,
    n_documents: int,
    position_starts: Unsigned,
) -> tuple[Bytes, Integers]:
    """The lists as bytes, one after the other, and the size of each; see ``lists.Lists``."""
    totals = _sums(frequencies, counts)
    layout = _Layout(counts, totals, n_documents)
    sizes = layout.sizes()
    coded = None
    if with_positions:
        bounds = _bounds(documents, position_starts)
        coded = phase_in.Coded(phase_in.Layout(counts, frequencies, bounds), positions)
        sizes += coded.sizes
    starts = np.cumsum(sizes) - sizes
    places = layout.places(starts)
    marks = [layout.documents.marks(places.documents, documents)]
    repeated = np.repeat(layout.repeated, counts)
    last = _running_sums(frequencies.astype(np.int64), counts) - 1
    marks.append((np.repeat(8 * places.frequencies, counts) + last)[repeated])
    bits = np.zeros(8 * int(sizes.sum()), np.bool_)
    for mark in marks:
        bits[mark] = True
    if coded:
        coded.mark(bits, places.positions)
    data = np.packbits(bits, bitorder="little")
    del bits, marks
    write_varints(data, starts, layout.header)
    write_varints(data, places.excess, (totals - counts)[layout.repeated])
    layout.documents.write_low(data, places.documents, documents)
    if coded:
        coded.write_tables(data, places.positions)
    return data, sizes


def decode(
    data: Bytes, starts: Integers, n_documents: int, position_starts: Unsigned | None
) -> tuple[Integers, Unsigned, Unsigned, Unsigned | None]:
    """The lists that begin at these bytes, as ``lists.Lists`` has them."""
    header, header_size = read_varints(data, starts)
    counts, repeated = header >> 1, (header & 1).astype(np.bool_)
    totals = counts.copy()
    excess, _ = read_varints(data, (starts + header_size)[repeated])
    totals[repeated] += excess
    layout = _Layout(counts, totals, n_documents)
    places = layout.places(starts)
    documents = layout.documents.read(data, places.documents)
    frequencies = np.ones(len(documents), np.uint32)
    if len(excess):
        sizes = (totals[repeated] + 7) >> 3
        ends = set_bits(ragged_take(data, places.frequencies[repeated], sizes))
        of = counts[repeated]
        ends -= np.repeat(8 * (np.cumsum(sizes) - sizes), of)
        gaps = np.diff(ends, prepend=-1)
        first = np.cumsum(of) - of
        gaps[first] = ends[first] + 1
        frequencies[np.repeat(repeated, counts)] = gaps
    if position_starts is None:
        return counts, documents, frequencies, None
    bounds = _bounds(documents, position_starts)
    positions = phase_in.read(data, places.positions, phase_in.Layout(counts, frequencies, bounds))
    return counts, documents, frequencies, positions


@dataclass(frozen=True, slots=True)
class _Places:
    """First bytes of the parts of many lists; ``excess`` only of those that have it."""

    excess: Integers
    documents: Integers
    frequencies: Integers
    positions: Integers


class _Layout:
    """The sizes of the parts of many lists, positions left out."""

    def __init__(self, counts: Integers, totals: Integers, n_documents: int) -> None:
        self.repeated = totals > counts
        self.header = 2 * counts + self.repeated
        self.excess_sizes = np.where(self.repeated, varint_sizes(totals - counts), 0)
        self.header_sizes = varint_sizes(self.header)
        universe = np.full(len(counts), n_documents, np.int64)
        self.documents = elias_fano.Layout.of(universe, counts, dense=True)
        self.frequency_sizes = np.where(self.repeated, (totals + 7) >> 3, 0)

    def sizes(self) -> Integers:
        """Bytes of each list, positions left out."""
        sizes = self.header_sizes + self.excess_sizes + self.frequency_sizes
        sizes += self.documents.sizes
        return sizes

    def places(self, starts: Integers) -> _Places:
        """Where the parts lie in lists with these first bytes."""
        excess = starts + self.header_sizes
        documents = excess + self.excess_sizes
        frequencies = documents + self.documents.sizes
        positions = frequencies + self.frequency_sizes
        return _Places(excess[self.repeated], documents, frequencies, positions)


def _running_sums(values: Integers, counts: Integers) -> Integers:
    """Running sums of the values, begun anew in every list."""
    sums: Integers = np.cumsum(values)
    firsts = np.cumsum(counts) - counts
    sums -= np.repeat(np.where(firsts > 0, sums[firsts - 1], 0), counts)
    return sums


def _sums(values: NDArray[Any], counts: Integers) -> Integers:
    """The sum of each list's values."""
    if not len(counts):
        return np.zeros(0, np.int64)
    sums: Integers = np.add.reduceat(values, np.cumsum(counts) - counts, dtype=np.int64)
    return sums


def _bounds(documents: Unsigned, position_starts: Unsigned) -> Integers:
    """How many places each posting's document has: its highest position, and one more."""
    bounds = position_starts.take(documents + np.uint32(1)).astype(np.int64)
    bounds -= position_starts.take(documents)
    return bounds - 1
