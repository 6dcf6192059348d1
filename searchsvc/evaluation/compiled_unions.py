"""One posting list, or any of several, read from end to end. Called by ``compiled_search``.

Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from searchsvc.evaluation.compiled_kernels import best_few
from searchsvc.evaluation.compiled_tables import (
    COUNT,
    FACTOR,
    FOUND,
    LIVE,
    NEW_DOCUMENTS,
    READ_DOCUMENTS,
    SCORES,
    TABLE,
    WEIGHTS,
    Table,
    add_scores,
    postings,
    score,
)
from searchsvc.evaluation.types import Documents, Mask, Scores
from searchsvc.postings.compiled_lists import (
    BYTES,
    NUMBER,
    Bytes,
)
from searchsvc.postings.compiling import bare, compiled

_counts: Any = types.UniTuple(types.int64, 2)  # type: ignore[no-untyped-call]


@compiled(FOUND(BYTES, LIVE, TABLE, WEIGHTS, NUMBER, NUMBER))
def best_of_one(
    data: Bytes, live: Mask, terms: Table, weights: Scores, universe: int, limit: int
) -> tuple[Documents, Scores, int]:
    """The best documents of the one term, their scores, and how many it has."""
    documents, frequencies = postings(data, terms, 0, universe)
    scores = np.zeros(documents.size, np.float64)
    add_scores(data, terms, weights, 0, documents, frequencies, scores)
    boost = weights[1, FACTOR] * weights[2, FACTOR]
    if boost != 1.0:
        scores *= boost
    matches = documents.size
    if live.size:
        for n in range(documents.size):
            if not live[documents[n]]:
                scores[n] = -np.inf
                matches -= 1
    chosen, best_scores = best_few(documents, scores, min(limit, matches))
    return chosen, best_scores, matches


@bare(NUMBER(BYTES, TABLE, WEIGHTS, NUMBER, READ_DOCUMENTS, READ_DOCUMENTS, SCORES, NEW_DOCUMENTS,
             NUMBER))  # fmt: skip
def _add_list(
    data: Bytes,
    terms: Table,
    weights: Scores,
    term: int,
    documents: Documents,
    frequencies: Documents,
    totals: Scores,
    touched: Documents,
    n_touched: int,
) -> int:
    """Adds a term's scores to ``totals``; gives the new number of documents ``touched``."""
    for n in range(documents.size):
        document = int(documents[n])
        frequency = int(frequencies[n]) if frequencies.size else 1
        touched[n_touched] = document
        n_touched += totals[document] == 0.0
        totals[document] += score(data, terms, weights, term, document, frequency)
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


@bare(_counts(LIVE, types.float64, SCORES, READ_DOCUMENTS, NEW_DOCUMENTS, SCORES))
def _take_totals(
    live: Mask,
    boost: float,
    totals: Scores,
    touched: Documents,
    documents: Documents,
    scores: Scores,
) -> tuple[int, int]:
    """Fills in the best of the documents ``touched``, and makes their totals zero again.

    How many best there are, and how many match.
    """
    found, matches, least = 0, 0, -np.inf
    for n in range(touched.size):
        document = int(touched[n])
        value = totals[document] * boost
        totals[document] = 0.0
        if live.size and not live[document]:
            continue
        matches += 1
        if value >= least or found < scores.size:
            found = _insert(document, value, found, documents, scores)
            if found == scores.size:
                least = scores[found - 1]
    return found, matches


@compiled(FOUND(BYTES, LIVE, TABLE, WEIGHTS, NUMBER, NUMBER, SCORES))
def best_of_any(
    data: Bytes,
    live: Mask,
    terms: Table,
    weights: Scores,
    universe: int,
    limit: int,
    totals: Scores,
) -> tuple[Documents, Scores, int]:
    """The best documents with any of the terms, their scores, and how many have any.

    ``totals`` (universe,) are zeros to add up in, and zeros again afterwards. All scores must be
    above zero.
    """
    documents, scores = np.empty(limit, np.uint32), np.empty(limit, np.float64)
    touched = np.empty(terms[:, COUNT].sum() + 1, np.uint32)
    n_touched = 0
    for term in range(terms.shape[0]):
        own, frequencies = postings(data, terms, term, universe)
        n_touched = _add_list(
            data, terms, weights, term, own, frequencies, totals, touched, n_touched
        )
    boost = weights[terms.shape[0], FACTOR]
    found, matches = _take_totals(live, boost, totals, touched[:n_touched], documents, scores)
    return documents[:found], scores[:found], matches
