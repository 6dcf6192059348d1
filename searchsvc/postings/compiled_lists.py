"""Single posting lists decoded by numba, each in one pass: what ``lists.ListReader`` reads.

The formats are those of ``lists``, ``elias_fano`` and ``bits``. Compiled once for the types below
and kept (see ``compiling``). Raises ImportError where numba is missing.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.postings.compiling import compiled
from searchsvc.postings.elias_fano import DENSE

Bytes = NDArray[np.uint8]
Unsigned = NDArray[np.uint32]

BYTES = types.Array(types.uint8, 1, "C", readonly=True)
UNSIGNED = types.Array(types.uint32, 1, "C", readonly=True)
NEW_UNSIGNED = types.uint32[::1]
NUMBER = types.int64

PLACES = np.zeros((256, 8), np.uint32)
COUNTS = np.zeros(256, np.uint8)
"""Of every byte, the numbers of its set bits, and how many these are."""
for _byte in range(256):
    _set = [bit for bit in range(8) if _byte >> bit & 1]
    PLACES[_byte, : len(_set)] = _set
    COUNTS[_byte] = len(_set)

SPARE = 8
"""Entries that ``_set_bits`` may write beyond the last set bit: it copies eight at a time."""


@compiled(types.void(BYTES, NUMBER, NUMBER, NEW_UNSIGNED))
def _set_bits(data: Bytes, place: int, stop: int, bits: Unsigned) -> None:
    """Writes the numbers of the set bits of ``data[place:stop]``; ``bits`` has SPARE room.

    Bits of a damaged list that there is no room for are left out; missing ones are zero.
    """
    count, base = 0, np.uint32(0)
    for byte_place in range(place, min(stop, data.size)):
        byte = data[byte_place]
        if byte and count + SPARE <= bits.size:
            for n in range(8):
                bits[count + n] = base + PLACES[byte, n]
            count += COUNTS[byte]
        base += np.uint32(8)
    for n in range(count, bits.size):
        bits[n] = 0


@compiled(NUMBER(NUMBER, NUMBER))
def low_width(count: int, universe: int) -> int:
    """See ``elias_fano.low_width``."""
    ratio, width = universe // count, -1
    while ratio:
        ratio >>= 1
        width += 1
    width = max(0, width)
    step = 8 if count == 1 else 4 if count < 8 else 1
    return (width + (step >> 1)) // step * step


@compiled(NUMBER(NUMBER, NUMBER))
def packed_size(count: int, width: int) -> int:
    """See ``bits.packed_size``."""
    size = count * (width >> 3)
    for bits in (4, 2, 1):
        if width & bits:
            size += (count * bits + 7) >> 3
    return size


@compiled(types.void(BYTES, NUMBER, NUMBER, NEW_UNSIGNED))
def _add_low_bits(data: Bytes, place: int, width: int, values: Unsigned) -> None:
    """Puts the planes of ``width`` low bits that begin at ``place`` into the values."""
    count, shift = values.size, 0
    for _ in range(width >> 3):
        for n in range(count):
            values[n] |= np.uint32(data[place + n]) << np.uint32(shift)
        place += count
        shift += 8
    for half in (1, 2, 3):  # 1 << half values a byte; a division costs more than all else here
        bits = 8 >> half
        if width & bits:
            within, mask = (1 << half) - 1, np.uint32((1 << bits) - 1)
            for n in range(count):
                byte = np.uint32(data[place + (n >> half)])
                part = (byte >> np.uint32((n & within) << (3 - half))) & mask
                values[n] |= part << np.uint32(shift)
            place += (count * bits + 7) >> 3
            shift += bits


@compiled(NEW_UNSIGNED(BYTES, NUMBER, NUMBER, NUMBER, types.boolean))
def read_ascending(data: Bytes, place: int, count: int, universe: int, dense: bool) -> Unsigned:
    """See ``elias_fano.read``. A damaged list gives wrong values, but none beyond the universe."""
    room = np.empty(count + SPARE, np.uint32)
    values = room[:count]
    if dense and DENSE * count > universe:
        _set_bits(data, place, place + ((universe + 7) >> 3), room)
    else:
        width = low_width(count, universe)
        behind = place + ((count + ((universe - 1) >> width) + 7) >> 3)
        _set_bits(data, place, behind, room)
        for n in range(count):
            values[n] = (values[n] - np.uint32(n)) << np.uint32(width)
        if behind >= place and behind + packed_size(count, width) <= data.size:
            _add_low_bits(data, behind, width, values)
    last = np.uint32(max(universe, 1) - 1)
    for n in range(count):
        values[n] = min(values[n], last)
    return values


@compiled(NEW_UNSIGNED(BYTES, NUMBER, NUMBER, NUMBER))
def read_frequencies(data: Bytes, place: int, count: int, total: int) -> Unsigned:
    """``count`` frequencies that sum up to ``total``, stored in unary from ``place`` on."""
    room = np.empty(count + SPARE, np.uint32)
    values = room[:count]
    _set_bits(data, place, place + ((total + 7) >> 3), room)
    for n in range(count - 1, 0, -1):
        values[n] -= values[n - 1]
    if count:
        values[0] += np.uint32(1)
    return values
