"""Conjunctions of clauses over posting lists, narrowed clause by clause. Called by
``compiled_search``.

The documents of the clause with the fewest are read; every other list only looks up what is left of
them, by skipping, or is read where it is short itself. Scores are worked out for what all clauses
leave. Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types

from searchsvc.evaluation.compiled_kernels import merge
from searchsvc.evaluation.compiled_narrowing import (
    ORDER,
    RANKS,
    READERS,
    Order,
    Readers,
    kept,
    make_readers,
    rank,
    rank_by_merging,
    rarest_first,
)
from searchsvc.evaluation.compiled_scoring import bounds_of, promising, scores_of
from searchsvc.evaluation.compiled_tables import (
    ALL,
    ALL_DOCUMENTS,
    ALL_SCORES,
    ANY,
    BOOST,
    COMBINED,
    COUNT,
    FIRST,
    FOUND,
    GIVEN,
    KIND,
    LIVE,
    NEW_DOCUMENTS,
    NONE,
    PHRASE,
    READ_DOCUMENTS,
    RUN,
    STEP,
    STOP,
    SUM,
    TABLE,
    TEXTS,
    WEIGHTS,
    WITHIN,
    WITHOUT,
    Found,
    Table,
    documents_of,
    mark_within,
)
from searchsvc.evaluation.compiled_texts import mark_text, standing
from searchsvc.evaluation.compiled_unions import insert
from searchsvc.evaluation.types import Documents, Mask, Scores
from searchsvc.postings.compiled_lists import BYTES, NUMBER, SPARE, Bytes
from searchsvc.postings.compiled_streams import CHUNK, ROOM, next_chunk
from searchsvc.postings.compiling import compiled

LAST = np.iinfo(np.int64).max

PIECE: Final = 2_048
"""Candidates at a time, a multiple of CHUNK: all that they take stays in the processor's caches."""


@compiled(NUMBER(TABLE, TABLE, NUMBER))
def _count(terms: Table, clauses: Table, clause: int) -> int:
    """How many documents a clause may have: -1 of a run or bounds, LAST where it gives none."""
    kind, first, stop = clauses[clause, KIND], clauses[clause, FIRST], clauses[clause, STOP]
    if kind in (RUN, WITHIN):
        return -1
    if kind == GIVEN:
        return int(stop - first)
    if kind in (NONE, WITHOUT, COMBINED, SUM):
        return int(LAST)
    if kind == ANY:
        return int(terms[first:stop, COUNT].sum())
    count, step = 0, clauses[clause, STEP]
    if kind != TEXTS:
        step = stop - first
    for group in range(first, stop, step):
        count += terms[group : group + step, COUNT].min()
    return count


@compiled(ORDER(TABLE, TABLE))
def _narrowest_first(terms: Table, clauses: Table) -> Order:
    """Runs and bounds, then the other clauses by the documents they may have; what excludes comes last.

    Those that leave out no document are not among them.
    """
    counts = np.empty(clauses.shape[0], np.int64)
    chosen = np.empty(clauses.shape[0], np.int64)
    size = 0
    for clause in range(clauses.shape[0]):
        if clauses[clause, KIND] in (COMBINED, SUM):
            continue
        count, place = _count(terms, clauses, clause), size
        while place > 0 and counts[place - 1] > count:
            counts[place], chosen[place] = counts[place - 1], chosen[place - 1]
            place -= 1
        counts[place], chosen[place] = count, clause
        size += 1
    return chosen[:size]


@compiled(NEW_DOCUMENTS(BYTES, TABLE, TABLE, NUMBER, NUMBER, READ_DOCUMENTS))
def _source(
    data: Bytes, terms: Table, clauses: Table, clause: int, universe: int, given: Documents
) -> Documents:
    """Documents that a clause's are among: of its rarest term, or of all where any will do."""
    kind, first, stop = clauses[clause, KIND], clauses[clause, FIRST], clauses[clause, STOP]
    if kind == GIVEN:
        return given[first:stop].copy()
    step = stop - first
    if kind == ANY:
        step = 1
    elif kind == TEXTS:
        step = clauses[clause, STEP]
    documents = np.empty(0, np.uint32)
    for group in range(first, stop, step):
        term = group + int(terms[group : group + step, COUNT].argmin())
        own = documents_of(data, terms, term, universe)
        documents = merge(documents, own) if group > first else own.copy()
    return documents


@compiled(NUMBER(BYTES, TABLE, READERS, TABLE, NUMBER, NUMBER, NUMBER, READ_DOCUMENTS, NEW_DOCUMENTS,
                 RANKS, NUMBER, NUMBER))  # fmt: skip
def _narrow(
    data: Bytes,
    terms: Table,
    readers: Readers,
    clauses: Table,
    clause: int,
    universe: int,
    pieces: int,
    given: Documents,
    candidates: Documents,
    ranks: Order,
    n: int,
    known: int,
) -> int:
    """Leaves those of the first ``n`` candidates that a clause allows; fills in their ranks.

    Of the term ``known`` (-1: of none) the ranks are there already.
    """
    kind, first, stop = clauses[clause, KIND], clauses[clause, FIRST], clauses[clause, STOP]
    if kind in (ALL, PHRASE):
        for term in rarest_first(terms, first, stop):
            if term != known:
                rank(data, readers, term, universe, pieces, candidates[:n], ranks[term])
                n = kept(candidates, ranks, ranks[term, :n] >= 0, n)
        return n
    held = np.zeros(n, np.bool_)
    if kind in (GIVEN, WITHOUT):
        places = np.empty(n, np.int64)
        own_given = given[first:stop]
        if n:
            low, high = np.searchsorted(own_given, candidates[0]), stop - first
            rank_by_merging(own_given[low:high], candidates[:n], places)
        held = places >= 0
    elif kind == TEXTS:
        step = clauses[clause, STEP]
        for group in range(first, stop, step):
            mark_text(data, terms, readers, group, step, universe, pieces, candidates[:n], held)
    else:
        places = np.empty(n, np.int64)
        for term in range(first, stop):
            own = ranks[term, :n] if term < ranks.shape[0] - 1 else places
            if term != known:
                rank(data, readers, term, universe, pieces, candidates[:n], own)
            for place in range(n):
                held[place] |= own[place] >= 0
    if kind in (NONE, WITHOUT):
        held = ~held
    return kept(candidates, ranks, held, n)


@compiled(NUMBER(BYTES, LIVE, TABLE, NUMBER, NEW_DOCUMENTS, RANKS, NUMBER))
def _allowed(
    data: Bytes,
    live: Mask,
    clauses: Table,
    universe: int,
    candidates: Documents,
    ranks: Order,
    n: int,
) -> int:
    """Leaves those of the first ``n`` candidates that are live, in all runs and within all bounds."""
    low, high = 0, int(LAST)
    marks, is_narrowed = np.ones(n, np.bool_), live.size > 0
    for clause in range(clauses.shape[0]):
        if clauses[clause, KIND] == RUN:
            low = max(low, int(clauses[clause, FIRST]))
            high = min(high, int(clauses[clause, STOP]))
            is_narrowed = True
        elif clauses[clause, KIND] == WITHIN:
            mark_within(data, clauses[clause], universe, candidates[:n], marks)
            is_narrowed = True
    if not is_narrowed:
        return n
    if candidates[n - 1] < low or candidates[0] >= high:
        return 0
    for place in range(n):
        document = candidates[place]
        is_live = live.size == 0 or live[document]
        marks[place] &= bool(is_live) and low <= int(np.int64(document)) < high
    return kept(candidates, ranks, marks, n)


@compiled(NUMBER(TABLE))
def _n_ranked(clauses: Table) -> int:
    """The rows of terms whose ranks are kept: those of clauses that score, and of phrases."""
    n_ranked = 0
    for clause in range(clauses.shape[0]):
        kind = clauses[clause, KIND]
        if kind in (ALL, PHRASE) or (kind == ANY and clauses[clause, BOOST]):
            n_ranked = max(n_ranked, int(clauses[clause, STOP]))
    return n_ranked


@compiled(types.void(BYTES, READERS, NUMBER, NUMBER, NUMBER, NUMBER, NEW_DOCUMENTS, RANKS))
def _read_piece(
    data: Bytes,
    readers: Readers,
    known: int,
    first: int,
    n: int,
    universe: int,
    candidates: Documents,
    ranks: Order,
) -> None:
    """Reads ``n`` documents of a list from rank ``first`` on; their frequencies are the last ranks."""
    frequencies = np.empty(ROOM, np.uint32)
    last = ranks[ranks.shape[0] - 1]
    for start in range(0, n, CHUNK):
        size = next_chunk(
            data, readers[0][known], first + start, universe, True, candidates[start:], frequencies
        )
        for place in range(size):
            last[start + place] = frequencies[place]
            ranks[known, start + place] = first + start + place


@compiled(FOUND(BYTES, LIVE, TABLE, TABLE, WEIGHTS, WEIGHTS, types.float64, NUMBER, NUMBER, NUMBER,
                READ_DOCUMENTS))  # fmt: skip
def best_of_all_clauses(  # noqa: PLR0912
    data: Bytes,
    live: Mask,
    terms: Table,
    clauses: Table,
    weights: Scores,
    clause_weights: Scores,
    boost: float,
    universe: int,
    limit: int,
    wanted: int,
    given: Documents,
) -> Found:
    """What is ``wanted`` of the documents that all clauses allow, found a piece after the other.

    One of the clauses at least is of a kind that gives documents.
    """
    narrowest = _narrowest_first(terms, clauses)
    source = 0
    while clauses[narrowest[source], KIND] in (RUN, WITHIN):
        source += 1
    clause = narrowest[source]
    kind, first, stop = clauses[clause, KIND], clauses[clause, FIRST], clauses[clause, STOP]
    n_ranked = _n_ranked(clauses)
    is_one = kind == ANY and stop == first + 1
    known = -1
    if kind in (ALL, PHRASE) or (is_one and first < n_ranked):
        known = int(first) + int(terms[first:stop, COUNT].argmin())
    documents = np.empty(0, np.uint32)
    if known < 0:
        documents = _source(data, terms, clauses, clause, universe, given)
    total = terms[known, COUNT] if known >= 0 else documents.size
    pieces = 1 + total // PIECE
    has_all = kind == GIVEN or is_one or (kind == ANY and clauses[clause, BOOST] == 0)
    readers = make_readers(data, terms, universe)
    scored_readers = make_readers(data, terms, universe)
    rows, most = bounds_of(terms, clauses, weights, clause_weights, boost)
    size = min(total, PIECE)
    candidates, ranks = np.empty(size + SPARE, np.uint32), np.empty((n_ranked + 1, size), np.int64)
    everything = np.empty(total if wanted >= ALL_DOCUMENTS else 0, np.uint32)
    all_scores = np.empty(total if wanted == ALL_SCORES else 0, np.float64)
    best, best_scores = np.empty(limit, np.uint32), np.empty(limit, np.float64)
    found = matches = 0
    for start in range(0, total, PIECE):
        n = min(PIECE, total - start)
        if known >= 0:
            _read_piece(data, readers, known, start, n, universe, candidates, ranks)
        else:
            candidates[:n] = documents[start : start + n]
        n = _allowed(data, live, clauses, universe, candidates, ranks, n)
        for other in narrowest[source + has_all :]:
            n = _narrow(
                data, terms, readers, clauses, other, universe, pieces, given, candidates, ranks, n,
                known,
            )  # fmt: skip
        for other in range(clauses.shape[0]):
            if clauses[other, KIND] == PHRASE and n:
                words = rarest_first(terms, clauses[other, FIRST], clauses[other, STOP])
                n = standing(data, terms, readers, words, universe, candidates, ranks, n)
        before = matches
        matches += n
        if wanted >= ALL_DOCUMENTS:
            everything[before:matches] = candidates[:n]
        if n == 0 or not (limit or wanted == ALL_SCORES):
            continue
        if rows.size and found == limit and wanted != ALL_SCORES:
            n = promising(
                data, terms, readers, weights, universe, known, rows, most, best_scores[found - 1],
                candidates, ranks, n,
            )  # fmt: skip
        scores = scores_of(
            data, terms, scored_readers, clauses, weights, clause_weights, boost, universe, pieces,
            candidates[:n], ranks,
        )  # fmt: skip
        if wanted == ALL_SCORES:
            all_scores[before:matches] = scores
        for place in range(n if limit else 0):
            if found < limit or scores[place] > best_scores[found - 1]:
                found = insert(
                    int(np.int64(candidates[place])), scores[place], found, best, best_scores
                )
    return (
        best[:found],
        best_scores[:found],
        matches,
        everything[:matches] if wanted >= ALL_DOCUMENTS else everything,
        all_scores[:matches] if wanted == ALL_SCORES else all_scores,
    )
