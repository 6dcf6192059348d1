"""Many terms of one field as one plan: prefixes, wildcards, term ranges, fuzzy terms.

Which terms is found out when the plan is made, for every segment; what they find is scored as a
constant, or as the sum of all their scores. More than EXPANSION_LIMIT terms are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from searchsvc.errors import QueryCostError
from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.plan import ConstantSelection, Plan, Selection
from searchsvc.evaluation.scratch import borrow, give_back
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.types import NO_DOCUMENTS, Documents
from searchsvc.postings.arrays import FieldPostings

EXPANSION_LIMIT = 1 << 16
"""Terms that one node may stand for in one segment; their lists are read within a second."""

STEP = 1_024
"""Terms looked at between two looks at the clock."""


class ExpandedPlan(Plan):
    """Documents with any of the terms ``ordinals[segment.number]``, each with the same score."""

    def __init__(
        self, field: str, ordinals: Sequence[Sequence[int]], score: float, deadline: Deadline
    ) -> None:
        self._field = field
        self._ordinals = ordinals
        self._score = score
        self._deadline = deadline

    def estimate(self, segment: Segment) -> int:
        field = segment.field(self._field)
        ordinals = self._ordinals[segment.number]
        if field is None or not len(ordinals):
            return 0
        if len(ordinals) > STEP:
            return segment.size
        return min(segment.size, sum(map(field.document_frequency, ordinals)))

    def find(self, segment: Segment) -> Selection:
        field = segment.field(self._field)
        ordinals = self._ordinals[segment.number]
        if field is None or not len(ordinals):
            return ConstantSelection(NO_DOCUMENTS, self._score)
        if len(ordinals) == 1:
            return ConstantSelection(field.documents(ordinals[0]), self._score)
        documents = documents_of(field, ordinals, segment.size, self._deadline)
        return ConstantSelection(documents, self._score)


def documents_of(
    field: FieldPostings, ordinals: Sequence[int], size: int, deadline: Deadline
) -> Documents:
    """The documents with any of the terms; ``size`` is that of the segment."""
    marks = borrow(size, np.bool_)
    if isinstance(ordinals, range):
        for start in range(ordinals.start, ordinals.stop, STEP):
            deadline.check()
            field.mark(start, min(start + STEP, ordinals.stop), marks)
    else:
        for n, ordinal in enumerate(ordinals):
            if n % STEP == 0:
                deadline.check()
            field.mark(ordinal, ordinal + 1, marks)
    numbers = np.flatnonzero(marks)
    give_back(marks, numbers)
    return numbers.astype(np.uint32)


def prefix_end(prefix: bytes) -> bytes | None:
    """The first byte string above all that begin with ``prefix``; None where there is none."""
    kept = prefix.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1]) if kept else None


def prefix_range(field: FieldPostings | None, prefix: bytes) -> range:
    """Ordinals of the terms that begin with ``prefix``."""
    return range(0) if field is None else range(*field.range(prefix, prefix_end(prefix)))


def matching_ordinals(
    field: FieldPostings | None,
    candidates: range,
    expression: re.Pattern[str],
    deadline: Deadline,
) -> list[int]:
    """Those of the ordinals whose term, decoded, ``expression`` matches from its start."""
    found: list[int] = []
    if field is None:
        return found
    for n, ordinal in enumerate(candidates):
        if n % STEP == 0:
            deadline.check()
        if expression.match(field.term(ordinal).decode()):
            found.append(ordinal)
    return found


def known_ordinals(field: FieldPostings | None, terms: Iterable[bytes]) -> list[int]:
    """Ordinals of those of ``terms`` that the field has, ascending."""
    if field is None:
        return []
    return sorted({ordinal for term in terms if (ordinal := field.find(term)) >= 0})


def limited(name: str, expansions: Iterable[Sequence[int]]) -> list[Sequence[int]]:
    """The expansions of all segments. Raises QueryCostError where one is over the limit.

    ``name`` is what the user wrote.
    """
    return list(_checked(name, expansions))


def _checked(name: str, expansions: Iterable[Sequence[int]]) -> Iterator[Sequence[int]]:
    for ordinals in expansions:
        if len(ordinals) > EXPANSION_LIMIT:
            raise QueryCostError("search.expansion", pattern=name, limit=EXPANSION_LIMIT)
        yield ordinals
