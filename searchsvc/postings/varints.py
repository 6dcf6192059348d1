"""Integers of variable length, LEB128: seven bits a byte, low ones first, the top bit says "more".

Whole arrays at once. Called by ``lists`` and ``terms``.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from searchsvc.postings.bits import Bytes, Integers

MOST_BYTES: Final = 9
"""Of an integer below 2 ** 63."""


def varint_sizes(values: Integers) -> Integers:
    """Bytes that each value takes."""
    bits = np.frexp(values.astype(np.float64))[1].astype(np.int64)
    return (np.maximum(bits, 1) + 6) // 7


def write_varints(data: Bytes, places: Integers, values: Integers) -> None:
    """Writes each value to ``data`` at its place."""
    while len(values):
        more = values > 127
        data[places] = (values & 127) | (more << 7)
        places, values = places[more] + 1, values[more] >> 7


def read_varints(data: Bytes, places: Integers) -> tuple[Integers, Integers]:
    """The value at each place, and its size in bytes."""
    values = np.zeros(len(places), np.int64)
    sizes = np.zeros(len(places), np.int64)
    unread = np.arange(len(places))
    shift = 0
    while len(unread):
        part = data[places[unread] + sizes[unread]]
        values[unread] |= (part & 127).astype(np.int64) << shift
        sizes[unread] += 1
        unread = unread[part > 127]
        shift += 7
    return values, sizes


def read_varint(data: memoryview | bytes, place: int) -> tuple[int, int]:
    """The value at a place, and the place behind it."""
    value = shift = 0
    while True:
        part = data[place]
        place += 1
        value |= (part & 127) << shift
        if part < 128:
            return value, place
        shift += 7
