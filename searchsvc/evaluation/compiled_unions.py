"""One posting list, or any of several, read from end to end. Called by ``compiled_search``.

Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from searchsvc.evaluation.compiled_kernels import best_few
from searchsvc.evaluation.compiled_tables import (
    ALL_DOCUMENTS,
    ALL_SCORES,
    ANY,
    BOOST,
    COMBINED,
    COUNT,
    FACTOR,
    FIRST,
    FOUND,
    KIND,
    LISTS,
    LIVE,
    NEW_DOCUMENTS,
    READ_DOCUMENTS,
    ROW,
    SATURATION,
    SCORES,
    STOP,
    TABLE,
    WEIGHTS,
    Found,
    Lists,
    Table,
    add_scores,
    by_length,
    documents_of,
    frequencies_of,
    lengths_of,
    score,
    weighted,
)
from searchsvc.evaluation.types import Documents, Mask, Scores
from searchsvc.postings.compiled_lists import (
    NUMBER,
)
from searchsvc.postings.compiling import bare, compiled

_counts: Any = types.UniTuple(types.int64, 2)  # type: ignore[no-untyped-call]


@compiled(FOUND(LISTS, LIVE, TABLE, WEIGHTS, types.float64, NUMBER, NUMBER, NUMBER))
def best_of_one(
    lists: Lists,
    live: Mask,
    terms: Table,
    weights: Scores,
    boost: float,
    universe: int,
    limit: int,
    wanted: int,
) -> Found:
    """What is ``wanted`` of the documents of the one term."""
    documents = documents_of(lists, terms, 0, universe)
    frequencies = frequencies_of(lists, terms, 0)
    scores = np.zeros(documents.size, np.float64)
    if limit or wanted == ALL_SCORES:
        row, lengths = weights[0], lengths_of(lists, terms, 0, universe)
        known = by_length(row, False, documents.size)
        add_scores(row, lengths, known, False, documents, frequencies, scores)
        if boost != 1.0:
            scores *= boost
    matches = documents.size
    if live.size:
        documents, matches = documents.copy(), 0
        for n in range(documents.size):
            documents[matches] = documents[n]
            scores[matches] = scores[n]
            matches += live[documents[n]]
        documents, scores = documents[:matches], scores[:matches]
    chosen, best_scores = best_few(documents, scores, min(limit, matches))
    return (
        chosen,
        best_scores,
        matches,
        documents if wanted >= ALL_DOCUMENTS else documents[:0],
        scores if wanted == ALL_SCORES else scores[:0],
    )


@bare(NUMBER(ROW, READ_DOCUMENTS, SCORES, READ_DOCUMENTS, READ_DOCUMENTS, SCORES, NEW_DOCUMENTS,
             NUMBER))  # fmt: skip
def _add_list(
    row: Scores,
    lengths: Documents,
    known: Scores,
    documents: Documents,
    frequencies: Documents,
    totals: Scores,
    touched: Documents,
    n_touched: int,
) -> int:
    """Adds a term's scores to ``totals``; gives the new number of documents ``touched``."""
    for n in range(documents.size):
        document = documents[n]
        tf = float(frequencies[n]) if frequencies.size else 1.0
        touched[n_touched] = document
        n_touched += totals[document] == 0.0
        if lengths.size:
            totals[document] += score(row, known, tf, int(np.int64(lengths[document])))
        else:
            totals[document] += tf * row[FACTOR]
    return n_touched


@bare(NUMBER(ROW, READ_DOCUMENTS, SCORES, READ_DOCUMENTS, READ_DOCUMENTS, SCORES, NEW_DOCUMENTS,
             NUMBER))  # fmt: skip
def _add_weighted(
    row: Scores,
    lengths: Documents,
    known: Scores,
    documents: Documents,
    frequencies: Documents,
    sums: Scores,
    touched: Documents,
    n_touched: int,
) -> int:
    """Adds a term's weighted frequencies to ``sums``; gives the new number of ``touched``."""
    for n in range(documents.size):
        document = documents[n]
        tf = float(frequencies[n]) if frequencies.size else 1.0
        touched[n_touched] = document
        n_touched += sums[document] == 0.0
        length = int(np.int64(lengths[document])) if lengths.size else 0
        sums[document] += weighted(row, known, tf, length)
    return n_touched


@bare(NUMBER(SCORES, READ_DOCUMENTS, types.float64, types.float64, SCORES, NEW_DOCUMENTS, NUMBER))
def _saturate(
    sums: Scores,
    summed: Documents,
    k1: float,
    factor: float,
    totals: Scores,
    touched: Documents,
    n_touched: int,
) -> int:
    """Adds the scores of weighted frequencies to ``totals``, and makes the ``sums`` zero again."""
    for n in range(summed.size):
        document = int(summed[n])
        frequency = sums[document]
        sums[document] = 0.0
        touched[n_touched] = document
        n_touched += totals[document] == 0.0
        totals[document] += frequency / (frequency + k1) * factor
    return n_touched


@bare(NUMBER(NUMBER, types.float64, NUMBER, NEW_DOCUMENTS, SCORES))
def _insert(document: int, value: float, count: int, documents: Documents, scores: Scores) -> int:
    """Puts a document among the best so far, ties by number; gives how many these are."""
    place = min(count, scores.size - 1)
    if count == scores.size and (
        scores[place] > value or (scores[place] == value and documents[place] < document)
    ):
        return count
    while place > 0 and (
        scores[place - 1] < value
        or (scores[place - 1] == value and documents[place - 1] > document)
    ):
        scores[place] = scores[place - 1]
        documents[place] = documents[place - 1]
        place -= 1
    scores[place] = value
    documents[place] = document
    return min(count + 1, scores.size)


@bare(_counts(LIVE, types.float64, SCORES, NEW_DOCUMENTS, SCORES, NEW_DOCUMENTS, SCORES))
def _take_totals(
    live: Mask,
    boost: float,
    totals: Scores,
    touched: Documents,
    all_scores: Scores,
    documents: Documents,
    scores: Scores,
) -> tuple[int, int]:
    """Fills in the best of the documents ``touched``, and makes their totals zero again.

    How many best there are, and how many match; these come first in ``touched`` then. Their scores
    go to ``all_scores``, which may be empty.
    """
    found, matches, least = 0, 0, -np.inf
    for n in range(touched.size):
        document = int(touched[n])
        value = totals[document] * boost
        totals[document] = 0.0
        if live.size and not live[document]:
            continue
        touched[matches] = document
        if all_scores.size:
            all_scores[matches] = value
        matches += 1
        if scores.size and (value >= least or found < scores.size):
            found = _insert(document, value, found, documents, scores)
            if found == scores.size:
                least = scores[found - 1]
    return found, matches


@compiled(NUMBER(TABLE, TABLE))
def _most_touched(terms: Table, clauses: Table) -> int:
    """Room for the documents of any of the terms."""
    room = 1
    for clause in range(clauses.shape[0]):
        if clauses[clause, KIND] in (ANY, COMBINED):
            room += terms[clauses[clause, FIRST] : clauses[clause, STOP], COUNT].sum()
    return room


@compiled(FOUND(LISTS, LIVE, TABLE, TABLE, WEIGHTS, WEIGHTS, types.float64, NUMBER, NUMBER, NUMBER,
                SCORES, SCORES))  # fmt: skip
def best_of_any(
    lists: Lists,
    live: Mask,
    terms: Table,
    clauses: Table,
    weights: Scores,
    clause_weights: Scores,
    boost: float,
    universe: int,
    limit: int,
    wanted: int,
    totals: Scores,
    sums: Scores,
) -> Found:
    """What is ``wanted`` of the documents that are live and have any of the terms.

    Of the clauses, ANY and COMBINED ones that score are added up in ``totals``, (universe,), by way of
    ``sums``; both are zeros, and zeros again afterwards. All scores must be above zero.
    """
    documents, scores = np.empty(limit, np.uint32), np.empty(limit, np.float64)
    room = _most_touched(terms, clauses)
    touched = np.empty(min(room, universe + 1), np.uint32)
    summed = np.empty(touched.size, np.uint32)
    n_touched = 0
    for clause in range(clauses.shape[0]):
        kind = clauses[clause, KIND]
        if clause_weights[clause, BOOST] == 0.0 or (kind not in (ANY, COMBINED)):
            continue
        n_summed = 0
        for term in range(clauses[clause, FIRST], clauses[clause, STOP]):
            own = documents_of(lists, terms, term, universe)
            frequencies = frequencies_of(lists, terms, term)
            row, lengths = weights[term], lengths_of(lists, terms, term, universe)
            known = by_length(row, kind == COMBINED, own.size)
            if kind == ANY:
                n_touched = _add_list(
                    row, lengths, known, own, frequencies, totals, touched, n_touched
                )
            else:
                n_summed = _add_weighted(
                    row, lengths, known, own, frequencies, sums, summed, n_summed
                )
        if kind == COMBINED:
            k1, factor = clause_weights[clause, SATURATION], clause_weights[clause, BOOST]
            n_touched = _saturate(sums, summed[:n_summed], k1, factor, totals, touched, n_touched)
    all_scores = np.empty(n_touched if wanted == ALL_SCORES else 0, np.float64)
    found, matches = _take_totals(
        live, boost, totals, touched[:n_touched], all_scores, documents, scores
    )
    return (
        documents[:found],
        scores[:found],
        matches,
        touched[:matches] if wanted >= ALL_DOCUMENTS else touched[:0],
        all_scores[:matches] if wanted == ALL_SCORES else all_scores,
    )
