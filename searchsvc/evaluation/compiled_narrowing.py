"""Where candidates stand in posting lists, and keeping those that are to be kept.

Called by ``compiled_conjunctions`` and ``compiled_texts``. Raises ImportError where numba is missing.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.evaluation.compiled_tables import (
    COUNT,
    DOCUMENTS,
    LIVE,
    NEW_DOCUMENTS,
    READ_DOCUMENTS,
    TABLE,
    Table,
    documents_of,
)
from searchsvc.evaluation.types import Documents, Mask
from searchsvc.postings.compiled_lists import BYTES, NUMBER, Bytes
from searchsvc.postings.compiled_ranks import rank_candidates
from searchsvc.postings.compiling import bare, compiled

SHORT = 4
"""A list with fewer than this many documents a candidate is read instead of looked up in."""

Order = NDArray[np.int64]
"""Rows of terms or clauses, or ranks of documents in lists."""

ORDER = types.int64[::1]
READ_ORDER = types.Array(types.int64, 1, "C", readonly=True)
RANKS = types.int64[:, ::1]
OWN_RANKS = types.int64[::1]


@compiled(ORDER(TABLE, NUMBER, NUMBER))
def rarest_first(terms: Table, first: int, stop: int) -> Order:
    """The rows of some terms, those of few documents first."""
    order = np.arange(first, stop)
    for start in range(1, order.size):
        term, place = order[start], int(start)
        while place > 0 and terms[order[place - 1], COUNT] > terms[term, COUNT]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = term
    return order


@bare(types.void(READ_DOCUMENTS, READ_DOCUMENTS, OWN_RANKS))
def rank_by_merging(documents: Documents, candidates: Documents, ranks: Order) -> None:
    """The index of each candidate in ``documents``, -1 where it is missing."""
    place = 0
    for n in range(candidates.size):
        candidate = candidates[n]
        while place < documents.size and documents[place] < candidate:
            place += 1
        held = place < documents.size and documents[place] == candidate
        ranks[n] = place if held else -1


@compiled(types.void(BYTES, TABLE, NUMBER, NUMBER, READ_DOCUMENTS, OWN_RANKS))
def rank(
    data: Bytes, terms: Table, term: int, universe: int, candidates: Documents, ranks: Order
) -> None:
    """The rank of each candidate in the list of a term, -1 where it is missing."""
    place, count = terms[term, DOCUMENTS], terms[term, COUNT]
    if count == 0 or candidates.size == 0:
        ranks[:] = -1
    elif count < SHORT * candidates.size:
        rank_by_merging(documents_of(data, terms, term, universe), candidates, ranks)
    else:
        rank_candidates(data, place, count, universe, candidates, ranks)


@bare(NUMBER(NEW_DOCUMENTS, RANKS, LIVE, NUMBER))
def kept(candidates: Documents, ranks: Order, keep: Mask, n: int) -> int:
    """Keeps those of the first ``n`` candidates that are to be kept, with their ranks."""
    first = 0
    while first < n and keep[first]:
        first += 1
    left = first
    for place in range(first, n):
        candidates[left] = candidates[place]
        left += keep[place]
    if first == n:
        return n
    for term in range(ranks.shape[0]):
        left = first
        for place in range(first, n):
            ranks[term, left] = ranks[term, place]
            left += keep[place]
    return left
