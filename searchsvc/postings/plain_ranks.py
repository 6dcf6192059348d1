"""Parts of single posting lists in NumPy: decodes the whole and takes what is asked for.

``compiled_ranks`` has the same functions in compiled form.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings import elias_fano
from searchsvc.postings.bits import Bytes, ragged_arange, set_bits
from searchsvc.postings.plain_lists import read_ascending, read_positions

Unsigned = NDArray[np.uint32]
Ranks = NDArray[np.int64]
"""Indices of postings in their list, ascending."""


def ranks_of(data: Bytes, place: int, count: int, universe: int, candidates: Unsigned) -> Ranks:
    """The rank of each ascending candidate in the list at ``place``, -1 where it is missing."""
    documents = elias_fano.read(data, place, count, universe, dense=True)
    where = np.searchsorted(documents, candidates)
    np.minimum(where, count - 1, out=where)
    where[documents.take(where) != candidates] = -1
    return where


def frequencies_at(data: Bytes, place: int, total: int, ranks: Ranks) -> Unsigned:
    """The frequencies, stored in unary from ``place`` on, of the postings with these ranks.

    ``total`` is the sum of all frequencies of the list.
    """
    firsts, stops = _unary_bounds(data, place, total, ranks)
    return (stops - firsts).astype(np.uint32)


def positions_at(
    data: Bytes,
    place: int,
    behind: int,
    count: int,
    total: int,
    universe: int,
    position_starts: Unsigned,
    ranks: Ranks,
) -> Unsigned:
    """Global positions of the postings with these ranks.

    The documents of the list begin at ``place``, its frequencies at ``behind``.
    """
    documents = read_ascending(data, place, count, universe, True)
    positions = read_positions(data, behind, documents, total, position_starts)
    if total == count:
        return positions.take(ranks)
    firsts, stops = _unary_bounds(data, behind, total, ranks)
    sizes = stops - firsts
    return positions.take(np.repeat(firsts, sizes) + ragged_arange(sizes))


def _unary_bounds(data: Bytes, place: int, total: int, ranks: Ranks) -> tuple[Ranks, Ranks]:
    """The first occurrence of each posting in its list, and the one behind its last."""
    if not ranks.size:
        return ranks, ranks
    ends = set_bits(data[place : place + ((total + 7) >> 3)])
    stops = ends.take(ranks) + 1
    firsts = np.where(ranks > 0, ends.take(np.maximum(ranks - 1, 0)) + 1, 0)
    return firsts, stops
