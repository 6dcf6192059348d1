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
    COUNT,
    DOCUMENTS,
    FACTOR,
    FREQUENCIES,
    K1,
    LENGTHS,
    LISTS,
    LIVE,
    PLACE,
    STARTS,
    TABLE,
    TERM_WORDS,
    TOTAL,
    Lists,
    Table,
    documents_of,
)
from searchsvc.evaluation.types import Mask
from searchsvc.postings.compiled_lists import BYTES, NUMBER, Bytes
from searchsvc.postings.compiled_lookup import find_list
from searchsvc.postings.compiling import bare, compiled

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

DECODED_FROM, DECODED_TO = 512, 1 << 17
"""How many documents a list has that is kept decoded: shorter ones are decoded soon, and a longer one
would displace hundreds of others, to be displaced itself before it has paid.
"""

MARKS: Final = 1 << 16
"""Marks of lists that were asked for, by their place; two may share one."""

_table = types.int64[:, ::1]
_marks = types.uint8[::1]
_made: Any = types.Tuple((_table, types.int64))  # type: ignore[no-untyped-call]
_counts = types.Array(types.int64, 1, "C", readonly=True)

Marks = NDArray[np.uint8]


@bare(NUMBER(types.int64[::1], NUMBER))
def place_of(places: NDArray[np.int64], list_id: int) -> int:
    """Where a list lies decoded, -1 where it does not; ``places`` is as ``decoded`` has it."""
    slots = places.size >> 1
    slot = (list_id * 0x9E3779B1 >> 7) & (slots - 1)
    while places[2 * slot] >= 0:
        if places[2 * slot] == list_id:
            return int(places[2 * slot + 1])
        slot = (slot + 1) & (slots - 1)
    return -1


@compiled(_table(BYTES, TABLE, TABLE, BYTES, NUMBER))
def find_terms(data: Bytes, fields: Table, asked: Table, texts: Bytes, universe: int) -> Table:
    """The rows of terms without what they score; their COUNT is 0 where they are nowhere.

    ``data`` is the segment's file, ``fields`` its fields, ``asked`` the terms, ``texts`` their UTF-8.
    """
    terms = np.zeros((asked.shape[0], TERM_WORDS), np.int64)
    for n in range(asked.shape[0]):
        number = asked[n, FIELD]
        if number < 0 or fields[number, N_TERMS] == 0:
            continue
        field = fields[number]
        layout = field[:LAYOUT_WORDS].reshape((8, 2))
        ordinal, count, total, documents, frequencies = find_list(
            data, layout, field[N_TERMS], universe, texts[asked[n, TEXT] : asked[n, TEXT_STOP]]
        )
        if ordinal >= 0:
            first = layout[3, 0]
            terms[n, DOCUMENTS] = first + documents
            terms[n, COUNT] = count
            terms[n, FREQUENCIES] = first + frequencies
            terms[n, TOTAL] = total
            terms[n, LENGTHS] = field[LENGTHS_BYTE]
            terms[n, STARTS] = field[STARTS_BYTE]
            terms[n, PLACE] = -1
    return terms


@compiled(_made(LISTS, TABLE, TABLE, BYTES, _counts, NUMBER, NUMBER, types.int64[::1], _marks))
def make_terms(
    lists: Lists,
    fields: Table,
    asked: Table,
    texts: Bytes,
    counts: NDArray[np.int64],
    n_documents: int,
    universe: int,
    places: NDArray[np.int64],
    marks: Marks,
) -> tuple[Table, int]:
    """The rows of terms, and how many of their lists should be kept decoded that are not.

    ``counts`` says in how many documents of all segments each term is; empty: they are those of this
    segment. ``n_documents`` are those of all segments.
    """
    terms = find_terms(lists[0], fields, asked, texts, universe)
    numbers, boosts = terms.view(np.float64), asked.view(np.float64)
    parameters = fields.view(np.float64)
    missing = 0
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
        if terms[n, COUNT] >= DECODED_FROM:
            list_id = terms[n, DOCUMENTS]
            terms[n, PLACE] = place_of(places, list_id)
            longest = min(DECODED_TO, lists[1].size // 2)
            if terms[n, PLACE] < 0 and terms[n, COUNT] <= longest:
                mark = list_id & (MARKS - 1)
                missing += marks[mark]
                marks[mark] = 1
    return terms, missing


@compiled(NUMBER(LISTS, LIVE, TABLE, TABLE, BYTES, NUMBER))
def count_documents(
    lists: Lists, live: Mask, fields: Table, asked: Table, texts: Bytes, universe: int
) -> int:
    """How many live documents hold any of the terms; ``live`` is empty where all documents are."""
    terms = find_terms(lists[0], fields, asked, texts, universe)
    lacking = terms[:, COUNT] == 0
    if live.size == 0 and lacking.sum() + 1 >= terms.shape[0]:
        return int(terms[:, COUNT].sum())
    documents = np.empty(0, np.uint32)
    for term in np.flatnonzero(~lacking):
        documents = merge(documents, documents_of(lists, terms, int(term), universe))
    if live.size == 0:
        return documents.size
    count = 0
    for document in documents:
        count += int(live[document])
    return count
