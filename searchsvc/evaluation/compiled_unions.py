"""One posting list, or any of several, read from end to end. Called by ``compiled_search``.

Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.evaluation.compiled_kernels import best_few
from searchsvc.evaluation.compiled_tables import (
    ALL_DOCUMENTS,
    ALL_SCORES,
    ANY,
    AVERAGE,
    BEST,
    BOOST,
    COMBINED,
    CONSTANT,
    COUNT,
    FACTOR,
    FIRST,
    FOUND,
    K1,
    KIND,
    LIVE,
    NEW_DOCUMENTS,
    READ_DOCUMENTS,
    ROW,
    SATURATION,
    SCORES,
    STOP,
    TABLE,
    WEIGHTS,
    B,
    Found,
    Table,
    add_scores,
    begin_list,
    by_length,
    documents_of,
    frequencies_of,
    lengths_of,
    score,
    weighted,
)
from searchsvc.evaluation.types import Documents, Mask, Scores
from searchsvc.postings.compiled_lists import BYTES, NUMBER, Bytes
from searchsvc.postings.compiled_streams import CHUNK, ROOM, STREAM_WORDS, next_chunk
from searchsvc.postings.compiling import bare, compiled

LAST: Final = np.iinfo(np.int64).max
FREQUENCIES_KNOWN: Final = 16
"""Frequencies for which the longest document that may be among the best is worked out."""

SLACK: Final = 1e-9
"""By how much that may be off."""

_counts: Any = types.UniTuple(types.int64, 2)  # type: ignore[no-untyped-call]


@bare(NUMBER(NUMBER, types.float64, NUMBER, NEW_DOCUMENTS, SCORES))
def insert(document: int, value: float, count: int, documents: Documents, scores: Scores) -> int:
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


@bare(types.void(ROW, types.float64, types.int64[::1]))
def _set_longest(row: Scores, least: float, longest: NDArray[np.int64]) -> None:
    """The longest document of each frequency that may score as much as ``least``.

    Those of higher frequencies may, however long they are.
    """
    slope = row[K1] * row[B] / row[AVERAGE]
    for tf in range(longest.size):
        longest[tf] = LAST
        if tf < longest.size - 1 and least > 0.0 and slope > 0.0 and row[FACTOR] > 0.0:
            length = (tf * (row[FACTOR] / least - 1.0) - row[K1] * row[CONSTANT]) / slope
            if length < LAST:
                longest[tf] = int(length * (1 + SLACK)) + 1


@compiled(FOUND(BYTES, LIVE, TABLE, ROW, types.float64, NUMBER, NUMBER))
def _best_of_list(
    data: Bytes,
    live: Mask,
    terms: Table,
    row: Scores,
    boost: float,
    universe: int,
    limit: int,
) -> Found:
    """The best documents of the one term, which has some."""
    count = terms[0, COUNT]
    stream = np.empty(STREAM_WORDS, np.int64)
    begin_list(data, terms, 0, universe, stream)
    lengths = lengths_of(data, terms, 0, universe)
    known = by_length(row, False, count)
    own, frequencies = np.empty(ROOM, np.uint32), np.empty(ROOM, np.uint32)
    documents, scores, found = np.empty(limit, np.uint32), np.empty(limit, np.float64), 0
    longest = np.full(FREQUENCIES_KNOWN, LAST)
    least, matches = -np.inf, 0
    for first in range(0, count, CHUNK):
        size = next_chunk(data, stream, first, universe, True, own, frequencies)
        before = found, least
        for n in range(size):
            document = own[n]
            if live.size:
                if not live[document]:
                    continue
                matches += 1
            tf = int(np.int64(frequencies[n]))
            value = float(tf) * row[FACTOR]
            if lengths.size:
                length = int(np.int64(lengths[document]))
                if length > longest[min(tf, FREQUENCIES_KNOWN - 1)]:
                    continue
                value = score(row, known, float(tf), length)
            value *= boost
            if found < limit or value > least:
                found = insert(document, value, found, documents, scores)
                if found == limit:
                    least = scores[found - 1]
        if before != (found, least) and found == limit and boost > 0.0:
            _set_longest(row, least / boost, longest)
    if not live.size:
        matches = count
    none = np.empty(0, np.uint32)
    return documents[:found], scores[:found], matches, none, np.empty(0, np.float64)


@compiled(FOUND(BYTES, LIVE, TABLE, WEIGHTS, types.float64, NUMBER, NUMBER, NUMBER))
def best_of_one(
    data: Bytes,
    live: Mask,
    terms: Table,
    weights: Scores,
    boost: float,
    universe: int,
    limit: int,
    wanted: int,
) -> Found:
    """What is ``wanted`` of the documents of the one term."""
    if wanted == BEST and terms[0, COUNT] > 0:
        return _best_of_list(data, live, terms, weights[0], boost, universe, limit)
    documents = documents_of(data, terms, 0, universe)
    frequencies = frequencies_of(data, terms, 0)
    scores = np.zeros(documents.size, np.float64)
    if limit or wanted == ALL_SCORES:
        row, lengths = weights[0], lengths_of(data, terms, 0, universe)
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
            found = insert(document, value, found, documents, scores)
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


@compiled(FOUND(BYTES, LIVE, TABLE, TABLE, WEIGHTS, WEIGHTS, types.float64, NUMBER, NUMBER, NUMBER,
                SCORES, SCORES))  # fmt: skip
def best_of_any(
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
            own = documents_of(data, terms, term, universe)
            frequencies = frequencies_of(data, terms, term)
            row, lengths = weights[term], lengths_of(data, terms, term, universe)
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
