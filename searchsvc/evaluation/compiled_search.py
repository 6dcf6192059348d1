"""A whole search of one segment in one call, compiled by numba; ``flat`` makes what it takes.

A search is a conjunction of clauses over posting lists. The numbers are those that the plans give,
added in the same order, so that both agree to the last bit. Raises ImportError where numba is
missing.
"""

from __future__ import annotations

from searchsvc.evaluation.compiled_conjunctions import best_of_all_clauses
from searchsvc.evaluation.compiled_tables import (
    ANY,
    FOUND,
    KIND,
    LIVE,
    SCORES,
    TABLE,
    WEIGHTS,
    Table,
)
from searchsvc.evaluation.compiled_unions import best_of_any, best_of_one
from searchsvc.evaluation.types import Documents, Mask, Scores
from searchsvc.postings.compiled_lists import (
    BYTES,
    NUMBER,
    Bytes,
)
from searchsvc.postings.compiling import compiled


@compiled(FOUND(BYTES, LIVE, TABLE, TABLE, WEIGHTS, NUMBER, NUMBER, SCORES))
def search_segment(
    data: Bytes,
    live: Mask,
    terms: Table,
    clauses: Table,
    weights: Scores,
    universe: int,
    limit: int,
    totals: Scores,
) -> tuple[Documents, Scores, int]:
    """The best ``limit`` documents, best first, their scores, and how many match.

    ``data`` is the segment's file, ``live`` (universe,) or empty where all documents are; the tables
    are those of ``compiled_tables``. ``totals`` (universe,) are zeros to work in, and zeros again
    afterwards; they may be empty, and must be where a score is not above zero.
    """
    if clauses.shape[0] == 1 and clauses[0, KIND] == ANY:
        if terms.shape[0] == 1:
            return best_of_one(data, live, terms, weights, universe, limit)
        if totals.size:
            return best_of_any(data, live, terms, weights, universe, limit, totals)
    return best_of_all_clauses(data, live, terms, clauses, weights, universe, limit)
