"""Posting lists read a chunk at a time, compiled by numba: whatever their length, all stays in the
processor's caches, and nothing is allocated.

A stream is a row of numbers (``STREAM_WORDS``) that says where a list lies and how far it is read. The
formats are those of ``lists``. A damaged list gives wrong answers, but nothing is read or written
beyond its arrays. Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types

from searchsvc.postings.bits import Integers
from searchsvc.postings.compiled_lists import (
    BYTES,
    COUNTS,
    NEW_UNSIGNED,
    NUMBER,
    PLACES,
    SPARE,
    Bytes,
    Unsigned,
    low_width,
    packed_size,
)
from searchsvc.postings.compiled_words import ones, word_at
from searchsvc.postings.compiling import bare
from searchsvc.postings.elias_fano import DENSE

CHUNK: Final = 512
"""Postings read at a time; a multiple of 8, so that every plane of low bits begins with a byte."""

ROOM: Final = CHUNK + SPARE
"""Entries of an array that a chunk is read into."""

DOCUMENTS: Final = 0
COUNT: Final = 1
FREQUENCIES: Final = 2
TOTAL: Final = 3
WIDTH: Final = 4
PLANES: Final = 5
DOCUMENT_BYTE: Final = 6
DOCUMENT_SKIP: Final = 7
FREQUENCY_BYTE: Final = 8
FREQUENCY_SKIP: Final = 9
FREQUENCY_BIT: Final = 10
SOUGHT_BYTE: Final = 11
SOUGHT_BEFORE: Final = 12
COUNTED_BYTE: Final = 13
COUNTED_BEFORE: Final = 14
STREAM_WORDS: Final = 15
"""Of a stream: first byte of the documents, how many, first byte of the frequencies, occurrences; low
bits of a document (-1: the list is a bit set) and their first byte (behind them all where the file
is too short for them). Then how far its chunks are read: the byte that holds the next set bit and how
many of that are read, of documents and of frequencies, and the last of the frequencies' bits. Then how
far documents were sought, and occurrences counted: a byte, and the set bits before it.
"""

STREAM = types.int64[::1]
Stream = Integers


@bare(types.void(STREAM, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER))
def begin(
    stream: Stream,
    size: int,
    documents: int,
    count: int,
    frequencies: int,
    total: int,
    universe: int,
) -> None:
    """Makes a stream of a list of a file of so many bytes."""
    stream[DOCUMENTS], stream[COUNT] = documents, count
    stream[FREQUENCIES], stream[TOTAL] = frequencies, total
    stream[DOCUMENT_BYTE] = stream[SOUGHT_BYTE] = documents
    stream[FREQUENCY_BYTE] = stream[COUNTED_BYTE] = frequencies
    stream[DOCUMENT_SKIP] = stream[SOUGHT_BEFORE] = 0
    stream[FREQUENCY_SKIP] = stream[COUNTED_BEFORE] = 0
    stream[FREQUENCY_BIT] = -1
    if DENSE * count > universe:
        stream[WIDTH] = -1
        stream[PLANES] = documents + ((universe + 7) >> 3)
        return
    width = low_width(max(count, 1), universe)
    stream[WIDTH] = width
    stream[PLANES] = documents + ((count + ((universe - 1) >> width) + 7) >> 3)
    if stream[PLANES] + packed_size(count, width) > size:
        stream[PLANES] = size


@bare(types.void(BYTES, NUMBER, NUMBER, STREAM, NUMBER, NUMBER, NEW_UNSIGNED))
def _next_bits(
    data: Bytes, start: int, stop: int, stream: Stream, word: int, wanted: int, bits: Unsigned
) -> None:
    """Writes the numbers, from ``start``, of the next ``wanted`` set bits.

    ``word`` says where the stream keeps the byte that holds the next one, and how many of its set bits
    are read. Bits that a damaged list lacks are zero.
    """
    at, skip, count = stream[word], stream[word + 1], 0
    if skip and at < stop:
        byte = int(data[at])
        for _ in range(skip):
            byte &= byte - 1
        for n in range(8):
            bits[n] = np.uint32(8 * (at - start)) + PLACES[byte, n]
        count = int(COUNTS[byte])
        at += 1
    base = np.uint32(8 * (at - start))
    rest = data[at : max(at, stop)]
    read = 0
    while count < wanted and read < rest.size:
        byte = int(rest[read])
        for n in range(8):
            bits[count + n] = base + PLACES[byte, n]
        count += int(COUNTS[byte])
        base += np.uint32(8)
        read += 1
    at += read
    skip = 0
    if count > wanted:
        at -= 1
        skip = int(COUNTS[data[at]]) - (count - wanted)
    stream[word], stream[word + 1] = at, skip
    for n in range(count, wanted):
        bits[n] = 0


@bare(types.void(BYTES, NUMBER, NUMBER, NEW_UNSIGNED))
def _add_plane(plane: Bytes, bits: int, shift: int, values: Unsigned) -> None:
    """Puts a plane of this many bits a value into the values, shifted."""
    by = np.uint32(shift)
    if bits == 8:
        for n in range(min(plane.size, values.size)):
            values[n] |= np.uint32(plane[n]) << by
        return
    each = 8 // bits
    n_bytes = min(plane.size, values.size // each)
    if bits == 4:
        for n in range(n_bytes):
            byte = np.uint32(plane[n])
            values[2 * n] |= (byte & np.uint32(15)) << by
            values[2 * n + 1] |= (byte >> np.uint32(4)) << by
    elif bits == 2:
        for n in range(n_bytes):
            byte = np.uint32(plane[n])
            four = values[4 * n : 4 * n + 4]
            for k in range(4):
                four[k] |= (byte >> np.uint32(2 * k) & np.uint32(3)) << by
    else:
        for n in range(n_bytes):
            byte = np.uint32(plane[n])
            eight = values[8 * n : 8 * n + 8]
            for k in range(8):
                eight[k] |= (byte >> np.uint32(k) & np.uint32(1)) << by


@bare(types.void(BYTES, STREAM, NUMBER, NUMBER, NUMBER, NEW_UNSIGNED))
def next_documents(
    data: Bytes, stream: Stream, first: int, size: int, universe: int, documents: Unsigned
) -> None:
    """Reads the documents of ranks ``first``, a multiple of CHUNK, to ``first + size - 1``.

    ``documents`` has ROOM; what lies behind the ``size`` is of no meaning.
    """
    stop = min(stream[PLANES], data.size)
    _next_bits(data, stream[DOCUMENTS], stop, stream, DOCUMENT_BYTE, size, documents)
    width = stream[WIDTH]
    last = np.uint32(max(universe, 1) - 1)
    if width >= 0:
        by, base = np.uint32(width), np.uint32(first)
        for n in range(size):
            documents[n] = (documents[n] - base - np.uint32(n)) << by
        place, count, shift = stream[PLANES], stream[COUNT], 0
        if place < data.size:
            for _ in range(width >> 3):
                _add_plane(data[place + first : place + first + size], 8, shift, documents)
                place += count
                shift += 8
            for half in (1, 2, 3):  # 1 << half values a byte
                bits = 8 >> half
                if width & bits:
                    begins = place + (first >> half)
                    ends = place + ((first + size + (1 << half) - 1) >> half)
                    _add_plane(data[begins:ends], bits, shift, documents)
                    place += (count * bits + 7) >> 3
                    shift += bits
    for n in range(size):
        documents[n] = min(documents[n], last)


@bare(types.void(BYTES, STREAM, NUMBER, NEW_UNSIGNED))
def next_frequencies(data: Bytes, stream: Stream, size: int, frequencies: Unsigned) -> None:
    """Reads the frequencies of the next ``size`` postings; ``frequencies`` has ROOM."""
    if stream[TOTAL] == stream[COUNT]:
        for n in range(size):
            frequencies[n] = 1
        return
    start = stream[FREQUENCIES]
    stop = min(start + ((stream[TOTAL] + 7) >> 3), data.size)
    _next_bits(data, start, stop, stream, FREQUENCY_BYTE, size, frequencies)
    last = np.uint32(stream[FREQUENCY_BIT])
    stream[FREQUENCY_BIT] = np.int64(frequencies[size - 1])
    for n in range(size - 1, 0, -1):
        frequencies[n] -= frequencies[n - 1]
    frequencies[0] -= last


@bare(NUMBER(BYTES, STREAM, NUMBER, NUMBER, types.boolean, NEW_UNSIGNED, NEW_UNSIGNED))
def next_chunk(
    data: Bytes,
    stream: Stream,
    first: int,
    universe: int,
    with_frequencies: bool,
    documents: Unsigned,
    frequencies: Unsigned,
) -> int:
    """Reads the postings from rank ``first``, a multiple of CHUNK, on; gives how many they are."""
    size = min(CHUNK, stream[COUNT] - first)
    next_documents(data, stream, first, size, universe, documents)
    if with_frequencies:
        next_frequencies(data, stream, size, frequencies)
    return int(size)


@bare(types.void(BYTES, STREAM, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER))
def _skip_to(
    data: Bytes, stream: Stream, start: int, stop: int, word: int, read: int, bit: int
) -> None:
    """Moves to the byte that holds the set bit of this number, counted from ``start``.

    ``word`` says where the stream keeps a byte and the set bits before it, which is moved on; ``read``
    where it keeps what ``_next_bits`` goes on from.
    """
    at, before = stream[word], stream[word + 1]
    marks = ones(word_at(data, at))
    while at < stop and before + marks <= bit:
        before += marks
        at += 8
        marks = ones(word_at(data, at))
    stream[word], stream[word + 1] = at, before
    while at < stop and before + int(COUNTS[data[at]]) <= bit:
        before += int(COUNTS[data[at]])
        at += 1
    stream[read], stream[read + 1] = at, bit - before


@bare(types.void(BYTES, STREAM, NUMBER, NUMBER, NUMBER, NEW_UNSIGNED))
def documents_from(
    data: Bytes, stream: Stream, first: int, size: int, universe: int, documents: Unsigned
) -> None:
    """As ``next_documents``, from a rank ``first`` on that is a multiple of 8, not below the last one."""
    stop = min(stream[PLANES], data.size)
    _skip_to(data, stream, stream[DOCUMENTS], stop, SOUGHT_BYTE, DOCUMENT_BYTE, first)
    next_documents(data, stream, first, size, universe, documents)


@bare(types.void(BYTES, STREAM, NUMBER, NUMBER, NEW_UNSIGNED, NEW_UNSIGNED))
def frequencies_from(
    data: Bytes, stream: Stream, first: int, size: int, bits: Unsigned, frequencies: Unsigned
) -> None:
    """Frequencies from rank ``first`` on, not below the last one, of a list that has any above 1.

    ``bits`` has room for ``size + 1`` and SPARE.
    """
    start, more = stream[FREQUENCIES], min(first, 1)
    stop = min(start + ((stream[TOTAL] + 7) >> 3), data.size)
    _skip_to(data, stream, start, stop, COUNTED_BYTE, FREQUENCY_BYTE, first - more)
    _next_bits(data, start, stop, stream, FREQUENCY_BYTE, size + more, bits)
    last = bits[0] if more else np.uint32(0xFFFFFFFF)
    for n in range(size):
        bit = bits[n + more]  # a damaged list may lack it: no frequency is below 1 then
        frequencies[n] = max(1, int(np.int64(np.int32(bit - last))))
        last = bit
