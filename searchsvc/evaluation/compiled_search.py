"""A whole search of one segment in one call, compiled by numba; ``flat`` makes what it takes.

A search is a conjunction of clauses over posting lists. The numbers are those that the plans give,
added in the same order, so that both agree to the last bit. Raises ImportError where numba is
missing.
"""

from __future__ import annotations

import numpy as np
from numba import types

from searchsvc.evaluation.compiled_conjunctions import all_candidates, best_of_all_clauses
from searchsvc.evaluation.compiled_tables import (
    ANY,
    BOOST,
    CLAUSE_WORDS,
    COMBINED,
    FIRST,
    FOUND,
    KIND,
    LISTS,
    LIVE,
    NEW_DOCUMENTS,
    NONE,
    READ_DOCUMENTS,
    RUN,
    SCORES,
    STOP,
    SUM,
    TABLE,
    TERM_WORDS,
    WITHOUT,
    WORDS,
    Found,
    Lists,
    Table,
    documents_of,
)
from searchsvc.evaluation.compiled_unions import best_of_any, best_of_one
from searchsvc.evaluation.types import Documents, Mask, Scores
from searchsvc.postings.compiled_lists import (
    BYTES,
    NUMBER,
    Bytes,
)
from searchsvc.postings.compiling import compiled

_mask = types.boolean[::1]


@compiled(_mask(LISTS, LIVE, TABLE, TABLE, NUMBER, READ_DOCUMENTS))
def _allowed(
    lists: Lists, live: Mask, terms: Table, clauses: Table, universe: int, given: Documents
) -> Mask:
    """(universe,) which documents are live and allowed by the clauses."""
    gives = False
    for clause in range(clauses.shape[0]):
        gives |= clauses[clause, KIND] not in (NONE, RUN, WITHOUT)
    if gives:
        allowed = np.zeros(universe, np.bool_)
        candidates, _, n = all_candidates(lists, live, terms, clauses, universe, given)
        for document in candidates[:n]:
            allowed[document] = True
        return allowed
    allowed = live.copy() if live.size else np.ones(universe, np.bool_)
    for clause in range(clauses.shape[0]):
        first, stop = clauses[clause, FIRST], clauses[clause, STOP]
        if clauses[clause, KIND] == RUN:
            allowed[:first] = False
            allowed[stop:] = False
        elif clauses[clause, KIND] == WITHOUT:
            for document in given[first:stop]:
                allowed[document] = False
        else:
            for term in range(first, stop):
                for document in documents_of(lists, terms, term, universe):
                    allowed[document] = False
    return allowed


@compiled(
    FOUND(
        BYTES,
        NEW_DOCUMENTS,
        LIVE,
        WORDS,
        NUMBER,
        NUMBER,
        NUMBER,
        NUMBER,
        READ_DOCUMENTS,
        SCORES,
        SCORES,
    )
)
def search_segment(
    data: Bytes,
    decoded: Documents,
    live: Mask,
    table: Table,
    n_terms: int,
    universe: int,
    limit: int,
    wanted: int,
    given: Documents,
    totals: Scores,
    sums: Scores,
) -> Found:
    """The best ``limit`` documents and what else is ``wanted``; see ``compiled_tables``.

    ``data`` is the segment's file, ``decoded`` has lists of it (see ``decoded``), ``live`` (universe,) or empty where all documents are; ``given`` are
    the documents that clauses refer to. ``totals`` and ``sums``, (universe,), are zeros to work in, and
    zeros again afterwards. They are used where the first clause is ANY and has all the terms that score, each above
    zero, and are empty otherwise.
    """
    lists = (data, decoded)
    stop = n_terms * TERM_WORDS
    end = table.size - 1
    numbers = table.view(np.float64)
    boost = numbers[end]
    terms = table[:stop].reshape((n_terms, TERM_WORDS))
    weights = numbers[:stop].reshape((n_terms, TERM_WORDS))
    n_clauses = (end - stop) // CLAUSE_WORDS
    clauses = table[stop:end].reshape((n_clauses, CLAUSE_WORDS))
    clause_weights = numbers[stop:end].reshape((n_clauses, CLAUSE_WORDS))
    if n_clauses == 1 and n_terms == 1 and clauses[0, KIND] == ANY:
        whole = clause_weights[0, BOOST] * boost
        return best_of_one(lists, live, terms, weights, whole, universe, limit, wanted)
    if not totals.size:
        return best_of_all_clauses(
            lists, live, terms, clauses, weights, clause_weights, boost, universe, limit, wanted,
            given,
        )  # fmt: skip
    others = np.zeros(n_clauses, np.bool_)
    for clause in range(1, n_clauses):
        others[clause] = clauses[clause, KIND] not in (COMBINED, SUM)
    allowed = live
    if others.any():
        allowed = _allowed(lists, live, terms, clauses[others], universe, given)
    whole = boost
    if clause_weights[0, BOOST] != 0.0:
        whole *= clause_weights[0, BOOST]
    return best_of_any(
        lists, allowed, terms, clauses, weights, clause_weights, whole, universe, limit, wanted,
        totals, sums,
    )  # fmt: skip
