"""Where candidates stand in posting lists, and keeping those that are to be kept.

Called by ``compiled_conjunctions`` and ``compiled_texts``. Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.evaluation.compiled_tables import (
    COUNT,
    LIVE,
    NEW_DOCUMENTS,
    READ_DOCUMENTS,
    TABLE,
    Table,
    begin_list,
)
from searchsvc.evaluation.types import Documents, Mask
from searchsvc.postings.compiled_lists import BYTES, NUMBER, Bytes
from searchsvc.postings.compiled_seeking import seek_each
from searchsvc.postings.compiled_streams import COUNT as LIST_COUNT
from searchsvc.postings.compiled_streams import (
    ROOM,
    STREAM,
    STREAM_WORDS,
    WIDTH,
    Stream,
    next_chunk,
)
from searchsvc.postings.compiling import bare, compiled

AT: Final = 0
FILLED: Final = 1
READ: Final = 2
MERGES: Final = 3
CURSOR_WORDS: Final = 4
"""How far a list is read a chunk at a time: where in the chunk, how many it has, how many are read; whether
it is read so (-1: not known yet).
"""

READERS: Any = types.Tuple(  # type: ignore[no-untyped-call]
    (types.int64[:, ::1], types.uint32[:, ::1], types.int64[:, ::1], types.int64[:, ::1])
)
Readers = tuple[Table, Documents, Table, Table]
"""Of lists, a row each: a stream, a chunk of documents, how far that is read, a stream for positions."""

SHORT = 4
"""A list with fewer than this many documents a candidate is read instead of looked up in."""

Order = NDArray[np.int64]
"""Rows of terms or clauses, or ranks of documents in lists."""

ORDER = types.int64[::1]
READ_ORDER = types.Array(types.int64, 1, "C", readonly=True)
RANKS = types.int64[:, ::1]
OWN_RANKS = types.int64[::1]


@compiled(ORDER(TABLE, NUMBER, NUMBER))
def rarest_first(terms: Table, first: int, stop: int) -> Order:
    """The rows of some terms, those of few documents first."""
    order = np.arange(first, stop)
    for start in range(1, order.size):
        term, place = order[start], int(start)
        while place > 0 and terms[order[place - 1], COUNT] > terms[term, COUNT]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = term
    return order


@bare(types.void(READ_DOCUMENTS, READ_DOCUMENTS, OWN_RANKS))
def rank_by_merging(documents: Documents, candidates: Documents, ranks: Order) -> None:
    """The index of each candidate in ``documents``, -1 where it is missing."""
    place = 0
    for n in range(candidates.size):
        candidate = candidates[n]
        while place < documents.size and documents[place] < candidate:
            place += 1
        held = place < documents.size and documents[place] == candidate
        ranks[n] = place if held else -1


@compiled(READERS(BYTES, TABLE, NUMBER))
def make_readers(data: Bytes, terms: Table, universe: int) -> Readers:
    """Readers of the lists of the terms, at their beginnings."""
    streams = np.empty((terms.shape[0], STREAM_WORDS), np.int64)
    cursors = np.zeros((terms.shape[0], CURSOR_WORDS), np.int64)
    for term in range(terms.shape[0]):
        begin_list(data, terms, term, universe, streams[term])
        cursors[term, MERGES] = -1
    chunks = np.empty((terms.shape[0], ROOM), np.uint32)
    return streams, chunks, cursors, streams.copy()


@bare(types.void(BYTES, STREAM, NUMBER, NEW_DOCUMENTS, OWN_RANKS, READ_DOCUMENTS, OWN_RANKS))
def _rank_by_reading(
    data: Bytes,
    stream: Stream,
    universe: int,
    chunk: Documents,
    cursor: Order,
    candidates: Documents,
    ranks: Order,
) -> None:
    """As ``rank``, by reading the whole list."""
    at, filled, read = cursor[AT], cursor[FILLED], cursor[READ]
    count = stream[LIST_COUNT]
    for n in range(candidates.size):
        candidate = candidates[n]
        while True:
            while at < filled and chunk[at] < candidate:
                at += 1
            if at < filled or read >= count:
                break
            filled, at = next_chunk(data, stream, read, universe, False, chunk, chunk), 0
            read += filled
        held = at < filled and chunk[at] == candidate
        ranks[n] = read - filled + at if held else -1
    cursor[AT], cursor[FILLED], cursor[READ] = at, filled, read


@compiled(types.void(BYTES, READERS, NUMBER, NUMBER, NUMBER, READ_DOCUMENTS, OWN_RANKS))
def rank(
    data: Bytes,
    readers: Readers,
    term: int,
    universe: int,
    pieces: int,
    candidates: Documents,
    ranks: Order,
) -> None:
    """The rank of each candidate in the list of a term, -1 where it is missing.

    About so many ``pieces`` of candidates are asked for, each behind the one before.
    """
    streams, chunks, cursors, _ = readers
    stream, count = streams[term], streams[term, LIST_COUNT]
    if count == 0 or candidates.size == 0:
        ranks[:] = -1
        return
    if cursors[term, MERGES] < 0:
        is_short = stream[WIDTH] >= 0 and count < SHORT * candidates.size * pieces
        cursors[term, MERGES] = int(is_short)
    if cursors[term, MERGES]:
        _rank_by_reading(data, stream, universe, chunks[term], cursors[term], candidates, ranks)
        return
    seek_each(data, stream, candidates, ranks)


@bare(NUMBER(NEW_DOCUMENTS, RANKS, LIVE, NUMBER))
def kept(candidates: Documents, ranks: Order, keep: Mask, n: int) -> int:
    """Keeps those of the first ``n`` candidates that are to be kept, with their ranks."""
    first = 0
    while first < n and keep[first]:
        first += 1
    left = first
    for place in range(first, n):
        candidates[left] = candidates[place]
        left += keep[place]
    if first == n:
        return n
    for term in range(ranks.shape[0]):
        left = first
        for place in range(first, n):
            ranks[term, left] = ranks[term, place]
            left += keep[place]
    return left
