"""A term found in the dictionaries of all segments. Made by ``Statistics.locate`` for the planner."""

from __future__ import annotations

from searchsvc.evaluation.segment import Segment
from searchsvc.postings.arrays import FieldPostings


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

    def total_document_frequency(self) -> int:
        """How many documents of all segments hold the term, deleted ones included."""
        total = 0
        for field, ordinal in zip(self._fields, self._ordinals, strict=True):
            if field is not None and ordinal >= 0:
                total += field.document_frequency(ordinal)
        return total
