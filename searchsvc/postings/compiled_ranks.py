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

from searchsvc.postings.bits import Integers
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
from searchsvc.postings.compiled_phase_in import (
    block_place,
    bound_of,
    read_posting,
    wide_bits,
)
from searchsvc.postings.elias_fano import DENSE
from searchsvc.postings.phase_in import BLOCK

Ranks = NDArray[np.int64]
"""Ranks of postings, ascending."""

_ranks = types.int64[::1]
_ascending_ranks = types.Array(types.int64, 1, "C", readonly=True)
_cursor: Any = types.UniTuple(types.int64, 2)  # type: ignore[no-untyped-call]
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


@compiled(_cursor(BYTES, NUMBER, NUMBER, NUMBER, NUMBER, types.int64[::1]))
def _bits_from(
    data: Bytes, place: int, byte: int, ones: int, first: int, bits: Integers
) -> tuple[int, int]:
    """Finds as many set bits as ``bits`` takes, from number ``first`` on, counted from ``place``.

    Goes on from ``byte``, before which there are ``ones`` of them, and gives both anew. Bits that
    a damaged list lacks become those of its end.
    """
    while byte < data.size and ones + COUNTS[data[byte]] <= first:
        ones += COUNTS[data[byte]]
        byte += 1
    bit, number, end = 8 * byte, ones, 8 * data.size
    for n in range(bits.size):
        while bit < end and (number < first + n or not data[bit >> 3] >> (bit & 7) & 1):
            number += data[bit >> 3] >> (bit & 7) & 1
            bit += 1
        bits[n] = bit - 8 * place
    return byte, ones


@compiled(types.void(BYTES, NUMBER, NUMBER, NUMBER, NUMBER, types.int64[::1], NEW_UNSIGNED))
def _documents_of(
    data: Bytes,
    place: int,
    count: int,
    universe: int,
    first: int,
    bits: Integers,
    documents: Unsigned,
) -> None:
    """The documents, from rank ``first`` on, that these set bits of a list stand for."""
    dense = DENSE * count > universe
    width = 0 if dense else low_width(count, universe)
    planes = place + ((count + ((universe - 1) >> width) + 7) >> 3)
    whole = planes + packed_size(count, width) <= data.size
    for n in range(bits.size):
        document = bits[n]
        if not dense:
            document = (document - first - n) << width
            if whole:
                document |= np.int64(low_bits(data, planes, count, width, first + n))
        documents[n] = min(max(document, 0), universe - 1)


@compiled(NEW_UNSIGNED(BYTES, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, UNSIGNED, _ascending_ranks))
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
    """Global positions of the postings with these ascending ranks.

    The documents of the list begin at ``place``, its frequencies at ``behind``; they are read of
    the blocks (``phase_in``) that hold the ranks only.
    """
    table = behind + ((total + 7) >> 3 if total > count else 0)
    n_blocks = (count + BLOCK - 1) // BLOCK
    positions = np.empty(4 * ranks.size + BLOCK, np.uint32)
    documents, bits = np.empty(BLOCK, np.uint32), np.empty(BLOCK + 1, np.int64)
    frequencies = np.ones(BLOCK, np.uint32)
    byte, ones, mark_byte, marks = place, 0, behind, 0
    written = n = 0
    while n < ranks.size:
        block = ranks[n] // BLOCK
        first, stop = block * BLOCK, min((block + 1) * BLOCK, count)
        size = stop - first
        byte, ones = _bits_from(data, place, byte, ones, first, bits[:size])
        _documents_of(data, place, count, universe, first, bits[:size], documents)
        if total > count:
            before = min(first, 1)
            mark_byte, marks = _bits_from(
                data, behind, mark_byte, marks, first - before, bits[: size + before]
            )
            for posting in range(size):
                last = bits[posting + before - 1] if posting + before else -1
                frequencies[posting] = bits[posting + before] - last
        at = block_place(data, table, n_blocks, block)
        n_bits = wide_bits(documents, frequencies, 0, size, position_starts)
        bit, single = 8 * at, 8 * (at + ((n_bits + 7) >> 3))
        for posting in range(size):
            if n == ranks.size or ranks[n] >= stop:
                break
            needed = written + np.int64(frequencies[posting])
            if needed > positions.size:
                larger = np.empty(2 * needed, np.uint32)
                larger[:written] = positions[:written]
                positions = larger
            asked = ranks[n] == first + posting
            document = documents[posting]
            bit, single, written = read_posting(
                data, bit, single, bound_of(position_starts, document), frequencies[posting],
                int(np.int64(position_starts[document])), asked, positions, written,
            )  # fmt: skip
            n += asked
    return positions[:written]
