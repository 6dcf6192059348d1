"""The table that a compiled search takes, and how a term scores. See ``compiled_search``.

The table is one array of 64-bit words: a row for each posting list, a row for each clause, and the
boost of the whole. Words of scores are float64 in the same bits. Raises ImportError where numba is
missing.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.evaluation.types import Documents, Mask, Scores
from searchsvc.postings.compiled_lists import (
    BYTES,
    NUMBER,
    SPARE,
    Bytes,
    read_frequencies,
)
from searchsvc.postings.compiled_streams import (
    CHUNK,
    STREAM,
    STREAM_WORDS,
    Stream,
    begin,
    next_documents,
)
from searchsvc.postings.compiling import bare, compiled

Table = NDArray[np.int64]

DOCUMENTS: Final = 0
COUNT: Final = 1
FREQUENCIES: Final = 2
TOTAL: Final = 3
LENGTHS: Final = 4
STARTS: Final = 5
BEHIND: Final = 6
FACTOR: Final = 7
K1: Final = 8
CONSTANT: Final = 9
B: Final = 10
AVERAGE: Final = 11
TERM_WORDS: Final = 12
"""Of a posting list: first byte of the documents, how many, first byte of the frequencies,
occurrences, first byte of the field's lengths and of its position starts (-1 without), the byte behind
the list, five numbers of its score: ``factor * tf / (tf + k1 * (constant + b * length / average))``. In a COMBINED
clause a list adds ``factor / (constant + b * length / average) * tf``. Bytes are counted from the
beginning of the file.
"""

ANY: Final = 0
ALL: Final = 1
PHRASE: Final = 2
NONE: Final = 3
RUN: Final = 4
GIVEN: Final = 5
WITHOUT: Final = 6
TEXTS: Final = 7
COMBINED: Final = 8
SUM: Final = 9
WITHIN: Final = 10
"""Kinds of clauses.

Documents with any of the terms, with all, with all one after the other, with none; documents from a
number up to another; documents given with the search, or none of them; documents in which the terms
of any group stand one after the other, each at least in part behind the one before (``STEP`` terms a
group: the bigrams of a text in one field); documents whose number in a column lies within bounds.

COMBINED and SUM leave out no document: one adds the score of a term in several fields to a sum, the
other adds that sum, times its boost, to the score of the document and begins a new one.
"""

KIND: Final = 0
FIRST: Final = 1
STOP: Final = 2
STEP: Final = 3
BOOST: Final = 4
SATURATION: Final = 5
LOW: Final = 6
HIGH: Final = 7
MISSING: Final = 8
CLAUSE_WORDS: Final = 9
"""Of a clause: the kind; the half-open rows of its terms, or a run's documents, or the places of those
given, or where in the file a column begins; terms of a group, or the form of a column's numbers
(``COLUMN_FORMS``); what its sum is multiplied by, 0 where it does not score, or the score of a kind that
has no terms to score; k1 of a COMBINED clause; the bounds of a column's numbers, both inclusive, and a
number between them that does not count, or any other.
"""

COLUMN_FORMS: Final = ("<i4", "<i8", "<u4")
"""Dtypes of columns that compiled searches compare."""

BEST: Final = 0
ALL_DOCUMENTS: Final = 1
ALL_SCORES: Final = 2
"""What is asked for: the best few, all documents too, their scores too."""

TABLE = types.Array(types.int64, 2, "C", readonly=True)
WORDS = types.Array(types.int64, 1, "C", readonly=True)
WEIGHTS = types.Array(types.float64, 2, "C", readonly=True)
LIVE = types.Array(types.boolean, 1, "C", readonly=True)
READ_DOCUMENTS = types.Array(types.uint32, 1, "C", readonly=True)
NEW_DOCUMENTS = types.uint32[::1]
ROW = types.Array(types.float64, 1, "C", readonly=True)
MARKED = types.boolean[::1]
SCORES = types.float64[::1]
FOUND: Any = types.Tuple(  # type: ignore[no-untyped-call]
    (NEW_DOCUMENTS, SCORES, types.int64, NEW_DOCUMENTS, SCORES)
)
Found = tuple[Documents, Scores, int, Documents, Scores]
"""The best documents, best first, their scores, how many match, and all of them with their scores,
as far as these are asked for."""

TABULATED: Final = 1_024
"""Lengths whose part in a score is worked out once, for lists of many more documents."""


@bare(types.void(BYTES, TABLE, NUMBER, NUMBER, STREAM))
def begin_list(data: Bytes, terms: Table, term: int, universe: int, stream: Stream) -> None:
    """Begins to read the list of a term a chunk at a time."""
    begin(
        stream, data.size, terms[term, DOCUMENTS], terms[term, COUNT], terms[term, FREQUENCIES],
        terms[term, TOTAL], universe,
    )  # fmt: skip


@compiled(NEW_DOCUMENTS(BYTES, TABLE, NUMBER, NUMBER))
def documents_of(data: Bytes, terms: Table, term: int, universe: int) -> Documents:
    """The documents of a term; not to be changed."""
    count = terms[term, COUNT]
    if count == 0:
        return np.empty(0, np.uint32)
    documents = np.empty(count + SPARE, np.uint32)
    stream = np.empty(STREAM_WORDS, np.int64)
    begin_list(data, terms, term, universe, stream)
    for first in range(0, count, CHUNK):
        size = min(CHUNK, count - first)
        next_documents(data, stream, first, size, universe, documents[first:])
    return documents[:count]


@compiled(NEW_DOCUMENTS(BYTES, TABLE, NUMBER))
def frequencies_of(data: Bytes, terms: Table, term: int) -> Documents:
    """The frequencies of a term, none where all are 1; not to be changed."""
    count, total = terms[term, COUNT], terms[term, TOTAL]
    if total == count:
        return np.empty(0, np.uint32)
    return read_frequencies(data, terms[term, FREQUENCIES], count, total)


@compiled(READ_DOCUMENTS(BYTES, TABLE, NUMBER, NUMBER))
def lengths_of(data: Bytes, terms: Table, term: int, universe: int) -> Documents:
    """(universe,) the lengths of a term's field; empty where they do not count."""
    first = terms[term, LENGTHS]
    size = universe if 0 <= first <= data.size - 4 * universe else 0
    return data[first * (size > 0) :][: 4 * size].view(np.uint32)


@bare(types.void(BYTES, WORDS, NUMBER, READ_DOCUMENTS, MARKED))
def mark_within(
    data: Bytes, clause: Table, universe: int, documents: Documents, marks: Mask
) -> None:
    """Takes the mark of those documents, aligned with ``marks``, that a WITHIN clause leaves out."""
    first, low, high, missing = clause[FIRST], clause[LOW], clause[HIGH], clause[MISSING]
    form = clause[STEP]
    size = 8 if form == 1 else 4
    if first < 0 or first + size * universe > data.size:
        return
    column = data[first : first + size * universe]
    if form == 0:
        for n in range(documents.size):
            value = np.int64(column.view(np.int32)[documents[n]])
            marks[n] &= (low <= value) & (value <= high) & (value != missing)
    elif form == 1:
        for n in range(documents.size):
            wide = column.view(np.int64)[documents[n]]
            marks[n] &= (low <= wide) & (wide <= high) & (wide != missing)
    else:
        for n in range(documents.size):
            number = np.int64(column.view(np.uint32)[documents[n]])
            marks[n] &= (low <= number) & (number <= high) & (number != missing)


@bare(types.float64(ROW, types.float64))
def saturation(row: Scores, length: float) -> float:
    """What is added to the frequency below in the score of a document of this length."""
    return float(row[K1] * (row[CONSTANT] + row[B] * length / row[AVERAGE]))


@bare(types.float64(ROW, types.float64))
def weight(row: Scores, length: float) -> float:
    """What an occurrence counts in a document of this length, in a COMBINED clause."""
    return float(row[FACTOR] / (row[CONSTANT] + row[B] * length / row[AVERAGE]))


@compiled(SCORES(ROW, types.boolean, NUMBER))
def by_length(row: Scores, combined: bool, count: int) -> Scores:
    """``weight`` or ``saturation`` of the first lengths, where ``count`` documents make that pay."""
    if count < 4 * TABULATED:
        return np.empty(0, np.float64)
    values = np.empty(TABULATED, np.float64)
    for length in range(TABULATED):
        values[length] = weight(row, float(length)) if combined else saturation(row, float(length))
    return values


@bare(types.float64(ROW, SCORES, types.float64, NUMBER))
def score(row: Scores, known: Scores, tf: float, length: int) -> float:
    """What a term scores a document of a length; ``known`` is what ``by_length`` gives."""
    below = known[length] if length < known.size else saturation(row, float(length))
    return float(tf / (tf + below) * row[FACTOR])


@bare(types.float64(ROW, SCORES, types.float64, NUMBER))
def weighted(row: Scores, known: Scores, tf: float, length: int) -> float:
    """The weighted frequency of a term in a document of a length, in a COMBINED clause."""
    part = known[length] if length < known.size else weight(row, float(length))
    return float(part * tf)


@bare(
    types.void(ROW, READ_DOCUMENTS, SCORES, types.boolean, READ_DOCUMENTS, READ_DOCUMENTS, SCORES)
)
def add_scores(
    row: Scores,
    lengths: Documents,
    known: Scores,
    combined: bool,
    documents: Documents,
    frequencies: Documents,
    scores: Scores,
) -> None:
    """Adds a term's scores, or weighted frequencies, to ``scores``, aligned with ``documents``.

    Frequencies may be none: then all are 1. Without ``lengths`` they count as they are.
    """
    for n in range(documents.size):
        tf = float(frequencies[n]) if frequencies.size else 1.0
        length = int(np.int64(lengths[documents[n]])) if lengths.size else 0
        if combined:
            scores[n] += weighted(row, known, tf, length)
        elif lengths.size:
            scores[n] += score(row, known, tf, length)
        else:
            scores[n] += tf * row[FACTOR]
