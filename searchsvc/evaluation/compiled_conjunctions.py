"""Conjunctions of clauses over posting lists, narrowed clause by clause. Called by
``compiled_search``.

The documents of the clause with the fewest are read; every other list only looks up what is left of
them, by skipping, or is read where it is short itself. Scores are worked out for what all clauses
leave. Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from searchsvc.evaluation.compiled_kernels import best_few, merge
from searchsvc.evaluation.compiled_narrowing import (
    ORDER,
    RANKS,
    Order,
    kept,
    rank,
    rank_by_merging,
    rarest_first,
)
from searchsvc.evaluation.compiled_scoring import scores_of
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
from searchsvc.evaluation.types import Documents, Mask, Scores
from searchsvc.postings.compiled_lists import BYTES, NUMBER, Bytes
from searchsvc.postings.compiling import compiled

LAST = np.iinfo(np.int64).max

_candidates: Any = types.Tuple((NEW_DOCUMENTS, RANKS, types.int64))  # type: ignore[no-untyped-call]


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


@compiled(NUMBER(BYTES, TABLE, TABLE, NUMBER, NUMBER, READ_DOCUMENTS, NEW_DOCUMENTS, RANKS, NUMBER,
                 NUMBER))  # fmt: skip
def _narrow(
    data: Bytes,
    terms: Table,
    clauses: Table,
    clause: int,
    universe: int,
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
                rank(data, terms, term, universe, candidates[:n], ranks[term])
                n = kept(candidates, ranks, ranks[term, :n] >= 0, n)
        return n
    held = np.zeros(n, np.bool_)
    if kind in (GIVEN, WITHOUT):
        places = np.empty(n, np.int64)
        rank_by_merging(given[first:stop], candidates[:n], places)
        held = places >= 0
    elif kind == TEXTS:
        step = clauses[clause, STEP]
        for group in range(first, stop, step):
            mark_text(data, terms, group, step, universe, candidates[:n], held)
    else:
        places = np.empty(n, np.int64)
        for term in range(first, stop):
            own = ranks[term, :n] if term < ranks.shape[0] else places
            if term != known:
                rank(data, terms, term, universe, candidates[:n], own)
            for place in range(n):
                held[place] |= own[place] >= 0
    if kind in (NONE, WITHOUT):
        held = ~held
    return kept(candidates, ranks, held, n)


@compiled(NUMBER(BYTES, LIVE, TABLE, NUMBER, NEW_DOCUMENTS))
def _allowed(data: Bytes, live: Mask, clauses: Table, universe: int, candidates: Documents) -> int:
    """Leaves the candidates that are live, in all runs and within all bounds; gives their number."""
    low, high = 0, int(LAST)
    for clause in range(clauses.shape[0]):
        if clauses[clause, KIND] == RUN:
            low = max(low, int(clauses[clause, FIRST]))
            high = min(high, int(clauses[clause, STOP]))
    marks = np.ones(candidates.size, np.bool_)
    for clause in range(clauses.shape[0]):
        if clauses[clause, KIND] == WITHIN:
            mark_within(data, clauses[clause], universe, candidates, marks)
    left = 0
    for place in range(candidates.size):
        document = candidates[place]
        candidates[left] = document
        is_live = live.size == 0 or live[document]
        is_between = low <= int(np.int64(document)) < high
        left += bool(is_live) and is_between and bool(marks[place])
    return left


@compiled(NUMBER(TABLE))
def _n_ranked(clauses: Table) -> int:
    """The rows of terms whose ranks are kept: those of clauses that score, and of phrases."""
    n_ranked = 0
    for clause in range(clauses.shape[0]):
        kind = clauses[clause, KIND]
        if kind in (ALL, PHRASE) or (kind == ANY and clauses[clause, BOOST]):
            n_ranked = max(n_ranked, int(clauses[clause, STOP]))
    return n_ranked


@compiled(_candidates(BYTES, LIVE, TABLE, TABLE, NUMBER, READ_DOCUMENTS))
def all_candidates(
    data: Bytes,
    live: Mask,
    terms: Table,
    clauses: Table,
    universe: int,
    given: Documents,
) -> tuple[Documents, Order, int]:
    """The documents that all clauses allow, their ranks in the lists, and how many they are.

    One of the clauses at least is of a kind that gives documents. What lies behind that number in
    the arrays is of no meaning. The ranks in lists of COMBINED clauses are yet to be found.
    """
    narrowest = _narrowest_first(terms, clauses)
    source = 0
    while clauses[narrowest[source], KIND] in (RUN, WITHIN):
        source += 1
    clause = narrowest[source]
    first, stop = clauses[clause, FIRST], clauses[clause, STOP]
    candidates = _source(data, terms, clauses, clause, universe, given)
    n, n_ranked, kind = candidates.size, _n_ranked(clauses), clauses[clause, KIND]
    is_one = kind == ANY and stop == first + 1
    known = -1
    if kind in (ALL, PHRASE) or (is_one and first < n_ranked):
        known = int(first) + int(terms[first:stop, COUNT].argmin())
    ranks = np.empty((n_ranked, n), np.int64)
    if live.size or source:
        everything = candidates.copy() if known >= 0 else candidates
        n = _allowed(data, live, clauses, universe, candidates)
        if known >= 0:
            rank_by_merging(everything, candidates[:n], ranks[known])
    elif known >= 0:
        ranks[known] = np.arange(n)
    has_all = kind == GIVEN or is_one or (kind == ANY and clauses[clause, BOOST] == 0)
    for clause in narrowest[source + has_all :]:
        n = _narrow(data, terms, clauses, clause, universe, given, candidates, ranks, n, known)
    for clause in range(clauses.shape[0]):
        if clauses[clause, KIND] == PHRASE:
            words = rarest_first(terms, clauses[clause, FIRST], clauses[clause, STOP])
            n = standing(data, terms, words, universe, candidates, ranks, n)
    return candidates, ranks, n


@compiled(FOUND(BYTES, LIVE, TABLE, TABLE, WEIGHTS, WEIGHTS, types.float64, NUMBER, NUMBER, NUMBER,
                READ_DOCUMENTS))  # fmt: skip
def best_of_all_clauses(
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
    """What is ``wanted`` of the documents that all clauses allow.

    One of the clauses at least is of a kind that gives documents.
    """
    candidates, ranks, n = all_candidates(data, live, terms, clauses, universe, given)
    documents = candidates[:n]
    scores = np.empty(0, np.float64)
    if limit or wanted == ALL_SCORES:
        scores = scores_of(
            data, terms, clauses, weights, clause_weights, boost, universe, documents, ranks
        )
    chosen, best_scores = best_few(documents, scores, limit)
    return (
        chosen,
        best_scores,
        n,
        documents if wanted >= ALL_DOCUMENTS else documents[:0],
        scores if wanted == ALL_SCORES else scores[:0],
    )
