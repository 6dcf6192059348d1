"""Scores of the documents that a conjunction leaves. Called by ``compiled_conjunctions``.

Raises ImportError where numba is missing.
"""

from __future__ import annotations

import numpy as np
from numba import types

from searchsvc.evaluation.compiled_narrowing import RANKS, READ_ORDER, SHORT, Order, rank
from searchsvc.evaluation.compiled_tables import (
    BOOST,
    COMBINED,
    COUNT,
    FIRST,
    FREQUENCIES,
    GIVEN,
    KIND,
    NONE,
    READ_DOCUMENTS,
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
    Table,
    add_scores,
    by_length,
    frequencies_of,
    lengths_of,
)
from searchsvc.evaluation.types import Documents, Scores
from searchsvc.postings.compiled_lists import BYTES, NUMBER, Bytes
from searchsvc.postings.compiled_ranks import frequencies_at
from searchsvc.postings.compiling import compiled


@compiled(types.void(BYTES, TABLE, WEIGHTS, NUMBER, types.boolean, NUMBER, READ_DOCUMENTS,
                     READ_ORDER, SCORES))  # fmt: skip
def add_term(
    data: Bytes,
    terms: Table,
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
    count, total, first = terms[term, COUNT], terms[term, TOTAL], terms[term, FREQUENCIES]
    is_everywhere = True
    for place in ranks:
        is_everywhere &= place >= 0
    where = np.empty(0, np.int64) if is_everywhere else np.flatnonzero(ranks >= 0)
    own = ranks if is_everywhere else ranks[where]
    if not own.size:
        return
    frequencies = np.empty(0, np.uint32)
    if total > count:
        if count < SHORT * own.size:
            frequencies = frequencies_of(data, terms, term)[own]
        else:
            frequencies = frequencies_at(data, first, total, own)
    row, lengths = weights[term], lengths_of(data, terms, term, universe)
    known = by_length(row, combined, own.size)
    if is_everywhere:
        add_scores(row, lengths, known, combined, documents, frequencies, scores)
        return
    parts = np.zeros(own.size, np.float64)
    add_scores(row, lengths, known, combined, documents[where], frequencies, parts)
    for n in range(own.size):
        scores[where[n]] += parts[n]


@compiled(SCORES(BYTES, TABLE, TABLE, WEIGHTS, WEIGHTS, types.float64, NUMBER, READ_DOCUMENTS,
                 RANKS))  # fmt: skip
def scores_of(
    data: Bytes,
    terms: Table,
    clauses: Table,
    weights: Scores,
    clause_weights: Scores,
    whole: float,
    universe: int,
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
                    rank(data, terms, term, universe, documents, places)
                else:
                    own = ranks[term, :size]
                add_term(
                    data, terms, weights, term, kind == COMBINED, universe, documents, own, parts
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
