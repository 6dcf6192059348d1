"""Parts of single posting lists read by numba, without decoding the rest.

A posting's rank is its index in its list. Bits are counted 64 at a time up to the postings that are
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
    NEW_UNSIGNED,
    NUMBER,
    SPARE,
    UNSIGNED,
    Bytes,
    Unsigned,
)
from searchsvc.postings.compiled_phase_in import (
    block_place,
    bound_of,
    count_singles,
    is_inside,
    read_inside,
    read_posting,
    width_of,
)
from searchsvc.postings.compiled_seeking import frequencies_at_each, seek_each
from searchsvc.postings.compiled_streams import (
    COUNT,
    FREQUENCIES,
    STREAM,
    STREAM_WORDS,
    TOTAL,
    Stream,
    begin,
    documents_from,
    frequencies_from,
)
from searchsvc.postings.compiling import bare, compiled
from searchsvc.postings.phase_in import BLOCK

Ranks = NDArray[np.int64]
"""Ranks of postings, ascending."""

_ranks = types.int64[::1]
_ascending_ranks = types.Array(types.int64, 1, "C", readonly=True)
_cursor: Any = types.UniTuple(types.int64, 2)  # type: ignore[no-untyped-call]


@compiled(_ranks(BYTES, NUMBER, NUMBER, NUMBER, UNSIGNED))
def ranks_of(data: Bytes, place: int, count: int, universe: int, candidates: Unsigned) -> Ranks:
    """The index of each ascending candidate in the list at ``place``, -1 where it is missing."""
    stream = np.empty(STREAM_WORDS, np.int64)
    begin(stream, data.size, place, count, place, count, universe)
    ranks = np.empty(candidates.size, np.int64)
    seek_each(data, stream, candidates, ranks)
    return ranks


@compiled(NEW_UNSIGNED(BYTES, NUMBER, NUMBER, _ascending_ranks))
def frequencies_at(data: Bytes, place: int, total: int, ranks: Ranks) -> Unsigned:
    """The frequencies, stored in unary from ``place`` on, of the postings with these ranks.

    ``total`` is the sum of all frequencies of the list.
    """
    stream = np.empty(STREAM_WORDS, np.int64)
    begin(stream, data.size, place, 0, place, total, 1)  # nothing is asked of its documents
    frequencies = np.empty(ranks.size, np.uint32)
    frequencies_at_each(data, stream, ranks, frequencies)
    return frequencies


@bare(
    _cursor(
        BYTES, NUMBER, NUMBER, UNSIGNED, UNSIGNED, UNSIGNED, _ascending_ranks, NUMBER, NEW_UNSIGNED,
        NUMBER,
    )
)  # fmt: skip
def _positions_of_block(
    data: Bytes,
    start: int,
    first: int,
    documents: Unsigned,
    frequencies: Unsigned,
    position_starts: Unsigned,
    ranks: Ranks,
    n: int,
    positions: Unsigned,
    written: int,
) -> tuple[int, int]:
    """Reads the positions of rank ``n`` and of those behind it in its block, which begins at ``start``.

    ``documents`` and ``frequencies`` (none: all are 1) are those of the block, from rank ``first`` on.
    Gives the first rank of another block, and ``written`` anew; where ``positions`` has no room
    for them all, ``written`` is beyond its end.
    """
    n_bits = occurrences = 0
    for posting in range(documents.size):
        frequency = int(np.int64(frequencies[posting])) if frequencies.size else 1
        n_bits += frequency * width_of(bound_of(position_starts, documents[posting]))
        occurrences += frequency
    bit, single = 8 * start, 8 * (start + ((n_bits + 7) >> 3))
    whole = is_inside(data, start, n_bits, occurrences)
    for posting in range(documents.size):
        if n == ranks.size or ranks[n] >= first + documents.size:
            break
        asked = ranks[n] == first + posting
        document = documents[posting]
        frequency = int(np.int64(frequencies[posting])) if frequencies.size else 1
        bound = bound_of(position_starts, document)
        if asked and written + frequency > positions.size:
            return n, positions.size + 1
        if not whole:
            bit, single, written = read_posting(
                data, bit, single, bound, frequency,
                int(np.int64(position_starts[document])), asked, positions, written,
            )  # fmt: skip
            n += asked
            continue
        if asked:
            begin = int(np.int64(position_starts[document]))
            single = read_inside(data, bit, single, bound, frequency, begin, positions, written)
            written += frequency
            n += 1
        else:
            single += count_singles(data, bit, bound, frequency)
        bit += frequency * width_of(bound)
    return n, written


@compiled(NEW_UNSIGNED(BYTES, STREAM, NUMBER, UNSIGNED, _ascending_ranks))
def positions_from(
    data: Bytes, stream: Stream, universe: int, position_starts: Unsigned, ranks: Ranks
) -> Unsigned:
    """Global positions of the postings with these ascending ranks.

    Only the blocks (``phase_in``) that hold the ranks are read. The stream is used for nothing else,
    and is moved on.
    """
    count, total, behind = stream[COUNT], stream[TOTAL], stream[FREQUENCIES]
    positions = np.empty(4 * ranks.size + BLOCK, np.uint32)
    documents, room = np.empty(BLOCK + SPARE, np.uint32), np.empty(BLOCK + SPARE + 1, np.uint32)
    frequencies = np.ones(BLOCK if total > count else 0, np.uint32)
    table = behind + ((total + 7) >> 3 if total > count else 0)
    n_blocks = (count + BLOCK - 1) // BLOCK
    written = n = 0
    while n < ranks.size:
        block = int(ranks[n]) // BLOCK
        first = block * BLOCK
        size = min(BLOCK, count - first)
        documents_from(data, stream, first, size, universe, documents)
        if total > count:
            frequencies_from(data, stream, first, size, room, frequencies)
        next_n, end = _positions_of_block(
            data, block_place(data, table, n_blocks, block), first, documents[:size], frequencies,
            position_starts, ranks, n, positions, written,
        )  # fmt: skip
        if end <= positions.size:
            n, written = next_n, end
        else:
            larger = np.empty(2 * positions.size, np.uint32)
            larger[:written] = positions[:written]
            positions = larger
    return positions[:written]


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
    """``positions_from`` the beginning of the list at ``place``, its frequencies at ``behind``."""
    stream = np.empty(STREAM_WORDS, np.int64)
    begin(stream, data.size, place, count, behind, total, universe)
    return positions_from(data, stream, universe, position_starts, ranks)
