"""Plans of span queries: a plan for documents and scores, and the spans in these documents.

What a span query scores is what its parts score in the documents where it stands, as in Whoosh
2.7.4. The operations on spans are those of ``spans``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np

from searchsvc.evaluation import spans as span_sets
from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.plan import ConstantSelection, NarrowedSelection, Plan, Selection
from searchsvc.evaluation.positions import distinct_documents, documents_at, term_positions
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.spans import NO_SPANS, Spans
from searchsvc.evaluation.terms import TermPlan
from searchsvc.evaluation.types import NO_DOCUMENTS, Documents, Indices
from searchsvc.postings.arrays import FieldPostings


class SpanPlan(Plan):
    """A plan that also knows where, in the one field ``field``, its matches stand."""

    field: str

    @abstractmethod
    def spans(self, segment: Segment, field: FieldPostings, within: Documents) -> Spans:
        """The spans in those of the documents ``within`` that match."""


class TermSpans(SpanPlan):
    """A term; each of its positions is a span."""

    def __init__(self, term: TermPlan, deadline: Deadline) -> None:
        self.field = term.located.name
        self._term = term
        self._deadline = deadline

    def estimate(self, segment: Segment) -> int:
        return self._term.estimate(segment)

    def find(self, segment: Segment) -> Selection:
        return self._term.find(segment)

    def spans(self, segment: Segment, field: FieldPostings, within: Documents) -> Spans:
        self._deadline.check()
        found = self._term.located.postings(segment)
        if found is None:
            return NO_SPANS
        positions = term_positions(field, found[1], within)
        return Spans(positions, positions)


class AnySpans(SpanPlan):
    """An And or Or inside a span query: the spans of all its parts, in the documents it finds."""

    def __init__(self, base: Plan, parts: Sequence[SpanPlan]) -> None:
        self.field = parts[0].field
        self._base = base
        self._parts = tuple(parts)

    def estimate(self, segment: Segment) -> int:
        return self._base.estimate(segment)

    def find(self, segment: Segment) -> Selection:
        return self._base.find(segment)

    def select(self, segment: Segment, candidates: Documents) -> tuple[Indices, Selection]:
        return self._base.select(segment, candidates)

    def spans(self, segment: Segment, field: FieldPostings, within: Documents) -> Spans:
        within = within[self._base.contains(segment, within)]
        return reduce(
            span_sets.together, (part.spans(segment, field, within) for part in self._parts)
        )


Condition = Callable[[FieldPostings, Sequence[Spans]], Spans]
"""Spans of a node from the spans of its parts."""


class ConditionPlan(SpanPlan):
    """A span query proper: of the documents of ``base``, those where ``condition`` leaves a span.

    ``base`` combines the parts as Whoosh's matcher does, for documents and scores.
    """

    def __init__(self, base: Plan, parts: Sequence[SpanPlan], condition: Condition) -> None:
        self.field = parts[0].field
        self._base = base
        self._parts = tuple(parts)
        self._condition = condition

    def estimate(self, segment: Segment) -> int:
        return self._base.estimate(segment)

    def find(self, segment: Segment) -> Selection:
        return self._standing(segment, self._base.find(segment))

    def select(self, segment: Segment, candidates: Documents) -> tuple[Indices, Selection]:
        selection = self._standing(segment, self._base.select(segment, candidates)[1])
        return np.searchsorted(candidates, selection.documents), selection

    def spans(self, segment: Segment, field: FieldPostings, within: Documents) -> Spans:
        within = within[self._base.contains(segment, within)]
        return self._condition(field, [part.spans(segment, field, within) for part in self._parts])

    def _standing(self, segment: Segment, candidates: Selection) -> Selection:
        field = segment.field(self.field)
        if field is None or not candidates.documents.size:
            return ConstantSelection(NO_DOCUMENTS, 0.0)
        parts = [part.spans(segment, field, candidates.documents) for part in self._parts]
        starts = self._condition(field, parts).starts
        return NarrowedSelection(candidates, distinct_documents(field, starts))


def nearness(slop: int, in_order: bool, mindist: int) -> Condition:
    """Parts one near the next, from left to right (SpanNear, SpanNear2)."""

    def condition(field: FieldPostings, parts: Sequence[Spans]) -> Spans:
        return reduce(lambda a, b: span_sets.near(field, a, b, slop, in_order, mindist), parts)

    return condition


def merging(field: FieldPostings, parts: Sequence[Spans]) -> Spans:
    """Spans of any part, joined where they meet (SpanOr)."""
    return reduce(lambda a, b: span_sets.merged(field, span_sets.together(a, b)), parts)


def excluding(_: FieldPostings, parts: Sequence[Spans]) -> Spans:
    """Spans of the first part that overlap none of the second (SpanNot)."""
    return span_sets.without_overlap(parts[0], parts[1])


def enclosing(_: FieldPostings, parts: Sequence[Spans]) -> Spans:
    """Spans of the first part that contain one of the second (SpanContains)."""
    return span_sets.containing(parts[0], parts[1])


def preceding(field: FieldPostings, parts: Sequence[Spans]) -> Spans:
    """Spans of the first part that end before all of the second (SpanBefore)."""
    return span_sets.before(field, parts[0], parts[1])


def keeping_first(_: FieldPostings, parts: Sequence[Spans]) -> Spans:
    """Spans of the first part (SpanCondition)."""
    return parts[0]


def beginning(limit: int) -> Condition:
    """Spans that end within the first ``limit`` + 1 positions of their document (SpanFirst)."""

    def condition(field: FieldPostings, parts: Sequence[Spans]) -> Spans:
        found = parts[0]
        assert field.position_starts is not None
        starts = field.position_starts[documents_at(field, found.starts)].astype(np.int64)
        return found.where(found.ends - starts <= limit)

    return condition
