"""The terms of a query found in a segment: from texts to rows of the table of ``compiled_tables``.

Called by ``compiled_search``, and by ``flat`` where a term's documents count over several segments.
Raises ImportError where numba is missing.
"""

from __future__ import annotations

from math import log
from typing import Any, Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.evaluation.compiled_kernels import merge
from searchsvc.evaluation.compiled_tables import (
    AVERAGE,
    BEHIND,
    COUNT,
    DOCUMENTS,
    FACTOR,
    FREQUENCIES,
    K1,
    LENGTHS,
    LIVE,
    STARTS,
    TABLE,
    TERM_WORDS,
    TOTAL,
    Table,
    documents_of,
)
from searchsvc.evaluation.types import Mask
from searchsvc.postings.compiled_checks import MARKS, UNCHECKED
from searchsvc.postings.compiled_lists import BYTES, NUMBER, Bytes
from searchsvc.postings.compiled_lookup import find_list
from searchsvc.postings.compiling import compiled

LAYOUT_WORDS: Final = 16
N_TERMS: Final = 16
LENGTHS_BYTE: Final = 17
STARTS_BYTE: Final = 18
NUMBERS: Final = 19
FIELD_WORDS: Final = 23
"""Of a field in a segment: where its arrays lie (``compiled_lookup.find_list``), how many terms it has
(0: the segment lacks it), the first byte of its lengths and of its position starts (-1 without), and
the last four numbers of the scores of its terms.
"""

FIELD: Final = 0
BOOST: Final = 1
BY_IDF: Final = 2
TEXT: Final = 3
TEXT_STOP: Final = 4
ASKED_WORDS: Final = 5
"""Of a term that is asked for: the row of its field (-1: it is nowhere), what its score is multiplied
by, whether by ``idf * (k1 + 1)`` besides, and where it stands among the texts.
"""

_table = types.int64[:, ::1]
_counts = types.Array(types.int64, 1, "C", readonly=True)
_found: Any = types.Tuple((_table, types.boolean))  # type: ignore[no-untyped-call]


@compiled(_found(BYTES, MARKS, TABLE, TABLE, BYTES, NUMBER))
def find_terms(
    data: Bytes, marks: Bytes, fields: Table, asked: Table, texts: Bytes, universe: int
) -> tuple[Table, bool]:
    """The rows of terms without what they score; their COUNT is 0 where they are nowhere.

    ``data`` is the segment's file, ``marks`` those of its blocks, ``fields`` its fields, ``asked`` the
    terms, ``texts`` their UTF-8. Also whether documents and frequencies of all are made sure of; where
    not, the rows do not count.
    """
    is_checked = True
    terms = np.zeros((asked.shape[0], TERM_WORDS), np.int64)
    for n in range(asked.shape[0]):
        number = asked[n, FIELD]
        if number < 0 or fields[number, N_TERMS] == 0:
            continue
        field = fields[number]
        layout = field[:LAYOUT_WORDS].reshape((8, 2))
        text = texts[asked[n, TEXT] : asked[n, TEXT_STOP]]
        ordinal, count, total, documents, frequencies, behind = find_list(
            data, marks, layout, field[N_TERMS], universe, text
        )
        is_checked &= ordinal != UNCHECKED
        if ordinal >= 0:
            first = layout[3, 0]
            terms[n, DOCUMENTS] = first + documents
            terms[n, COUNT] = count
            terms[n, FREQUENCIES] = first + frequencies
            terms[n, TOTAL] = total
            terms[n, LENGTHS] = field[LENGTHS_BYTE]
            terms[n, STARTS] = field[STARTS_BYTE]
            terms[n, BEHIND] = first + behind
    return terms, is_checked


@compiled(_found(BYTES, MARKS, TABLE, TABLE, BYTES, _counts, NUMBER, NUMBER))
def make_terms(
    data: Bytes,
    marks: Bytes,
    fields: Table,
    asked: Table,
    texts: Bytes,
    counts: NDArray[np.int64],
    n_documents: int,
    universe: int,
) -> tuple[Table, bool]:
    """The rows of terms, and whether they are made sure of; see ``find_terms``.

    ``counts`` says in how many documents of all segments each term is; empty: they are those of this
    segment. ``n_documents`` are those of all segments.
    """
    terms, is_checked = find_terms(data, marks, fields, asked, texts, universe)
    numbers, boosts = terms.view(np.float64), asked.view(np.float64)
    parameters = fields.view(np.float64)
    for n in range(terms.shape[0]):
        if terms[n, COUNT] == 0:
            continue
        number = asked[n, FIELD]
        numbers[n, K1 : AVERAGE + 1] = parameters[number, NUMBERS:FIELD_WORDS]
        factor = boosts[n, BOOST]
        if asked[n, BY_IDF]:
            count = counts[n] if counts.size else terms[n, COUNT]
            factor = factor * (log(n_documents / (count + 1)) + 1) * (numbers[n, K1] + 1)
        numbers[n, FACTOR] = factor
    return terms, is_checked


@compiled(NUMBER(BYTES, MARKS, LIVE, TABLE, TABLE, BYTES, NUMBER))
def count_documents(
    data: Bytes,
    marks: Bytes,
    live: Mask,
    fields: Table,
    asked: Table,
    texts: Bytes,
    universe: int,
) -> int:
    """How many live documents hold any of the terms, or UNCHECKED.

    ``live`` is empty where all documents are.
    """
    terms, is_checked = find_terms(data, marks, fields, asked, texts, universe)
    if not is_checked:
        return UNCHECKED
    lacking = terms[:, COUNT] == 0
    if live.size == 0 and lacking.sum() + 1 >= terms.shape[0]:
        return int(terms[:, COUNT].sum())
    documents = np.empty(0, np.uint32)
    for term in np.flatnonzero(~lacking):
        documents = merge(documents, documents_of(data, terms, int(term), universe))
    if live.size == 0:
        return documents.size
    count = 0
    for document in documents:
        count += int(live[document])
    return count
