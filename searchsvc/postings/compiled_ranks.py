"""Parts of single posting lists read by numba, without decoding the rest.

A posting's rank is its index in its list. Bits are counted byte by byte up to the postings that are
asked for; only these are looked at closer. The formats are those of ``lists``; ``plain_ranks`` has
the same functions in NumPy. A damaged list gives wrong answers, but nothing is read or written
beyond its arrays. Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.postings.compiled_lists import (
    BYTES,
    COUNTS,
    NEW_UNSIGNED,
    NUMBER,
    UNSIGNED,
    Bytes,
    Unsigned,
    compiled,
    low_width,
    packed_size,
)
from searchsvc.postings.elias_fano import DENSE

Ranks = NDArray[np.int64]
"""Ranks of postings, ascending."""

_ranks = types.int64[::1]
_ascending_ranks = types.Array(types.int64, 1, "C", readonly=True)
_bounds: Any = types.Tuple((_ranks, _ranks))  # type: ignore[no-untyped-call]


@compiled(types.uint32(BYTES, NUMBER, NUMBER, NUMBER, NUMBER))
def low_bits(data: Bytes, place: int, count: int, width: int, number: int) -> np.uint32:
    """The low bits of one integer of a list, whose planes begin at ``place``."""
    value, shift = np.uint32(0), 0
    for _ in range(width >> 3):
        value |= np.uint32(data[place + number]) << np.uint32(shift)
        place += count
        shift += 8
    for bits in (4, 2, 1):
        if width & bits:
            per_byte, mask = 8 // bits, np.uint32((1 << bits) - 1)
            byte = np.uint32(data[place + number // per_byte])
            part = (byte >> np.uint32(number % per_byte * bits)) & mask
            value |= part << np.uint32(shift)
            place += (count * bits + 7) >> 3
            shift += bits
    return value


@compiled(_ranks(BYTES, NUMBER, NUMBER, UNSIGNED))
def _ranks_in_bit_set(data: Bytes, place: int, count: int, candidates: Unsigned) -> Ranks:
    ranks = np.full(candidates.size, -1, np.int64)
    byte_place, ones = place, 0
    for n in range(candidates.size):
        candidate = np.int64(candidates[n])
        if place + (candidate >> 3) >= data.size:
            break
        while byte_place < place + (candidate >> 3):
            ones += COUNTS[data[byte_place]]
            byte_place += 1
        byte, bit = data[byte_place], candidate & 7
        rank = ones + COUNTS[byte & ((1 << bit) - 1)]
        if byte >> bit & 1 and rank < count:
            ranks[n] = rank
    return ranks


@compiled(_ranks(BYTES, NUMBER, NUMBER, NUMBER, UNSIGNED))
def ranks_of(data: Bytes, place: int, count: int, universe: int, candidates: Unsigned) -> Ranks:
    """The index of each ascending candidate in the list at ``place``, -1 where it is missing.

    Skips the list by counting bits, byte by byte, and looks closer only where a candidate may be.
    """
    if DENSE * count > universe:
        return _ranks_in_bit_set(data, place, count, candidates)
    ranks = np.full(candidates.size, -1, np.int64)
    width = low_width(count, universe)
    behind = place + ((count + ((universe - 1) >> width) + 7) >> 3)
    if behind + packed_size(count, width) > data.size:
        return ranks
    byte_place, ones, zeros = place, 0, 0
    for n in range(candidates.size):
        candidate = np.int64(candidates[n])
        bucket, low = candidate >> width, candidate & ((1 << width) - 1)
        while byte_place < behind and zeros + 8 - COUNTS[data[byte_place]] < bucket:
            ones += COUNTS[data[byte_place]]
            zeros += 8 - COUNTS[data[byte_place]]
            byte_place += 1
        bit, rank, seen = 8 * byte_place, ones, zeros
        while bit < 8 * behind and seen < bucket:
            is_set = data[bit >> 3] >> (bit & 7) & 1
            rank += is_set
            seen += 1 - is_set
            bit += 1
        while bit < 8 * behind and rank < count and data[bit >> 3] >> (bit & 7) & 1:
            found = np.int64(low_bits(data, behind, count, width, rank))
            if found >= low:
                if found == low:
                    ranks[n] = rank
                break
            rank += 1
            bit += 1
    return ranks


@compiled(_bounds(BYTES, NUMBER, _ascending_ranks))
def _unary_bounds(data: Bytes, place: int, ranks: Ranks) -> tuple[Ranks, Ranks]:
    """For each of the ascending ranks, the set bit before its own, plus one, and its own plus one.

    These are the first occurrence of the posting in the list, and the one behind its last.
    """
    firsts, stops = np.empty(ranks.size, np.int64), np.empty(ranks.size, np.int64)
    byte_place, ones, end = place, 0, 8 * data.size
    for n in range(ranks.size):
        rank = ranks[n]
        while byte_place < data.size and ones + COUNTS[data[byte_place]] < rank:
            ones += COUNTS[data[byte_place]]
            byte_place += 1
        bit, seen = 8 * byte_place, ones
        while bit < end and seen < rank:
            seen += data[bit >> 3] >> (bit & 7) & 1
            bit += 1
        firsts[n] = bit - 8 * place
        while bit < end and not data[bit >> 3] >> (bit & 7) & 1:
            bit += 1
        stops[n] = bit + 1 - 8 * place
    return firsts, stops


@compiled(NEW_UNSIGNED(BYTES, NUMBER, _ascending_ranks))
def frequencies_at(data: Bytes, place: int, ranks: Ranks) -> Unsigned:
    """The frequencies, stored in unary from ``place`` on, of the postings with these ranks."""
    firsts, stops = _unary_bounds(data, place, ranks)
    frequencies = np.empty(ranks.size, np.uint32)
    for n in range(ranks.size):
        frequencies[n] = stops[n] - firsts[n]
    return frequencies


@compiled(NEW_UNSIGNED(BYTES, NUMBER, UNSIGNED, NUMBER, UNSIGNED, _ascending_ranks))
def positions_at(
    data: Bytes,
    place: int,
    documents: Unsigned,
    total: int,
    position_starts: Unsigned,
    ranks: Ranks,
) -> Unsigned:
    """As ``read_positions``, of the postings with these ascending ranks only."""
    count = documents.size
    if total > count:
        firsts, stops = _unary_bounds(data, place, ranks)
        place += (total + 7) >> 3
    else:
        firsts, stops = ranks.copy(), ranks + 1
    shifts = np.empty(ranks.size, np.int64)
    universe, asked = 0, 0
    for n in range(count):
        start = int(position_starts[documents[n]])
        if asked < ranks.size and ranks[asked] == n:
            shifts[asked] = start - universe
            asked += 1
        universe += int(position_starts[documents[n] + 1]) - start
    positions = np.empty((stops - firsts).sum(), np.uint32)
    width = low_width(total, universe)
    behind = place + ((total + ((universe - 1) >> width) + 7) >> 3)
    byte_place, ones, written, end = place, 0, 0, 8 * data.size
    if behind < place or behind + packed_size(total, width) > data.size:
        return positions[:0]
    for n in range(ranks.size):
        while byte_place < data.size and ones + COUNTS[data[byte_place]] <= firsts[n]:
            ones += COUNTS[data[byte_place]]
            byte_place += 1
        bit, number = 8 * byte_place, ones
        while bit < end and number < min(stops[n], total):
            if data[bit >> 3] >> (bit & 7) & 1:
                if number >= firsts[n]:
                    high = np.int64(bit - 8 * place - number) << width
                    low = np.int64(low_bits(data, behind, total, width, number))
                    positions[written] = high + low + shifts[n]
                    written += 1
                number += 1
            bit += 1
    return positions[:written]
