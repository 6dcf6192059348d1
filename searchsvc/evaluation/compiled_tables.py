"""The tables that a compiled search takes, and how a term scores. See ``compiled_search``.

Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.evaluation.types import Documents, Scores
from searchsvc.postings.compiled_lists import (
    BYTES,
    NUMBER,
    Bytes,
    read_ascending,
    read_frequencies,
)
from searchsvc.postings.compiled_words import half_at
from searchsvc.postings.compiling import bare, compiled

Table = NDArray[np.int64]

DOCUMENTS: Final = 0
COUNT: Final = 1
FREQUENCIES: Final = 2
TOTAL: Final = 3
LENGTHS: Final = 4
STARTS: Final = 5
OFFSET: Final = 6
"""Of ``terms``, a row for each posting list: first byte of the documents, how many, first byte of the
frequencies, occurrences, first byte of the field's lengths and of its position starts (-1 without),
and the place of the term in its phrase. Bytes are counted from the beginning of the file.
"""

ANY: Final = 0
ALL: Final = 1
PHRASE: Final = 2
NONE: Final = 3
RUN: Final = 4
"""Kinds of clauses: documents with any of the terms, with all, with all one after the other, with
none; documents from a number up to another.
"""

KIND: Final = 0
FIRST: Final = 1
STOP: Final = 2
"""Of ``clauses``: the kind, and the half-open rows of its terms, or a run's documents."""

FACTOR: Final = 0
K1: Final = 1
CONSTANT: Final = 2
B: Final = 3
AVERAGE: Final = 4
"""Of ``weights``, a row for each term, then one for each clause, then one for the whole. A term's
score is ``factor * tf / (tf + k1 * (constant + b * length / average))``. The ``factor`` of a clause is
its boost, 0 where it does not score, or the score of a kind that has no terms to score.
"""

TABLE = types.Array(types.int64, 2, "C", readonly=True)
WEIGHTS = types.Array(types.float64, 2, "C", readonly=True)
LIVE = types.Array(types.boolean, 1, "C", readonly=True)
READ_DOCUMENTS = types.Array(types.uint32, 1, "C", readonly=True)
NEW_DOCUMENTS = types.uint32[::1]
SCORES = types.float64[::1]
FOUND: Any = types.Tuple((NEW_DOCUMENTS, SCORES, types.int64))  # type: ignore[no-untyped-call]
_lists: Any = types.UniTuple(NEW_DOCUMENTS, 2)  # type: ignore[no-untyped-call]


@compiled(_lists(BYTES, TABLE, NUMBER, NUMBER))
def postings(data: Bytes, terms: Table, term: int, universe: int) -> tuple[Documents, Documents]:
    """The documents of a term and its frequencies, of which there are none where all are 1."""
    count, total = terms[term, COUNT], terms[term, TOTAL]
    documents = read_ascending(data, terms[term, DOCUMENTS], count, universe, True)
    if total == count:
        return documents, np.empty(0, np.uint32)
    return documents, read_frequencies(data, terms[term, FREQUENCIES], count, total)


@bare(types.float64(BYTES, TABLE, WEIGHTS, NUMBER, NUMBER, NUMBER))
def score(
    data: Bytes, terms: Table, weights: Scores, term: int, document: int, frequency: int
) -> float:
    """What a term scores a document that it stands in ``frequency`` times."""
    tf, factor = float(frequency), float(weights[term, FACTOR])
    if terms[term, LENGTHS] < 0:
        return tf * factor
    length = half_at(data, terms[term, LENGTHS] + 4 * document)
    constant, b = weights[term, CONSTANT], weights[term, B]
    below = tf + float(weights[term, K1] * (constant + b * length / weights[term, AVERAGE]))
    return tf / below * factor


@bare(types.void(BYTES, TABLE, WEIGHTS, NUMBER, READ_DOCUMENTS, READ_DOCUMENTS, SCORES))
def add_scores(
    data: Bytes,
    terms: Table,
    weights: Scores,
    term: int,
    documents: Documents,
    frequencies: Documents,
    scores: Scores,
) -> None:
    """Adds a term's scores to ``scores``, aligned with ``documents``; frequencies may be none."""
    for n in range(documents.size):
        frequency = int(frequencies[n]) if frequencies.size else 1
        scores[n] += score(data, terms, weights, term, int(documents[n]), frequency)
