"""A term found in the dictionaries of all segments. Made by ``Statistics.locate`` for the planner."""

from __future__ import annotations

import numpy as np

from searchsvc.evaluation.kernels import common_places, members
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

    __slots__ = ("_fields", "_ordinals", "document_frequencies", "name")

    def __init__(self, name: str, fields: tuple[FieldPostings | None, ...], term: bytes) -> None:
        self.name = name
        self._fields = fields
        self._ordinals: list[int] = []
        self.document_frequencies: list[int] = []
        """How many documents of each segment hold the term, deleted ones included."""
        for field in fields:
            ordinal = -1 if field is None else field.find(term)
            self._ordinals.append(ordinal)
            frequency = 0
            if field is not None and ordinal >= 0:
                frequency = field.document_frequency(ordinal)
            self.document_frequencies.append(frequency)

    def postings(self, segment: Segment) -> tuple[FieldPostings, int] | None:
        """The field and the term's ordinal in it, None where the segment lacks the term."""
        ordinal = self._ordinals[segment.number]
        field = self._fields[segment.number]
        return None if ordinal < 0 or field is None else (field, ordinal)

    def holds(self, segment: Segment, candidates: Documents) -> Mask:
        """Which of the candidates hold the term."""
        found = self.postings(segment)
        if found is None:
            return np.zeros(candidates.size, np.bool_)
        field, ordinal = found
        if candidates.size * FEW < self.document_frequencies[segment.number]:
            return field.ranks(ordinal, candidates) >= 0
        return members(candidates, field.documents(ordinal), segment.size)


def ranked(field: FieldPostings, ordinal: int, candidates: Documents) -> tuple[Indices, Indices]:
    """Where the candidates are that hold the term, and the ranks of these postings in its list."""
    if candidates.size * FEW < field.document_frequency(ordinal):
        ranks = field.ranks(ordinal, candidates)
        hits = np.flatnonzero(ranks >= 0)
        return hits, ranks.take(hits)
    return common_places(field.documents(ordinal), candidates)


def frequencies_of(field: FieldPostings, ordinal: int, ranks: Indices) -> Documents | None:
    """Frequencies of the postings with these ranks; None where all are 1."""
    if ranks.size * FEW < field.document_frequency(ordinal):
        return field.frequencies_at(ordinal, ranks)
    frequencies = field.frequencies(ordinal)
    return None if frequencies is None else frequencies.take(ranks)
