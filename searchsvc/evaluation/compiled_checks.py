"""Whether what a search reads besides its terms' documents and frequencies was made sure of.

Called by ``compiled_search`` before it reads any of it. Raises ImportError where numba is missing.
"""

from __future__ import annotations

from numba import types

from searchsvc.evaluation.compiled_tables import (
    BEHIND,
    COUNT,
    FIRST,
    FREQUENCIES,
    KIND,
    LENGTHS,
    PHRASE,
    STARTS,
    STOP,
    TABLE,
    TEXTS,
    Table,
    documents_of,
)
from searchsvc.postings.checksums import SHIFT
from searchsvc.postings.compiled_checks import MARKS, are_checked, are_known
from searchsvc.postings.compiled_lists import BYTES, NUMBER, Bytes
from searchsvc.postings.compiling import compiled


@compiled(types.boolean(BYTES, MARKS, TABLE, NUMBER, NUMBER))
def _are_lengths_checked(data: Bytes, marks: Bytes, terms: Table, term: int, universe: int) -> bool:
    """Whether the lengths of a term's documents are; all of the field's where these are many."""
    first, count = terms[term, LENGTHS], terms[term, COUNT]
    if first < 0 or count == 0 or are_known(marks, first, first + 4 * universe):
        return True
    if count > (4 * universe) >> SHIFT:
        return are_checked(marks, first, first + 4 * universe)
    is_checked = True
    for document in documents_of(data, terms, term, universe):
        place = first + 4 * int(document)
        is_checked &= are_checked(marks, place, place + 4)
    return is_checked


@compiled(types.boolean(BYTES, MARKS, TABLE, TABLE, NUMBER))
def are_all_checked(data: Bytes, marks: Bytes, terms: Table, clauses: Table, universe: int) -> bool:
    """Whether the lengths that score are, and the positions of phrases and texts."""
    is_checked = True
    for term in range(terms.shape[0]):
        is_checked &= _are_lengths_checked(data, marks, terms, term, universe)
    for clause in range(clauses.shape[0]):
        if clauses[clause, KIND] not in (PHRASE, TEXTS):
            continue
        for term in range(clauses[clause, FIRST], clauses[clause, STOP]):
            if terms[term, COUNT]:
                starts = terms[term, STARTS]
                is_checked &= are_checked(marks, starts, starts + 4 * (universe + 1))
                is_checked &= are_checked(marks, terms[term, FREQUENCIES], terms[term, BEHIND])
    return is_checked
