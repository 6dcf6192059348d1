"""Many posting lists encoded by numba: what ``lists.encode_lists`` gives.

The formats are those of ``lists``, ``elias_fano`` and ``bits``. Raises ImportError where numba is
missing.
"""

from __future__ import annotations

import numpy as np
from numba import types

from searchsvc.postings.bits import Integers
from searchsvc.postings.compiled_lists import (
    NUMBER,
    UNSIGNED,
    Bytes,
    Unsigned,
    low_width,
)
from searchsvc.postings.compiled_phase_in import room, wide_bits, write_positions
from searchsvc.postings.compiling import compiled
from searchsvc.postings.elias_fano import DENSE

_data = types.uint8[::1]
_read_long = types.Array(types.int64, 1, "C", readonly=True)


@compiled(NUMBER(NUMBER, NUMBER, types.boolean))
def _ascending_size(count: int, universe: int, dense: bool) -> int:
    """See ``elias_fano.size``."""
    if dense and DENSE * count > universe:
        return (universe + 7) >> 3
    width = low_width(count, universe)
    size = ((count + ((universe - 1) >> width) + 7) >> 3) + count * (width >> 3)
    for bits in (4, 2, 1):
        if width & bits:
            size += (count * bits + 7) >> 3
    return size


@compiled(NUMBER(NUMBER))
def _varint_size(value: int) -> int:
    size = 1
    while value > 127:
        value >>= 7
        size += 1
    return size


@compiled(NUMBER(_data, NUMBER, NUMBER))
def _write_varint(data: Bytes, place: int, value: int) -> int:
    """Writes a varint; gives the place behind it."""
    while value > 127:
        data[place] = (value & 127) | 128
        value >>= 7
        place += 1
    data[place] = value
    return place + 1


@compiled(types.void(_data, NUMBER, NUMBER))
def _set_bit(data: Bytes, place: int, bit: int) -> None:
    data[place + (bit >> 3)] |= np.uint8(1 << (bit & 7))


@compiled(NUMBER(_data, NUMBER, UNSIGNED, NUMBER, NUMBER, types.boolean))
def _write_ascending(
    data: Bytes, place: int, values: Unsigned, count: int, universe: int, dense: bool
) -> int:
    """Writes the first ``count`` values; gives the place behind them."""
    if dense and DENSE * count > universe:
        for n in range(count):
            _set_bit(data, place, int(values[n]))
        return place + ((universe + 7) >> 3)
    width = low_width(count, universe)
    for n in range(count):
        _set_bit(data, place, (int(values[n]) >> width) + n)
    place += (count + ((universe - 1) >> width) + 7) >> 3
    shift = 0
    for _ in range(width >> 3):
        for n in range(count):
            data[place + n] = (values[n] >> np.uint32(shift)) & np.uint32(255)
        place += count
        shift += 8
    for bits in (4, 2, 1):
        if width & bits:
            mask = np.uint32((1 << bits) - 1)
            for n in range(count):
                bit = n * bits
                part = (values[n] >> np.uint32(shift)) & mask
                data[place + (bit >> 3)] |= np.uint8(part << np.uint32(bit & 7))
            place += (count * bits + 7) >> 3
            shift += bits
    return place


_sizes = types.int64[::1]
_lists = (_read_long, UNSIGNED, UNSIGNED)
_measured = types.UniTuple(_sizes, 2)  # type: ignore[no-untyped-call]
_encoded = types.Tuple((_data, _sizes))  # type: ignore[no-untyped-call]


@compiled(_measured(*_lists, types.boolean, NUMBER, UNSIGNED))
def _measure(
    counts: Integers,
    documents: Unsigned,
    frequencies: Unsigned,
    with_positions: bool,
    n_documents: int,
    position_starts: Unsigned,
) -> tuple[Integers, Integers]:
    """For each list at least its size in bytes, and its occurrences."""
    sizes = np.empty(counts.size, np.int64)
    totals = np.zeros(counts.size, np.int64)
    first = 0
    for number in range(counts.size):
        count = counts[number]
        for n in range(first, first + count):
            totals[number] += frequencies[n]
        total = totals[number]
        sizes[number] = _varint_size(2 * count + (total > count))
        if total > count:
            sizes[number] += _varint_size(total - count) + ((total + 7) >> 3)
        sizes[number] += _ascending_size(count, n_documents, True)
        if with_positions:
            n_bits = wide_bits(documents, frequencies, first, first + count, position_starts)
            sizes[number] += room(count, total) + (n_bits >> 3)
        first += count
    return sizes, totals


@compiled(_encoded(*_lists, UNSIGNED, types.boolean, NUMBER, UNSIGNED))
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
    sizes, totals = _measure(
        counts, documents, frequencies, with_positions, n_documents, position_starts
    )
    data = np.zeros(sizes.sum(), np.uint8)
    place = first = occurrence = 0
    for number in range(counts.size):
        start = place
        count, total = counts[number], totals[number]
        place = _write_varint(data, place, 2 * count + (total > count))
        if total > count:
            place = _write_varint(data, place, total - count)
        values = documents[first : first + count]
        place = _write_ascending(data, place, values, count, n_documents, True)
        if total > count:
            last = -1
            for n in range(first, first + count):
                last += int(frequencies[n])
                _set_bit(data, place, last)
            place += (total + 7) >> 3
        if with_positions:
            place = write_positions(
                data, place, documents, frequencies, first, first + count,
                positions, occurrence, position_starts,
            )  # fmt: skip
            occurrence += total
        sizes[number] = place - start
        first += count
    return data[:place], sizes
