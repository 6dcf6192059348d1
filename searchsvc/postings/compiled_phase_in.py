"""Positions as bits, written and read by numba block by block; the format is that of ``phase_in``.

A damaged list gives wrong positions, but none beyond its documents, and nothing is read or written
beyond its arrays. Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from searchsvc.postings.compiled_lists import (
    BYTES,
    NEW_UNSIGNED,
    NUMBER,
    UNSIGNED,
    Bytes,
    Unsigned,
    read_frequencies,
)
from searchsvc.postings.compiled_words import highest, load_word, word_at
from searchsvc.postings.compiling import bare, compiled
from searchsvc.postings.phase_in import BLOCK, ENTRY

_data = types.uint8[::1]
_step: Any = types.UniTuple(types.int64, 3)  # type: ignore[no-untyped-call]


@bare(NUMBER(NUMBER))
def _width(bound: int) -> int:
    """Floor of the binary logarithm; 0 of 0 and less, which only a damaged file has."""
    return highest(np.uint64(max(bound, 1)))


@bare(NUMBER(UNSIGNED, NUMBER))
def bound_of(position_starts: Unsigned, document: int) -> int:
    """How many places a document has: its highest position, and one more."""
    first = int(np.int64(position_starts[document]))
    return int(np.int64(position_starts[document + 1])) - first - 1


@compiled(types.void(_data, NUMBER, NUMBER))
def _put(data: Bytes, bit: int, value: int) -> None:
    """Sets the bits of a value from ``bit`` on."""
    place = bit >> 3
    value <<= bit & 7
    while value:
        data[place] |= np.uint8(value & 255)
        value >>= 8
        place += 1


@bare(NUMBER(BYTES, NUMBER, NUMBER))
def _take(data: Bytes, bit: int, width: int) -> int:
    """The integer of ``width`` bits, at most 32, from ``bit`` on."""
    word = word_at(data, bit >> 3) >> np.uint64(bit & 7)
    return int(np.int64(word)) & ((1 << width) - 1)


@compiled(NUMBER(NUMBER, NUMBER))
def room(count: int, total: int) -> int:
    """More bytes than positions can take, the bits of their widths (``wide_bits``) left out."""
    n_blocks = (count + BLOCK - 1) // BLOCK
    return (ENTRY + 2) * n_blocks + ((total + 7) >> 3)


@bare(NUMBER(UNSIGNED, UNSIGNED, NUMBER, NUMBER, UNSIGNED))
def wide_bits(
    documents: Unsigned, frequencies: Unsigned, first: int, stop: int, position_starts: Unsigned
) -> int:
    """Bits that the positions of postings ``first`` to ``stop - 1`` take, single bits left out."""
    n_bits = 0
    for n in range(first, stop):
        n_bits += int(np.int64(frequencies[n])) * _width(bound_of(position_starts, documents[n]))
    return n_bits


@compiled(NUMBER(_data, NUMBER, UNSIGNED, UNSIGNED, NUMBER, NUMBER, UNSIGNED, NUMBER, UNSIGNED))
def write_positions(
    data: Bytes,
    place: int,
    documents: Unsigned,
    frequencies: Unsigned,
    first: int,
    stop: int,
    positions: Unsigned,
    occurrence: int,
    position_starts: Unsigned,
) -> int:
    """Writes the positions of postings ``first`` to ``stop - 1``; gives the place behind them.

    ``occurrence`` is the first posting's first one in ``positions``; ``data`` is zero there.
    """
    n_blocks = (stop - first + BLOCK - 1) // BLOCK
    table = place
    place += ENTRY * (n_blocks - 1)
    behind = place
    for block in range(n_blocks):
        if block:
            _put(data, 8 * (table + ENTRY * (block - 1)), place - behind)
        block_first = first + block * BLOCK
        block_stop = min(block_first + BLOCK, stop)
        n_bits = wide_bits(documents, frequencies, block_first, block_stop, position_starts)
        bit = 8 * place
        singles = single = 8 * (place + ((n_bits + 7) >> 3))
        for n in range(block_first, block_stop):
            bound = bound_of(position_starts, documents[n])
            width = _width(bound)
            cut = (2 << width) - bound
            for _ in range(frequencies[n]):
                value = int(np.int64(positions[occurrence]))
                occurrence += 1
                if value >= cut:
                    value += cut
                    _put(data, single, value & 1)
                    single += 1
                    value >>= 1
                _put(data, bit, value)
                bit += width
        place = (singles >> 3) + ((single - singles + 7) >> 3)
    return place


@bare(NUMBER(BYTES, NUMBER, NUMBER, NUMBER))
def block_place(data: Bytes, place: int, n_blocks: int, block: int) -> int:
    """Where a block begins, of a list whose positions begin at ``place``."""
    behind = place + ENTRY * (n_blocks - 1)
    if block == 0 or behind > data.size:
        return behind
    return behind + _take(data, 8 * (place + ENTRY * (block - 1)), 8 * ENTRY)


@bare(
    _step(
        BYTES, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, types.boolean, NEW_UNSIGNED, NUMBER,
    )
)  # fmt: skip
def read_posting(
    data: Bytes,
    bit: int,
    single: int,
    bound: int,
    frequency: int,
    start: int,
    asked: bool,
    positions: Unsigned,
    written: int,
) -> tuple[int, int, int]:
    """Steps over a posting; gives the bit and the single bit of the next, and ``written`` anew.

    Where it is ``asked`` for, its positions, ``start`` added, go to ``positions`` from ``written``
    on; what does not fit is left out.
    """
    width = _width(bound)
    cut = (2 << width) - bound
    end = 8 * data.size
    for _ in range(frequency):
        if bit + width > end:
            break
        value = _take(data, bit, width)
        bit += width
        if value >= cut:
            if single >= end:
                break
            value = 2 * value - cut + (data[single >> 3] >> (single & 7) & 1)
            single += 1
        if asked and written < positions.size:
            positions[written] = start + value
            written += 1
    return bit, single, written


@bare(types.boolean(BYTES, NUMBER, NUMBER, NUMBER))
def is_inside(data: Bytes, place: int, n_bits: int, frequency: int) -> bool:
    """Whether the words that hold a block's bits, and as many single bits, all lie in the data."""
    return place >= 0 and place + ((n_bits + frequency) >> 3) + 24 <= data.size


@bare(NUMBER(BYTES, NUMBER, NUMBER, NUMBER))
def count_singles(data: Bytes, bit: int, bound: int, frequency: int) -> int:
    """How many single bits a posting has; see ``is_inside``.

    No branch hangs on a value: half of them would be foreseen wrongly.
    """
    width = _width(bound)
    cut = np.uint64((2 << width) - bound)
    mask = np.uint64((1 << width) - 1)
    count = 0
    for _ in range(frequency):
        value = (load_word(data, bit >> 3) >> np.uint64(bit & 7)) & mask
        count += int(value >= cut)
        bit += width
    return count


@bare(NUMBER(BYTES, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NEW_UNSIGNED, NUMBER))
def read_inside(
    data: Bytes,
    bit: int,
    single: int,
    bound: int,
    frequency: int,
    start: int,
    positions: Unsigned,
    written: int,
) -> int:
    """Writes the positions of a posting, ``start`` added; gives the single bit of the next one.

    There must be room for them; see ``is_inside``. The posting takes ``width_of`` its bound bits for each, single bits apart.
    """
    width = _width(bound)
    cut = (2 << width) - bound
    mask = np.uint64((1 << width) - 1)
    for n in range(written, written + frequency):
        value = int(np.int64((load_word(data, bit >> 3) >> np.uint64(bit & 7)) & mask))
        is_split = int(value >= cut)
        last = int(data[single >> 3] >> np.uint8(single & 7)) & 1
        positions[n] = start + value + is_split * (value - cut + last)
        single += is_split
        bit += width
    return single


@bare(NUMBER(NUMBER))
def width_of(bound: int) -> int:
    """Bits of a position below a bound, its single bit left out."""
    return _width(bound)


@compiled(
    NUMBER(
        BYTES, NUMBER, UNSIGNED, UNSIGNED, NUMBER, NUMBER,
        UNSIGNED, types.boolean, NEW_UNSIGNED, NUMBER,
    )
)  # fmt: skip
def read_block(
    data: Bytes,
    place: int,
    documents: Unsigned,
    frequencies: Unsigned,
    first: int,
    stop: int,
    position_starts: Unsigned,
    globally: bool,
    positions: Unsigned,
    written: int,
) -> int:
    """Reads a block of postings, ``first`` to ``stop - 1``; gives how far ``positions`` is filled.

    ``globally`` adds to each where the positions of its document begin.
    """
    n_bits = wide_bits(documents, frequencies, first, stop, position_starts)
    bit = 8 * place
    single = 8 * (place + ((n_bits + 7) >> 3))
    occurrences = int(frequencies[first:stop].sum())
    whole = is_inside(data, place, n_bits, occurrences) and written + occurrences <= positions.size
    for n in range(first, stop):
        start = int(np.int64(position_starts[documents[n]])) if globally else 0
        bound = bound_of(position_starts, documents[n])
        if whole:
            frequency = int(np.int64(frequencies[n]))
            single = read_inside(data, bit, single, bound, frequency, start, positions, written)
            bit += frequency * width_of(bound)
            written += frequency
            continue
        bit, single, written = read_posting(
            data, bit, single, bound, frequencies[n], start, True, positions, written
        )
    return written


@compiled(NEW_UNSIGNED(BYTES, NUMBER, UNSIGNED, NUMBER, UNSIGNED))
def read_positions(
    data: Bytes, place: int, documents: Unsigned, total: int, position_starts: Unsigned
) -> Unsigned:
    """``total`` global positions; the list's frequencies begin at ``place``."""
    count = documents.size
    if total > count:
        frequencies = read_frequencies(data, place, count, total)
        place += (total + 7) >> 3
    else:
        frequencies = np.ones(count, np.uint32)
    positions = np.zeros(total, np.uint32)
    n_blocks = (count + BLOCK - 1) // BLOCK
    written = 0
    for block in range(n_blocks):
        written = read_block(
            data, block_place(data, place, n_blocks, block), documents, frequencies,
            block * BLOCK, min((block + 1) * BLOCK, count),
            position_starts, True, positions, written,
        )  # fmt: skip
    return positions
