"""Single posting lists decoded by NumPy: the stand-in for ``compiled_lists`` without numba."""

from __future__ import annotations

import numpy as np

from searchsvc.postings import elias_fano, phase_in
from searchsvc.postings.bits import Bytes, set_bits
from searchsvc.postings.elias_fano import Unsigned


def read_ascending(data: Bytes, place: int, count: int, universe: int, dense: bool) -> Unsigned:
    """The ascending integers stored from byte ``place`` on, as a new array."""
    return elias_fano.read(data, place, count, universe, dense=dense)


def read_frequencies(data: Bytes, place: int, count: int, total: int) -> Unsigned:
    """``count`` frequencies that sum up to ``total``, stored in unary from ``place`` on."""
    ends = set_bits(data[place : place + ((total + 7) >> 3)])
    frequencies = np.empty(count, np.uint32)
    frequencies[0] = ends[0] + 1
    np.subtract(ends[1:], ends[:-1], out=frequencies[1:], casting="unsafe")
    return frequencies


def read_positions(
    data: Bytes, place: int, documents: Unsigned, total: int, position_starts: Unsigned
) -> Unsigned:
    """``total`` global positions; the list's frequencies begin at ``place``."""
    numbers = documents.astype(np.intp)
    starts = position_starts.take(numbers)
    bounds = position_starts.take(numbers + 1).astype(np.int64) - starts - 1
    frequencies = np.ones(len(documents), np.uint32)
    if total > len(documents):
        frequencies = read_frequencies(data, place, len(documents), total)
        place += (total + 7) >> 3
    layout = phase_in.Layout(np.array([len(documents)]), frequencies, bounds)
    positions: Unsigned = phase_in.read(data, np.array([place]), layout)
    positions += starts.repeat(frequencies)
    return positions
