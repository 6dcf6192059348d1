"""Any of several long posting lists, a window of documents after the other. Called by
``compiled_search``.

What a window takes stays in the processor's caches. Once the best so far score more than some of the
terms can add together, documents that have only these are counted but not scored (MaxScore: Turtle and
Flood, Query evaluation: strategies and optimizations, 1995). Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types

from searchsvc.evaluation.compiled_kernels import best_few
from searchsvc.evaluation.compiled_narrowing import ORDER, Order, make_readers, rank
from searchsvc.evaluation.compiled_scoring import add_term
from searchsvc.evaluation.compiled_tables import (
    ALL_DOCUMENTS,
    COUNT,
    DOCUMENTS,
    FACTOR,
    FOUND,
    LIVE,
    NEW_DOCUMENTS,
    READ_DOCUMENTS,
    ROW,
    SCORES,
    TABLE,
    TABULATED,
    WEIGHTS,
    Found,
    Table,
    begin_list,
    by_length,
    lengths_of,
    score,
)
from searchsvc.evaluation.compiled_unions import insert
from searchsvc.evaluation.types import Documents, Mask, Scores
from searchsvc.postings.compiled_lists import BYTES, NUMBER, Bytes
from searchsvc.postings.compiled_seeking import frequency_at, seek
from searchsvc.postings.compiled_streams import ROOM, STREAM_WORDS, WIDTH, next_chunk
from searchsvc.postings.compiling import bare, compiled

WINDOW: Final = 2_048
"""Documents at a time: their totals fit into the first cache."""

BLOCK: Final = 64
"""Totals looked over at a time for any that may be among the best."""

POOL: Final = 1_024
"""Documents first kept for the last comparison."""

DEARER: Final = 8
"""How much more it costs to look a document up in a list than to score a document of it."""

SLACK: Final = 1e-9
"""By how much sums of scores, added in another order, are taken to differ at most."""

MARKS = types.uint8[::1]
Marks = Bytes
STREAMS = PLACES = types.int64[:, ::1]
FLAGS = types.boolean[::1]
KNOWN = types.float64[:, ::1]
CHUNKS = types.uint32[:, ::1]

EIGHT = np.array([[byte >> bit & 1 for bit in range(8)] for byte in range(256)], np.uint8)
"""Of every byte, its bits."""


@bare(types.void(BYTES, NUMBER, NUMBER, MARKS))
def _mark_bits(data: Bytes, place: int, size: int, seen: Marks) -> None:
    """Marks the documents of a list that is a bit set, whose bits for a window begin at ``place``."""
    part = data[place : place + ((size + 7) >> 3)]
    for n in range(part.size):
        bits = EIGHT[part[n]]
        eight = seen[8 * n : 8 * n + 8]
        for k in range(8):
            eight[k] |= bits[k]


@bare(NUMBER(NEW_DOCUMENTS, NUMBER, NUMBER, NUMBER, NUMBER, MARKS))
def _mark(documents: Documents, at: int, filled: int, low: int, high: int, seen: Marks) -> int:
    """Marks those of a chunk's documents that lie in the window; gives the first one behind it."""
    n = at
    while n < filled and documents[n] < high:
        seen[documents[n] - np.uint32(low)] = 1
        n += 1
    return n


@bare(NUMBER(ROW, READ_DOCUMENTS, SCORES, NEW_DOCUMENTS, NEW_DOCUMENTS, NUMBER, NUMBER, NUMBER,
             NUMBER, MARKS, SCORES))  # fmt: skip
def _add(
    row: Scores,
    lengths: Documents,
    known: Scores,
    documents: Documents,
    frequencies: Documents,
    at: int,
    filled: int,
    low: int,
    high: int,
    seen: Marks,
    totals: Scores,
) -> int:
    """As ``_mark``, and adds the scores."""
    n = at
    while n < filled and documents[n] < high:
        document = documents[n]
        place = document - np.uint32(low)
        tf = float(frequencies[n])
        seen[place] = 1
        if lengths.size:
            totals[place] += score(row, known, tf, int(np.int64(lengths[document])))
        else:
            totals[place] += tf * row[FACTOR]
        n += 1
    return n


@bare(NUMBER(NEW_DOCUMENTS, SCORES, types.float64))
def _thin(documents: Documents, scores: Scores, least: float) -> int:
    """Leaves the documents that score ``least``; gives how many these are."""
    left = 0
    for n in range(documents.size):
        if scores[n] >= least:
            documents[left], scores[left] = documents[n], scores[n]
            left += 1
    return left


@compiled(ORDER(SCORES))
def _weakest_first(bounds: Scores) -> Order:
    """The numbers of the terms by what they score at most."""
    order = np.arange(bounds.size)
    for start in range(1, order.size):
        term, place = order[start], int(start)
        while place > 0 and bounds[order[place - 1]] > bounds[term]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = term
    return order


@compiled(types.void(BYTES, TABLE, WEIGHTS, NUMBER, STREAMS, SCORES, KNOWN))
def _open(
    data: Bytes,
    terms: Table,
    weights: Scores,
    universe: int,
    streams: Table,
    bounds: Scores,
    known: Scores,
) -> None:
    """Begins the streams of the terms; what each scores at most, and by length (``by_length``)."""
    for term in range(terms.shape[0]):
        begin_list(data, terms, term, universe, streams[term])
        has_lengths = lengths_of(data, terms, term, universe).size > 0
        bounds[term] = weights[term, FACTOR] if has_lengths else np.inf
        if terms[term, COUNT] == 0:
            bounds[term] = 0.0
        values = by_length(weights[term], False, terms[term, COUNT])
        known[term, : values.size] = values


@compiled(types.void(BYTES, TABLE, WEIGHTS, NUMBER, NUMBER, NUMBER, STREAMS, FLAGS, KNOWN, CHUNKS,
                     CHUNKS, PLACES, MARKS, SCORES))  # fmt: skip
def _gather(
    data: Bytes,
    terms: Table,
    weights: Scores,
    universe: int,
    low: int,
    high: int,
    streams: Table,
    is_scored: Mask,
    known: Scores,
    documents: Documents,
    frequencies: Documents,
    places: Table,
    seen: Marks,
    totals: Scores,
) -> None:
    """Marks the documents of a window, and adds up the scores of the terms that ``is_scored``."""
    for term in range(terms.shape[0]):
        count, scored, row = terms[term, COUNT], is_scored[term], weights[term]
        if not scored and count and streams[term, WIDTH] < 0:
            _mark_bits(data, terms[term, DOCUMENTS] + (low >> 3), high - low, seen)
            continue
        lengths = lengths_of(data, terms, term, universe)
        own_known = known[term, : known.shape[1] * (count >= 4 * TABULATED)]
        own, own_frequencies = documents[term], frequencies[term]
        while True:
            at, filled, read = places[term]
            if at == filled:
                if read >= count:
                    break
                filled = next_chunk(
                    data, streams[term], read, universe, scored, own, own_frequencies
                )
                at, read = 0, read + filled
            if scored:
                at = _add(
                    row, lengths, own_known, own, own_frequencies, at, filled, low, high, seen,
                    totals,
                )  # fmt: skip
            else:
                at = _mark(own, at, filled, low, high, seen)
            places[term, 0], places[term, 1], places[term, 2] = at, filled, read
            if at < filled:
                break


@compiled(types.float64(BYTES, TABLE, WEIGHTS, NUMBER, STREAMS, KNOWN, ORDER, SCORES, NUMBER,
                        types.float64, NUMBER, types.float64))  # fmt: skip
def _whole(
    data: Bytes,
    terms: Table,
    weights: Scores,
    universe: int,
    streams: Table,
    known: Scores,
    weakest: Order,
    below: Scores,
    n_counted: int,
    least: float,
    document: int,
    value: float,
) -> float:
    """The score of a document, given that of the terms that are scored.

    Not looked at further, and too low, once it cannot reach ``least``.
    """
    for n in range(n_counted - 1, -1, -1):
        if value + below[n + 1] < least:
            break
        term = weakest[n]
        count = terms[term, COUNT]
        rank = seek(data, streams[term], document) if count else -1
        if rank < 0:
            continue
        tf = float(frequency_at(data, streams[term], rank))
        lengths = lengths_of(data, terms, term, universe)
        own_known = known[term, : known.shape[1] * (count >= 4 * TABULATED)]
        value += score(weights[term], own_known, tf, int(np.int64(lengths[document])))
    return value


@compiled(FOUND(BYTES, TABLE, WEIGHTS, types.float64, NUMBER, NUMBER, READ_DOCUMENTS, NUMBER,
                NEW_DOCUMENTS))  # fmt: skip
def _compared(
    data: Bytes,
    terms: Table,
    weights: Scores,
    boost: float,
    universe: int,
    limit: int,
    documents: Documents,
    matches: int,
    everything: Documents,
) -> Found:
    """The best of these documents, by scores added in the order of the terms."""
    scores = np.zeros(documents.size, np.float64)
    ranks = np.empty(documents.size, np.int64)
    readers = make_readers(data, terms, universe)
    for term in range(terms.shape[0]):
        rank(data, readers, term, universe, 1, documents, ranks)
        add_term(data, terms, readers, weights, term, False, universe, documents, ranks, scores)
    scores *= boost
    best, best_scores = best_few(documents, scores, limit)
    return best, best_scores, matches, everything, np.empty(0, np.float64)


@compiled(FOUND(BYTES, LIVE, TABLE, WEIGHTS, types.float64, NUMBER, NUMBER, NUMBER))
def best_of_long_lists(  # noqa: PLR0912, PLR0915
    data: Bytes,
    live: Mask,
    terms: Table,
    weights: Scores,
    boost: float,
    universe: int,
    limit: int,
    wanted: int,
) -> Found:
    """What is ``wanted``, scores of all apart, of the documents that are live and have any of the terms.

    All scores must be above zero, and so must be ``boost``, which the sums are multiplied by.
    """
    n_terms = terms.shape[0]
    streams = np.empty((n_terms, STREAM_WORDS), np.int64)
    bounds, known = np.empty(n_terms, np.float64), np.empty((n_terms, TABULATED), np.float64)
    _open(data, terms, weights, universe, streams, bounds, known)
    weakest = _weakest_first(bounds)
    below = np.zeros(n_terms + 1, np.float64)
    for n in range(n_terms):
        below[n + 1] = below[n] + bounds[weakest[n]] * (1 + SLACK)
    is_scored, n_counted = np.full(n_terms, limit > 0), 0 if limit else n_terms
    documents = np.empty((n_terms, ROOM), np.uint32)
    frequencies = np.empty((n_terms, ROOM), np.uint32)
    places = np.zeros((n_terms, 3), np.int64)
    totals, seen = np.zeros(WINDOW, np.float64), np.zeros(WINDOW, np.uint8)
    best, best_scores, found = np.empty(limit, np.uint32), np.empty(limit, np.float64), 0
    pool, pool_scores, pooled = np.empty(POOL, np.uint32), np.empty(POOL, np.float64), 0
    room = min(terms[:, COUNT].sum(), universe) + 1 if wanted == ALL_DOCUMENTS else 0
    everything = np.empty(room, np.uint32)
    matches, least = 0, -np.inf if limit else np.inf
    for low in range(0, universe, WINDOW):
        high = min(low + WINDOW, universe)
        _gather(
            data, terms, weights, universe, low, high, streams, is_scored, known, documents,
            frequencies, places, seen, totals,
        )  # fmt: skip
        if live.size:
            own_live = live[low:high]
            for n in range(own_live.size):
                seen[n] &= own_live[n]
        if wanted == ALL_DOCUMENTS:
            count = matches
            for n in range(high - low):
                everything[count] = low + n
                count += seen[n]
        for n in range(high - low):
            matches += seen[n]
        reach = least - below[n_counted] if limit else np.inf
        next_reach = least - below[min(n_counted + 1, n_terms)]
        n_next = 0
        for start in range(0, WINDOW if n_counted < n_terms else 0, BLOCK):
            block, better = totals[start : start + BLOCK], 0
            for n in range(block.size):  # no branch: the compiler takes several at once
                better += block[n] > reach
                n_next += block[n] > next_reach
            if not better:
                continue
            for n in range(start, start + BLOCK):
                if totals[n] <= reach or not seen[n]:
                    continue
                value = _whole(
                    data, terms, weights, universe, streams, known, weakest, below, n_counted,
                    least, low + n, totals[n],
                )  # fmt: skip
                if value < least:
                    continue
                if pooled == pool.size:
                    pooled = _thin(pool, pool_scores, least)
                    if 2 * pooled > pool.size:
                        pool = np.append(pool, pool)
                        pool_scores = np.append(pool_scores, pool_scores)
                pool[pooled], pool_scores[pooled] = low + n, value
                pooled += 1
                found = insert(low + n, value, found, best, best_scores)
                if found == limit:
                    least = best_scores[found - 1] * (1 - SLACK)
                    reach = least - below[n_counted]
        if n_counted < n_terms and below[n_counted + 1] <= least:
            term = weakest[n_counted]
            if DEARER * n_next * universe <= terms[term, COUNT] * WINDOW:
                is_scored[term] = False
                n_counted += 1
        totals[:] = 0.0
        seen[:] = 0
    pooled = _thin(pool[:pooled], pool_scores[:pooled], least)
    return _compared(
        data, terms, weights, boost, universe, limit, pool[:pooled], matches, everything[:matches]
    )
