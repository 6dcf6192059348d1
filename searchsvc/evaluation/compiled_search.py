"""A whole search of one segment in one call, compiled by numba; ``flat`` makes what it takes.

A search is a conjunction of clauses over posting lists. The numbers are those that the plans give,
added in the same order, so that both agree to the last bit. Raises ImportError where numba is
missing.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import types

from searchsvc.evaluation.compiled_checks import are_all_checked
from searchsvc.evaluation.compiled_conjunctions import best_of_all_clauses
from searchsvc.evaluation.compiled_tables import (
    ALL_DOCUMENTS,
    ALL_SCORES,
    ANY,
    BOOST,
    CLAUSE_WORDS,
    COMBINED,
    COUNT,
    FIRST,
    FOUND,
    KIND,
    LIVE,
    NONE,
    READ_DOCUMENTS,
    RUN,
    SCORES,
    STOP,
    SUM,
    TABLE,
    WEIGHTS,
    WITHIN,
    WITHOUT,
    WORDS,
    Found,
    Table,
    documents_of,
    mark_within,
)
from searchsvc.evaluation.compiled_terms import ASKED_WORDS, make_terms
from searchsvc.evaluation.compiled_unions import best_of_any, best_of_one
from searchsvc.evaluation.compiled_windows import best_of_long_lists
from searchsvc.evaluation.types import Documents, Mask, Scores
from searchsvc.postings.compiled_checks import MARKS, UNCHECKED
from searchsvc.postings.compiled_lists import BYTES, NUMBER, Bytes
from searchsvc.postings.compiling import compiled

LONG: Final = 5
"""Lists that have more than ``universe >> LONG`` documents together are read window by window."""

_mask = types.boolean[::1]


@compiled(_mask(BYTES, LIVE, TABLE, TABLE, NUMBER, READ_DOCUMENTS))
def _allowed(
    data: Bytes, live: Mask, terms: Table, clauses: Table, universe: int, given: Documents
) -> Mask:
    """(universe,) which documents are live and allowed by the clauses."""
    gives = False
    for clause in range(clauses.shape[0]):
        gives |= clauses[clause, KIND] not in (NONE, RUN, WITHIN, WITHOUT)
    if gives:
        allowed = np.zeros(universe, np.bool_)
        numbers = clauses.view(np.float64)
        found = best_of_all_clauses(
            data, live, terms, clauses, terms.view(np.float64), numbers, 1.0, universe, 0,
            ALL_DOCUMENTS, given,
        )  # fmt: skip
        for document in found[3]:
            allowed[document] = True
        return allowed
    allowed = live.copy() if live.size else np.ones(universe, np.bool_)
    for clause in range(clauses.shape[0]):
        first, stop = clauses[clause, FIRST], clauses[clause, STOP]
        if clauses[clause, KIND] == RUN:
            allowed[:first] = False
            allowed[stop:] = False
        elif clauses[clause, KIND] == WITHIN:
            everything = np.arange(universe).astype(np.uint32)
            mark_within(data, clauses[clause], universe, everything, allowed)
        elif clauses[clause, KIND] == WITHOUT:
            for document in given[first:stop]:
                allowed[document] = False
        else:
            for term in range(first, stop):
                for document in documents_of(data, terms, term, universe):
                    allowed[document] = False
    return allowed


@compiled(
    FOUND(
        BYTES, LIVE, TABLE, TABLE, WEIGHTS, types.float64, NUMBER, NUMBER, NUMBER, READ_DOCUMENTS,
        SCORES, SCORES,
    )
)  # fmt: skip
def _search(
    data: Bytes,
    live: Mask,
    terms: Table,
    clauses: Table,
    clause_weights: Scores,
    boost: float,
    universe: int,
    limit: int,
    wanted: int,
    given: Documents,
    totals: Scores,
    sums: Scores,
) -> Found:
    """See ``search_segment``."""
    weights = terms.view(np.float64)
    n_clauses = clauses.shape[0]
    if n_clauses == 1 and terms.shape[0] == 1 and clauses[0, KIND] == ANY:
        whole = clause_weights[0, BOOST] * boost
        return best_of_one(data, live, terms, weights, whole, universe, limit, wanted)
    if not totals.size:
        return best_of_all_clauses(
            data, live, terms, clauses, weights, clause_weights, boost, universe, limit, wanted,
            given,
        )  # fmt: skip
    others = np.zeros(n_clauses, np.bool_)
    for clause in range(1, n_clauses):
        others[clause] = clauses[clause, KIND] not in (COMBINED, SUM)
    allowed = live
    if others.any():
        allowed = _allowed(data, live, terms, clauses[others], universe, given)
    whole = boost
    if clause_weights[0, BOOST] != 0.0:
        whole *= clause_weights[0, BOOST]
    first, stop = clauses[0, FIRST], clauses[0, STOP]
    is_long = terms[first:stop, COUNT].sum() >= universe >> LONG
    is_plain = clause_weights[0, BOOST] != 0.0 and n_clauses == 1 + others.sum()
    if is_long and is_plain and whole > 0.0 and wanted != ALL_SCORES:
        return best_of_long_lists(
            data, allowed, terms[first:stop], weights[first:stop], whole, universe, limit, wanted
        )
    return best_of_any(
        data, allowed, terms, clauses, weights, clause_weights, whole, universe, limit, wanted,
        totals, sums,
    )  # fmt: skip


@compiled(
    FOUND(
        BYTES, MARKS, LIVE, TABLE, WORDS, BYTES, WORDS, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER,
        READ_DOCUMENTS, SCORES, SCORES,
    )
)  # fmt: skip
def search_segment(
    data: Bytes,
    marks: Bytes,
    live: Mask,
    fields: Table,
    words: Table,
    texts: Bytes,
    counts: Table,
    n_terms: int,
    n_documents: int,
    universe: int,
    limit: int,
    wanted: int,
    given: Documents,
    totals: Scores,
    sums: Scores,
) -> Found:
    """The best ``limit`` documents and what else is ``wanted``; see ``compiled_tables``.

    ``data`` is the segment's file, ``marks`` are those of its blocks; where not all that the search reads
    is made sure of yet, UNCHECKED stands in the place of the number of matches. ``live`` (universe,) is empty where all documents are.
    ``words`` are the rows of the terms that are asked for (``compiled_terms``, as ``fields``, ``texts``,
    ``counts`` and ``n_documents``), those of the clauses, and the boost of the whole. ``given`` are the
    documents that clauses refer to. ``totals`` and ``sums``, (universe,), are zeros to work in, and zeros
    again afterwards. They are used where the first clause is ANY and has all the terms that score,
    each above zero, and are empty otherwise.
    """
    stop = n_terms * ASKED_WORDS
    end = words.size - 1
    numbers = words.view(np.float64)
    boost = numbers[end]
    asked = words[:stop].reshape((n_terms, ASKED_WORDS))
    terms, is_checked = make_terms(data, marks, fields, asked, texts, counts, n_documents, universe)
    n_clauses = (end - stop) // CLAUSE_WORDS
    clauses = words[stop:end].reshape((n_clauses, CLAUSE_WORDS))
    if not (is_checked and are_all_checked(data, marks, terms, clauses, universe)):
        none, no_scores = np.empty(0, np.uint32), np.empty(0, np.float64)
        return none, no_scores, UNCHECKED, none, no_scores
    clause_weights = numbers[stop:end].reshape((n_clauses, CLAUSE_WORDS))
    return _search(
        data, live, terms, clauses, clause_weights, boost, universe, limit, wanted, given, totals,
        sums,
    )  # fmt: skip
