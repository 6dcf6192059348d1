"""Conjunctions of clauses over posting lists, narrowed clause by clause. Called by
``compiled_search``.

The documents of the clause with the fewest are read; every other list only looks up what is left of
them, by skipping, or is read where it is short itself. Scores are worked out for what all clauses
leave. Raises ImportError where numba is missing.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.evaluation.compiled_kernels import best_few, merge
from searchsvc.evaluation.compiled_tables import (
    ALL,
    ANY,
    COUNT,
    DOCUMENTS,
    FACTOR,
    FIRST,
    FOUND,
    FREQUENCIES,
    KIND,
    LIVE,
    NEW_DOCUMENTS,
    NONE,
    OFFSET,
    PHRASE,
    READ_DOCUMENTS,
    RUN,
    SCORES,
    STARTS,
    STOP,
    TABLE,
    TOTAL,
    WEIGHTS,
    Table,
    add_scores,
)
from searchsvc.evaluation.types import Documents, Mask, Scores
from searchsvc.postings.compiled_lists import (
    BYTES,
    NUMBER,
    Bytes,
    read_ascending,
    read_frequencies,
)
from searchsvc.postings.compiled_ranks import frequencies_at, positions_at, rank_candidates
from searchsvc.postings.compiling import bare, compiled

SHORT = 4
"""A list with fewer than this many documents a candidate is read instead of looked up in."""

Order = NDArray[np.int64]
"""Rows of terms or clauses."""

_order = types.int64[::1]
_read_order = types.Array(types.int64, 1, "C", readonly=True)
_ranks = types.int64[:, ::1]
_own_ranks = types.int64[::1]


@compiled(_order(TABLE, TABLE))
def _rarest_first(terms: Table, clauses: Table) -> Order:
    """The rows of the terms, in each clause those of few documents first."""
    order = np.arange(terms.shape[0])
    for clause in range(clauses.shape[0]):
        if clauses[clause, KIND] == RUN:
            continue
        first = clauses[clause, FIRST]
        for start in range(first + 1, clauses[clause, STOP]):
            term, place = order[start], int(start)
            while place > first and terms[order[place - 1], COUNT] > terms[term, COUNT]:
                order[place] = order[place - 1]
                place -= 1
            order[place] = term
    return order


@compiled(_order(TABLE, TABLE, _read_order))
def _narrowest_first(terms: Table, clauses: Table, order: Order) -> Order:
    """Runs, then the other clauses by the documents they may have; what excludes comes last."""
    counts = np.empty(clauses.shape[0], np.int64)
    chosen = np.empty(clauses.shape[0], np.int64)
    for clause in range(clauses.shape[0]):
        kind, first, stop = clauses[clause, KIND], clauses[clause, FIRST], clauses[clause, STOP]
        if kind == RUN:
            count = np.int64(-1)
        elif kind == NONE:
            count = np.int64(np.iinfo(np.int64).max)
        elif kind == ANY:
            count = terms[first:stop, COUNT].sum()
        else:
            count = terms[order[first], COUNT]
        place = clause
        while place > 0 and counts[place - 1] > count:
            counts[place], chosen[place] = counts[place - 1], chosen[place - 1]
            place -= 1
        counts[place], chosen[place] = count, clause
    return chosen


@bare(types.void(READ_DOCUMENTS, READ_DOCUMENTS, _own_ranks))
def _rank_by_merging(documents: Documents, candidates: Documents, ranks: Order) -> None:
    """The index of each candidate in ``documents``, -1 where it is missing."""
    place = 0
    for n in range(candidates.size):
        candidate = candidates[n]
        while place < documents.size and documents[place] < candidate:
            place += 1
        held = place < documents.size and documents[place] == candidate
        ranks[n] = place if held else -1


@compiled(types.void(BYTES, TABLE, NUMBER, NUMBER, READ_DOCUMENTS, _own_ranks))
def _rank(
    data: Bytes, terms: Table, term: int, universe: int, candidates: Documents, ranks: Order
) -> None:
    """The rank of each candidate in the list of a term, -1 where it is missing."""
    place, count = terms[term, DOCUMENTS], terms[term, COUNT]
    if count < SHORT * candidates.size:
        documents = read_ascending(data, place, count, universe, True)
        _rank_by_merging(documents, candidates, ranks)
    else:
        rank_candidates(data, place, count, universe, candidates, ranks)


@bare(NUMBER(NEW_DOCUMENTS, _ranks, LIVE, NUMBER))
def _kept(candidates: Documents, ranks: Order, keep: Mask, n: int) -> int:
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


@compiled(types.uint32[::1](BYTES, TABLE, TABLE, _read_order, NUMBER, NUMBER))
def _source(
    data: Bytes, terms: Table, clauses: Table, order: Order, clause: int, universe: int
) -> Documents:
    """The documents of a clause's rarest term, or of all its terms where any will do."""
    first, stop = clauses[clause, FIRST], clauses[clause, STOP]
    if clauses[clause, KIND] != ANY:
        stop = first + 1
    documents = np.empty(0, np.uint32)
    for term in order[first:stop]:
        own = read_ascending(data, terms[term, DOCUMENTS], terms[term, COUNT], universe, True)
        documents = own if stop - first == 1 else merge(documents, own)
    return documents


@compiled(NUMBER(BYTES, TABLE, TABLE, _read_order, NUMBER, NUMBER, NEW_DOCUMENTS, _ranks, NUMBER,
                 NUMBER))  # fmt: skip
def _narrow(
    data: Bytes,
    terms: Table,
    clauses: Table,
    order: Order,
    clause: int,
    universe: int,
    candidates: Documents,
    ranks: Order,
    n: int,
    known: int,
) -> int:
    """Leaves those of the first ``n`` candidates that a clause allows; fills in their ranks.

    Of the term ``known`` (-1: of none) the ranks are there already.
    """
    kind, first, stop = clauses[clause, KIND], clauses[clause, FIRST], clauses[clause, STOP]
    held = np.zeros(n, np.bool_)
    for term in order[first:stop]:
        if term != known:
            _rank(data, terms, term, universe, candidates[:n], ranks[term])
        if kind in (ALL, PHRASE):
            keep = ranks[term, :n] >= 0
            if term != known:
                n = _kept(candidates, ranks, keep, n)
        else:
            for place in range(n):
                held[place] |= ranks[term, place] >= 0
    if kind == NONE:
        held = ~held
    if kind in (NONE, ANY):
        n = _kept(candidates, ranks, held, n)
    return n


@bare(NUMBER(_own_ranks, NUMBER, READ_DOCUMENTS, NUMBER))
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


@bare(types.void(READ_DOCUMENTS, READ_DOCUMENTS, _own_ranks, NUMBER, NUMBER, types.boolean[::1]))
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


@compiled(NUMBER(BYTES, TABLE, _read_order, NUMBER, NEW_DOCUMENTS, _ranks, NUMBER))
def _standing(
    data: Bytes,
    terms: Table,
    words: Order,
    universe: int,
    candidates: Documents,
    ranks: Order,
    n: int,
) -> int:
    """Leaves those of the first ``n`` candidates in which the words stand one after the other.

    Positions are those of the one space of the field; the words come rarest first.
    """
    place = terms[words[0], STARTS]
    position_starts = data[place : place + 4 * (universe + 1)].view(np.uint32)
    starts, left, first = np.empty(0, np.int64), 0, terms[words[0], OFFSET]
    for turn in range(words.size):
        term = words[turn]
        positions = positions_at(
            data, terms[term, DOCUMENTS], terms[term, FREQUENCIES], terms[term, COUNT],
            terms[term, TOTAL], universe, position_starts, ranks[term, :n],
        )  # fmt: skip
        if turn == 0:
            starts = positions.astype(np.int64) - first
            left = starts.size
            continue
        left = _common(starts, left, positions, terms[term, OFFSET])
        marks = np.zeros(n, np.bool_)
        _mark_documents(candidates[:n], position_starts, starts, left, first, marks)
        n = _kept(candidates, ranks, marks, n)
    return n


@compiled(types.void(BYTES, TABLE, WEIGHTS, NUMBER, READ_DOCUMENTS, _read_order, SCORES))
def _add_term(
    data: Bytes,
    terms: Table,
    weights: Scores,
    term: int,
    documents: Documents,
    ranks: Order,
    scores: Scores,
) -> None:
    """Adds the scores of a term to those documents that have it: where the rank is not -1."""
    count, total, place = terms[term, COUNT], terms[term, TOTAL], terms[term, FREQUENCIES]
    is_everywhere = True
    for rank in ranks:
        is_everywhere &= rank >= 0
    where = np.empty(0, np.int64) if is_everywhere else np.flatnonzero(ranks >= 0)
    own = ranks if is_everywhere else ranks[where]
    frequencies = np.empty(0, np.uint32)
    if total > count:
        if count < SHORT * own.size:
            frequencies = read_frequencies(data, place, count, total)[own]
        else:
            frequencies = frequencies_at(data, place, total, own)
    if is_everywhere:
        add_scores(data, terms, weights, term, documents, frequencies, scores)
        return
    parts = np.zeros(own.size, np.float64)
    add_scores(data, terms, weights, term, documents[where], frequencies, parts)
    for n in range(own.size):
        scores[where[n]] += parts[n]


@compiled(SCORES(BYTES, TABLE, TABLE, WEIGHTS, READ_DOCUMENTS, _ranks))
def _scores(
    data: Bytes,
    terms: Table,
    clauses: Table,
    weights: Scores,
    documents: Documents,
    ranks: Order,
) -> Scores:
    """The scores of documents whose ranks in the lists are known."""
    n_terms, size = terms.shape[0], documents.size
    totals = np.zeros(size, np.float64)
    for clause in range(clauses.shape[0]):
        boost = weights[n_terms + clause, FACTOR]
        if clauses[clause, KIND] > PHRASE:
            totals += boost
        elif boost != 0.0:
            parts = np.zeros(size, np.float64)
            for term in range(clauses[clause, FIRST], clauses[clause, STOP]):
                _add_term(data, terms, weights, term, documents, ranks[term, :size], parts)
            totals += parts * boost
    boost = weights[n_terms + clauses.shape[0], FACTOR]
    return totals * boost if boost != 1.0 else totals


@compiled(FOUND(BYTES, LIVE, TABLE, TABLE, WEIGHTS, NUMBER, NUMBER))
def best_of_all_clauses(
    data: Bytes,
    live: Mask,
    terms: Table,
    clauses: Table,
    weights: Scores,
    universe: int,
    limit: int,
) -> tuple[Documents, Scores, int]:
    """The best documents that all clauses allow, their scores, and how many they allow.

    One of the clauses at least is of a kind that gives documents: ANY, ALL or PHRASE.
    """
    order = _rarest_first(terms, clauses)
    narrowest = _narrowest_first(terms, clauses, order)
    source = 0
    while clauses[narrowest[source], KIND] == RUN:
        source += 1
    first = clauses[narrowest[source], FIRST]
    is_one = (
        clauses[narrowest[source], KIND] != ANY or clauses[narrowest[source], STOP] == first + 1
    )
    known = order[first] if is_one else -1
    candidates = _source(data, terms, clauses, order, narrowest[source], universe)
    n = candidates.size
    keep = np.ones(n, np.bool_)
    for clause in range(clauses.shape[0]):
        if clauses[clause, KIND] == RUN:
            for place in range(n):
                document = np.int64(candidates[place])
                keep[place] &= clauses[clause, FIRST] <= document < clauses[clause, STOP]
    if live.size:
        for place in range(n):
            keep[place] &= live[candidates[place]]
    ranks = np.empty((terms.shape[0], n), np.int64)
    if known >= 0:
        ranks[known] = np.arange(n)
    if live.size or source:
        n = _kept(candidates, ranks, keep, n)
    for clause in narrowest[source:]:
        if known >= 0 and clause == narrowest[source] and clauses[clause, KIND] == ANY:
            continue  # they are its own documents
        n = _narrow(data, terms, clauses, order, clause, universe, candidates, ranks, n, known)
    for clause in range(clauses.shape[0]):
        if clauses[clause, KIND] == PHRASE:
            words = order[clauses[clause, FIRST] : clauses[clause, STOP]]
            n = _standing(data, terms, words, universe, candidates, ranks, n)
    scores = _scores(data, terms, clauses, weights, candidates[:n], ranks)
    chosen, best_scores = best_few(candidates[:n], scores, limit)
    return chosen, best_scores, n
