"""Documents in which terms stand one after the other, among those that hold them all.

Called by ``compiled_conjunctions``. Raises ImportError where numba is missing.
"""

from __future__ import annotations

import numpy as np
from numba import types

from searchsvc.evaluation.compiled_narrowing import (
    ORDER,
    OWN_RANKS,
    RANKS,
    READ_ORDER,
    READERS,
    Order,
    Readers,
    kept,
    rank,
    rarest_first,
)
from searchsvc.evaluation.compiled_tables import (
    NEW_DOCUMENTS,
    READ_DOCUMENTS,
    STARTS,
    TABLE,
    TOTAL,
    Table,
)
from searchsvc.evaluation.types import Documents, Mask
from searchsvc.postings.compiled_lists import BYTES, NUMBER, Bytes
from searchsvc.postings.compiled_ranks import positions_from
from searchsvc.postings.compiling import bare, compiled


@bare(NUMBER(OWN_RANKS, NUMBER, READ_DOCUMENTS, NUMBER))
def _common(starts: Order, n: int, positions: Documents, offset: int) -> int:
    """Leaves those of the first ``n`` starts that stand ``offset`` before one of the positions."""
    kept = place = 0
    for number in range(n):
        wanted = starts[number] + offset
        while place < positions.size and positions[place] < wanted:
            place += 1
        if place < positions.size and positions[place] == wanted:
            starts[kept] = starts[number]
            kept += 1
    return kept


@bare(types.void(READ_DOCUMENTS, READ_DOCUMENTS, OWN_RANKS, NUMBER, NUMBER, types.boolean[::1]))
def _mark_documents(
    candidates: Documents,
    position_starts: Documents,
    starts: Order,
    n: int,
    offset: int,
    marks: Mask,
) -> None:
    """Marks the candidates that hold any of the ``n`` starts, each ``offset`` further on."""
    place = 0
    for number in range(n):
        position = starts[number] + offset
        while place < candidates.size and position_starts[candidates[place] + 1] <= position:
            place += 1
        if place < candidates.size:
            marks[place] = True


@compiled(NUMBER(BYTES, TABLE, READERS, READ_ORDER, NUMBER, NEW_DOCUMENTS, RANKS, NUMBER))
def standing(
    data: Bytes,
    terms: Table,
    readers: Readers,
    words: Order,
    universe: int,
    candidates: Documents,
    ranks: Order,
    n: int,
) -> int:
    """Leaves those of the first ``n`` candidates in which the words stand one after the other.

    ``words`` are rows of terms, rarest first, the first of all among them; a row's number says how far
    behind that it stands. Positions are those of the one space of the field.
    """
    place, base = terms[words[0], STARTS], words.min()
    position_starts = data[place : place + 4 * (universe + 1)].view(np.uint32)
    starts, left, first = np.empty(0, np.int64), 0, words[0] - base
    for turn in range(words.size):
        term = words[turn]
        positions = positions_from(
            data, readers[3][term], universe, position_starts, ranks[term, :n]
        )
        if turn == 0:
            starts = positions.astype(np.int64) - first
            left = starts.size
            continue
        left = _common(starts, left, positions, term - base)
        marks = np.zeros(n, np.bool_)
        _mark_documents(candidates[:n], position_starts, starts, left, first, marks)
        n = kept(candidates, ranks, marks, n)
    return n


@compiled(ORDER(TABLE, NUMBER, NUMBER))
def _cover(terms: Table, first: int, size: int) -> Order:
    """The rows of those bigrams that cover their text with the fewest positions, rarest first.

    The first and the last are among them, and one of any two neighbours.
    """
    costs = np.empty(size, np.int64)
    before = np.zeros(size, np.int64)
    for n in range(size):
        costs[n] = terms[first + n, TOTAL]
        if n:
            is_next = n < 2 or costs[n - 1] < costs[n - 2]
            before[n] = n - 1 if is_next else n - 2
            costs[n] += costs[before[n]]
    chosen, n = np.zeros(size, np.bool_), size - 1
    while n > 0:
        chosen[n] = True
        n = before[n]
    chosen[0] = True
    order = rarest_first(terms, first, first + size)
    return order[chosen[order - first]]


@compiled(types.void(BYTES, TABLE, READERS, NUMBER, NUMBER, NUMBER, NUMBER, READ_DOCUMENTS,
                     types.boolean[::1]))  # fmt: skip
def mark_text(
    data: Bytes,
    terms: Table,
    readers: Readers,
    first: int,
    size: int,
    universe: int,
    pieces: int,
    candidates: Documents,
    held: Mask,
) -> None:
    """Marks the candidates in which the bigrams from row ``first`` on stand as a text."""
    streams, chunks, cursors, of_positions = readers
    own, stop = terms[first : first + size], first + size
    own_readers = (
        streams[first:stop], chunks[first:stop], cursors[first:stop], of_positions[first:stop],
    )  # fmt: skip
    left, n = candidates.copy(), candidates.size
    ranks = np.empty((size, n), np.int64)
    for term in rarest_first(own, 0, size):
        rank(data, own_readers, term, universe, pieces, left[:n], ranks[term])
        n = kept(left, ranks, ranks[term, :n] >= 0, n)
    if n == 0:
        return
    n = standing(data, own, own_readers, _cover(own, 0, size), universe, left, ranks, n)
    place = 0
    for document in left[:n]:
        while candidates[place] < document:
            place += 1
        held[place] = True
