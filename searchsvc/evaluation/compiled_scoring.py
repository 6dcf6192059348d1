"""Scores of the documents that a conjunction leaves. Called by ``compiled_conjunctions``.

Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import types

from searchsvc.evaluation.compiled_narrowing import (
    ORDER,
    RANKS,
    READ_ORDER,
    READERS,
    SHORT,
    Order,
    Readers,
    kept,
    rank,
)
from searchsvc.evaluation.compiled_tables import (
    AVERAGE,
    BOOST,
    COMBINED,
    CONSTANT,
    COUNT,
    FACTOR,
    FIRST,
    GIVEN,
    K1,
    KIND,
    LENGTHS,
    NEW_DOCUMENTS,
    NONE,
    READ_DOCUMENTS,
    ROW,
    RUN,
    SATURATION,
    SCORES,
    STOP,
    SUM,
    TABLE,
    TEXTS,
    TOTAL,
    WEIGHTS,
    WITHIN,
    WITHOUT,
    B,
    Table,
    add_scores,
    by_length,
    lengths_of,
)
from searchsvc.evaluation.types import Documents, Scores
from searchsvc.postings.compiled_lists import BYTES, NUMBER, Bytes
from searchsvc.postings.compiled_seeking import frequencies_at_each, frequency_at
from searchsvc.postings.compiled_streams import CHUNK, ROOM, STREAM, Stream, frequencies_from
from searchsvc.postings.compiling import compiled

_bounds: Any = types.Tuple((ORDER, SCORES))  # type: ignore[no-untyped-call]

SLACK: Final = 1e-9
"""By how much bounds are taken to be off at most."""


@compiled(types.void(BYTES, STREAM, READ_ORDER, NEW_DOCUMENTS))
def _read_frequencies(data: Bytes, stream: Stream, ranks: Order, frequencies: Documents) -> None:
    """The frequencies of these ranks: read one after the other where they are close together."""
    stop = ranks[ranks.size - 1] + 1
    if stop - ranks[0] > SHORT * ranks.size:
        frequencies_at_each(data, stream, ranks, frequencies)
        return
    bits, chunk = np.empty(ROOM + 1, np.uint32), np.empty(CHUNK, np.uint32)
    n = 0
    for first in range(ranks[0], stop, CHUNK):
        size = min(CHUNK, stop - first)
        frequencies_from(data, stream, first, size, bits, chunk)
        while n < ranks.size and ranks[n] < first + size:
            frequencies[n] = chunk[ranks[n] - first]
            n += 1


@compiled(types.void(BYTES, TABLE, READERS, WEIGHTS, NUMBER, types.boolean, NUMBER, READ_DOCUMENTS,
                     READ_ORDER, SCORES))  # fmt: skip
def add_term(
    data: Bytes,
    terms: Table,
    readers: Readers,
    weights: Scores,
    term: int,
    combined: bool,
    universe: int,
    documents: Documents,
    ranks: Order,
    scores: Scores,
) -> None:
    """Adds the scores of a term, or its weighted frequencies, to those documents that have it.

    These are the ones whose rank is not -1.
    """
    is_everywhere = True
    for place in ranks:
        is_everywhere &= place >= 0
    where = np.empty(0, np.int64) if is_everywhere else np.flatnonzero(ranks >= 0)
    own = ranks if is_everywhere else ranks[where]
    if not own.size:
        return
    frequencies = np.empty(own.size if terms[term, TOTAL] > terms[term, COUNT] else 0, np.uint32)
    if frequencies.size:
        _read_frequencies(data, readers[0][term], own, frequencies)
    row, lengths = weights[term], lengths_of(data, terms, term, universe)
    known = by_length(row, combined, own.size)
    if is_everywhere:
        add_scores(row, lengths, known, combined, documents, frequencies, scores)
        return
    parts = np.zeros(own.size, np.float64)
    add_scores(row, lengths, known, combined, documents[where], frequencies, parts)
    for n in range(own.size):
        scores[where[n]] += parts[n]


@compiled(SCORES(BYTES, TABLE, READERS, TABLE, WEIGHTS, WEIGHTS, types.float64, NUMBER, NUMBER,
                 READ_DOCUMENTS, RANKS))  # fmt: skip
def scores_of(
    data: Bytes,
    terms: Table,
    readers: Readers,
    clauses: Table,
    weights: Scores,
    clause_weights: Scores,
    whole: float,
    universe: int,
    pieces: int,
    documents: Documents,
    ranks: Order,
) -> Scores:
    """The scores of documents whose ranks in the lists are known, those of COMBINED clauses apart."""
    size = documents.size
    totals, sums = np.zeros(size, np.float64), np.zeros(0, np.float64)
    places = np.empty(size, np.int64)
    for clause in range(clauses.shape[0]):
        boost, kind = clause_weights[clause, BOOST], clauses[clause, KIND]
        if kind == SUM and sums.size:
            totals += sums * boost
            sums = np.zeros(0, np.float64)
        if kind == SUM or boost == 0.0 or not size:
            continue
        if kind in (NONE, RUN, GIVEN, WITHIN, WITHOUT, TEXTS):
            totals += boost
        else:
            parts = np.zeros(size, np.float64)
            for term in range(clauses[clause, FIRST], clauses[clause, STOP]):
                own = places
                if kind == COMBINED:
                    rank(data, readers, term, universe, pieces, documents, places)
                else:
                    own = ranks[term, :size]
                add_term(
                    data,
                    terms,
                    readers,
                    weights,
                    term,
                    kind == COMBINED,
                    universe,
                    documents,
                    own,
                    parts,
                )
            if kind != COMBINED:
                totals += parts * boost
                continue
            if not sums.size:
                sums = np.zeros(size, np.float64)
            k1 = clause_weights[clause, SATURATION]
            for n in range(size):
                if parts[n] != 0.0:
                    sums[n] += parts[n] / (parts[n] + k1) * boost
    return totals * whole if whole != 1.0 else totals


@compiled(_bounds(TABLE, TABLE, WEIGHTS, WEIGHTS, types.float64))
def bounds_of(
    terms: Table, clauses: Table, weights: Scores, clause_weights: Scores, whole: float
) -> tuple[Order, Scores]:
    """The terms that score, those that may score most first, and how much that is.

    One entry more says how much documents score besides. None where this cannot be said.
    """
    rows, most = np.empty(terms.shape[0], np.int64), np.empty(terms.shape[0] + 1, np.float64)
    size, constant, is_known = 0, 0.0, whole > 0.0
    for clause in range(clauses.shape[0]):
        boost, kind = clause_weights[clause, BOOST], clauses[clause, KIND]
        is_known &= kind not in (COMBINED, SUM) and boost >= 0.0
        if boost == 0.0:
            continue
        if kind in (NONE, RUN, GIVEN, WITHIN, WITHOUT, TEXTS):
            constant += boost * whole
            continue
        for term in range(clauses[clause, FIRST], clauses[clause, STOP]):
            bound = weights[term, FACTOR] * boost * whole
            is_known &= bound >= 0.0 and (terms[term, LENGTHS] >= 0 or terms[term, COUNT] == 0)
            place = size
            while place > 0 and most[place - 1] < bound:
                rows[place], most[place] = rows[place - 1], most[place - 1]
                place -= 1
            rows[place], most[place] = term, bound
            size += 1
    if not is_known:
        size = 0
    most[size] = constant
    return rows[:size], most[: size + 1]


@compiled(NUMBER(BYTES, TABLE, READERS, WEIGHTS, NUMBER, NUMBER, READ_ORDER, ROW, types.float64,
                 NEW_DOCUMENTS, RANKS, NUMBER))  # fmt: skip
def promising(
    data: Bytes,
    terms: Table,
    readers: Readers,
    weights: Scores,
    universe: int,
    known: int,
    rows: Order,
    most: Scores,
    least: float,
    candidates: Documents,
    ranks: Order,
    n: int,
) -> int:
    """Leaves those of the first ``n`` candidates that may score ``least``.

    ``rows`` and ``most`` are what ``bounds_of`` gives. Of the term ``known`` (-1: of none) the
    frequencies are the last of the ``ranks``.
    """
    reach = most.sum()
    least -= reach * SLACK
    reached, left = np.full(n, reach), np.arange(n)
    for turn in range(rows.size):
        term = rows[turn]
        own, row, bound, stream = ranks[term], weights[term], most[turn], readers[0][term]
        lengths = lengths_of(data, terms, term, universe)
        if not lengths.size:
            return n
        base, slope = row[K1] * row[CONSTANT], row[K1] * row[B] / row[AVERAGE]
        count = 0
        for place in left:
            part, rank_of = -bound, own[place]
            if rank_of >= 0:
                if term == known:
                    tf = float(ranks[ranks.shape[0] - 1, place])
                else:
                    tf = float(frequency_at(data, stream, rank_of))
                below = base + slope * float(lengths[candidates[place]])
                part += tf / (tf + below) * bound
            reached[place] += part
            left[count] = place
            count += reached[place] >= least
        left = left[:count]
    keep = np.zeros(n, np.bool_)
    for place in left:
        keep[place] = True
    return kept(candidates, ranks, keep, n)
