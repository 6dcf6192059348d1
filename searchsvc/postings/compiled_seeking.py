"""Single documents and frequencies of a posting list, found without reading what lies between.

A stream (``compiled_streams``) keeps how far a list was sought, so that ascending documents, and ascending
ranks, are found in one pass over its high bits, 64 at a time. A damaged list gives wrong answers, but
nothing is read or written beyond its arrays. Raises ImportError where numba is missing.
"""

from __future__ import annotations

import numpy as np
from numba import types

from searchsvc.postings.bits import Integers
from searchsvc.postings.compiled_lists import (
    BYTES,
    NEW_UNSIGNED,
    NUMBER,
    UNSIGNED,
    Bytes,
    Unsigned,
)
from searchsvc.postings.compiled_streams import (
    COUNT,
    COUNTED_BEFORE,
    COUNTED_BYTE,
    DOCUMENTS,
    FREQUENCIES,
    PLANES,
    SOUGHT_BEFORE,
    SOUGHT_BYTE,
    STREAM,
    TOTAL,
    WIDTH,
    Stream,
)
from searchsvc.postings.compiled_words import lowest, ones, select, word_at
from searchsvc.postings.compiling import bare

RANKS = types.Array(types.int64, 1, "C", readonly=True)


@bare(types.uint32(BYTES, NUMBER, NUMBER, NUMBER, NUMBER))
def low_bits(data: Bytes, place: int, count: int, width: int, number: int) -> np.uint32:
    """The low bits of one integer of a list, whose planes begin at ``place``."""
    value, shift = np.uint32(0), 0
    for _ in range(width >> 3):
        value |= np.uint32(data[place + number]) << np.uint32(shift)
        place += count
        shift += 8
    for half in (1, 2, 3):  # 1 << half values a byte
        bits = 8 >> half
        if width & bits:
            within, mask = (1 << half) - 1, np.uint32((1 << bits) - 1)
            byte = np.uint32(data[place + (number >> half)])
            part = (byte >> np.uint32((number & within) << (3 - half))) & mask
            value |= part << np.uint32(shift)
            place += (count * bits + 7) >> 3
            shift += bits
    return value


@bare(NUMBER(BYTES, STREAM, NUMBER))
def seek(data: Bytes, stream: Stream, candidate: int) -> int:
    """The rank of a document in the list, -1 where it is missing; asked for ascending documents."""
    place, width = stream[DOCUMENTS], stream[WIDTH]
    at, before = stream[SOUGHT_BYTE], stream[SOUGHT_BEFORE]
    if width < 0:
        target = place + (candidate >> 6 << 3)
        while at < target:
            before += ones(word_at(data, at))
            at += 8
        stream[SOUGHT_BYTE], stream[SOUGHT_BEFORE] = at, before
        word, number = word_at(data, at), np.uint64(candidate & 63)
        rank = before + ones(word & ((np.uint64(1) << number) - np.uint64(1)))
        is_set = word >> number & np.uint64(1)
        return rank if is_set and rank < stream[COUNT] else -1
    behind = stream[PLANES]
    if behind >= data.size:
        return -1
    bucket, low = candidate >> width, candidate & ((1 << width) - 1)
    word = word_at(data, at)
    marks = ones(word)
    while at < behind and 8 * (at - place) + 64 - before - marks < bucket:
        before += marks
        at += 8
        word = word_at(data, at)
        marks = ones(word)
    stream[SOUGHT_BYTE], stream[SOUGHT_BEFORE] = at, before
    if at >= behind:
        return -1
    bit = 8 * (at - place)
    zeros = bucket - (bit - before)
    if zeros > 0:
        bit += select(~word, zeros - 1) + 1
    rank = bit - bucket
    count = stream[COUNT]
    while rank < count and data[place + (bit >> 3)] >> (bit & 7) & 1:
        found = int(np.int64(low_bits(data, behind, count, width, rank)))
        if found >= low:
            return rank if found == low else -1
        rank += 1
        bit += 1
    return -1


@bare(NUMBER(BYTES, STREAM, NUMBER))
def frequency_at(data: Bytes, stream: Stream, rank: int) -> int:
    """The frequency of the posting with this rank; asked for ascending ranks."""
    total = stream[TOTAL]
    if total == stream[COUNT]:
        return 1
    place = stream[FREQUENCIES]
    end = min(place + ((total + 7) >> 3), data.size)
    at, before = stream[COUNTED_BYTE], stream[COUNTED_BEFORE]
    wanted, first = rank - 1, 0
    if wanted >= 0:
        word = word_at(data, at)
        marks = ones(word)
        while at < end and before + marks <= wanted:
            before += marks
            at += 8
            word = word_at(data, at)
            marks = ones(word)
        stream[COUNTED_BYTE], stream[COUNTED_BEFORE] = at, before
        if at < end:
            first = 8 * (at - place) + select(word, wanted - before) + 1
    bit, found = first, False
    while not found and place + (bit >> 3) < end:
        rest = word_at(data, place + (bit >> 3)) >> np.uint64(bit & 7)
        found = rest != np.uint64(0)
        bit = bit + lowest(rest) if found else ((bit >> 3) + 8) << 3
    return int(max(1, min(bit + 1, total) - first))


@bare(types.void(BYTES, STREAM, UNSIGNED, STREAM))
def seek_each(data: Bytes, stream: Stream, candidates: Unsigned, ranks: Integers) -> None:
    """Writes for each of the candidates what ``seek`` gives."""
    place, width, count = stream[DOCUMENTS], stream[WIDTH], stream[COUNT]
    at, before = stream[SOUGHT_BYTE], stream[SOUGHT_BEFORE]
    if width < 0:
        for n in range(candidates.size):
            candidate = int(np.int64(candidates[n]))
            target = place + (candidate >> 6 << 3)
            while at < target:
                before += ones(word_at(data, at))
                at += 8
            word, number = word_at(data, at), np.uint64(candidate & 63)
            rank = before + ones(word & ((np.uint64(1) << number) - np.uint64(1)))
            is_set = word >> number & np.uint64(1)
            ranks[n] = rank if is_set and rank < count else -1
        stream[SOUGHT_BYTE], stream[SOUGHT_BEFORE] = at, before
        return
    behind = stream[PLANES]
    ranks[: candidates.size] = -1
    if behind >= data.size:
        return
    word = word_at(data, at)
    marks = ones(word)
    for n in range(candidates.size):
        candidate = int(np.int64(candidates[n]))
        bucket, low = candidate >> width, candidate & ((1 << width) - 1)
        while at < behind and 8 * (at - place) + 64 - before - marks < bucket:
            before += marks
            at += 8
            word = word_at(data, at)
            marks = ones(word)
        if at >= behind:
            break
        bit = 8 * (at - place)
        zeros = bucket - (bit - before)
        if zeros > 0:
            bit += select(~word, zeros - 1) + 1
        rank = bit - bucket
        while rank < count and data[place + (bit >> 3)] >> (bit & 7) & 1:
            found = int(np.int64(low_bits(data, behind, count, width, rank)))
            if found >= low:
                if found == low:
                    ranks[n] = rank
                break
            rank += 1
            bit += 1
    stream[SOUGHT_BYTE], stream[SOUGHT_BEFORE] = at, before


@bare(types.void(BYTES, STREAM, RANKS, NEW_UNSIGNED))
def frequencies_at_each(
    data: Bytes, stream: Stream, ranks: Integers, frequencies: Unsigned
) -> None:
    """Writes for each of the ranks what ``frequency_at`` gives, of a list that has any above 1."""
    place, total = stream[FREQUENCIES], stream[TOTAL]
    end = min(place + ((total + 7) >> 3), data.size)
    at, before = stream[COUNTED_BYTE], stream[COUNTED_BEFORE]
    word = word_at(data, at)
    marks = ones(word)
    for n in range(ranks.size):
        wanted, first = ranks[n] - 1, 0
        if wanted >= 0:
            while at < end and before + marks <= wanted:
                before += marks
                at += 8
                word = word_at(data, at)
                marks = ones(word)
            if at < end and wanted >= before:
                first = 8 * (at - place) + select(word, wanted - before) + 1
        bit, found = first, False
        while not found and place + (bit >> 3) < end:
            rest = word_at(data, place + (bit >> 3)) >> np.uint64(bit & 7)
            found = rest != np.uint64(0)
            bit = bit + lowest(rest) if found else ((bit >> 3) + 8) << 3
        frequencies[n] = max(1, min(bit + 1, total) - first)
    stream[COUNTED_BYTE], stream[COUNTED_BEFORE] = at, before
