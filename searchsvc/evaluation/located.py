"""A term found in the dictionaries of all segments. Made by ``Statistics.locate`` for the planner."""

from __future__ import annotations

import numpy as np

from searchsvc.evaluation.kernels import members, places
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.types import Documents, Indices, Mask
from searchsvc.postings.arrays import FieldPostings

FEW = 16
"""Candidates are few where a list has this many times as many documents: then they are looked up
without decoding the list. Compiled, a look-up costs 30 ns and skipping 0.3 ns a document; decoding
costs 2 to 3 ns (news corpus, lists of 2,000 to 16,000 documents).
"""


class LocatedTerm:
    """Where a term of the field ``name`` is: the field in every segment (None: not there), and the
    term's ordinal in each (-1: not there).
    """

    __slots__ = ("_fields", "_ordinals", "name")

    def __init__(self, name: str, fields: tuple[FieldPostings | None, ...], term: bytes) -> None:
        self.name = name
        self._fields = fields
        self._ordinals = [-1 if field is None else field.find(term) for field in fields]

    def postings(self, segment: Segment) -> tuple[FieldPostings, int] | None:
        """The field and the term's ordinal in it, None where the segment lacks the term."""
        ordinal = self._ordinals[segment.number]
        field = self._fields[segment.number]
        return None if ordinal < 0 or field is None else (field, ordinal)

    def document_frequency(self, segment: Segment) -> int:
        """How many documents of the segment hold the term, deleted ones included."""
        found = self.postings(segment)
        return 0 if found is None else found[0].document_frequency(found[1])

    def holds(self, segment: Segment, candidates: Documents) -> Mask:
        """Which of the candidates hold the term."""
        found = self.postings(segment)
        if found is None:
            return np.zeros(candidates.size, np.bool_)
        field, ordinal = found
        if candidates.size * FEW < field.document_frequency(ordinal):
            return field.ranks(ordinal, candidates) >= 0
        return members(candidates, field.documents(ordinal), segment.size)

    def total_document_frequency(self) -> int:
        """How many documents of all segments hold the term, deleted ones included."""
        total = 0
        for field, ordinal in zip(self._fields, self._ordinals, strict=True):
            if field is not None and ordinal >= 0:
                total += field.document_frequency(ordinal)
        return total


def ranked(field: FieldPostings, ordinal: int, candidates: Documents) -> tuple[Indices, Indices]:
    """Where the candidates are that hold the term, and the ranks of these postings in its list."""
    if candidates.size * FEW < field.document_frequency(ordinal):
        ranks = field.ranks(ordinal, candidates)
        hits = np.flatnonzero(ranks >= 0)
        return hits, ranks.take(hits)
    documents = field.documents(ordinal)
    where = places(documents, candidates)
    np.minimum(where, documents.size - 1, out=where)
    hits = np.flatnonzero(documents.take(where) == candidates)
    return hits, where.take(hits)
