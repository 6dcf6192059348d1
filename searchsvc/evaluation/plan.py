"""What a plan is, and what it finds.

A plan is made for one search and evaluates a segment at a time. It gives a selection: documents
now, scores only when asked and only for those that are still wanted. Deleted documents may be among
them; the collector leaves them out.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.sorted_sets import common_places, members
from searchsvc.evaluation.types import NO_DOCUMENTS, Documents, Indices, Mask, Scores


class Selection(ABC):
    """Documents that match, and what is needed to score them."""

    __slots__ = ("documents",)

    constant: float | None = None
    """The one score of all documents, None where they may differ."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents

    @abstractmethod
    def scores(self, keep: Indices | None = None) -> Scores:
        """Scores of ``documents[keep]``, aligned with it; of all without ``keep``."""


class ConstantSelection(Selection):
    """Documents that all have the score ``constant``."""

    __slots__ = ("constant",)

    def __init__(self, documents: Documents, score: float) -> None:
        super().__init__(documents)
        self.constant: float = score

    def scores(self, keep: Indices | None = None) -> Scores:
        return np.full(self.documents.size if keep is None else keep.size, self.constant)


class ArraySelection(Selection):
    """Documents whose scores are known, aligned with them."""

    __slots__ = ("_scores",)

    def __init__(self, documents: Documents, scores: Scores) -> None:
        super().__init__(documents)
        self._scores = scores

    def scores(self, keep: Indices | None = None) -> Scores:
        return self._scores if keep is None else self._scores.take(keep)


class NarrowedSelection(Selection):
    """Some of the documents of another selection."""

    __slots__ = ("_whole",)

    def __init__(self, whole: Selection, documents: Documents) -> None:
        super().__init__(documents)
        self._whole = whole

    def scores(self, keep: Indices | None = None) -> Scores:
        documents = self.documents if keep is None else self.documents.take(keep)
        _, where = common_places(self._whole.documents, documents)
        return self._whole.scores(where)


class Plan(ABC):
    """How one node of a query is evaluated."""

    @abstractmethod
    def estimate(self, segment: Segment) -> int:
        """An upper bound of the number of documents that ``find`` gives."""

    @abstractmethod
    def find(self, segment: Segment) -> Selection:
        """All documents of the segment that match."""

    def contains(self, segment: Segment, candidates: Documents) -> Mask:
        """Which candidates match."""
        return members(candidates, self.find(segment).documents, segment.size)

    def select(self, segment: Segment, candidates: Documents) -> tuple[Indices, Selection]:
        """Where the candidates are that match, and the selection of just these."""
        found = self.find(segment)
        hits = np.flatnonzero(members(candidates, found.documents, segment.size))
        documents = candidates.take(hits)
        if found.constant is not None:
            return hits, ConstantSelection(documents, found.constant)
        return hits, NarrowedSelection(found, documents)

    def add_scores(self, segment: Segment, totals: Scores) -> bool:
        """Adds the scores of all matches to ``totals``, (segment.size,).

        Whether each was above zero, so that what is above zero in ``totals`` is what matches.
        """
        found = self.find(segment)
        if not found.documents.size:
            return True
        numbers = found.documents.astype(np.intp)
        scores = found.scores()
        np.add.at(totals, numbers, scores)
        return bool(scores.min() > 0)


class NothingPlan(Plan):
    """Matches no document."""

    def estimate(self, segment: Segment) -> int:
        return 0

    def find(self, segment: Segment) -> Selection:
        return ConstantSelection(NO_DOCUMENTS, 0.0)


NOTHING = NothingPlan()


class PlanMaker(Protocol):
    """What the modules that make plans need of the planner."""

    @property
    def schema(self) -> Any:
        """Whoosh's schema of the index."""

    @property
    def segments(self) -> Sequence[Segment]:
        """All segments of the searcher."""

    @property
    def deadline(self) -> Deadline:
        """The time limit of the search."""

    def plan(self, query: Any) -> Plan:
        """The plan of a query."""

    def term(self, name: str, term: bytes, boost: float) -> Plan:
        """The plan of a term of an indexed field."""

    def field_bytes(self, name: str, text: Any) -> bytes | None:
        """The term as it is indexed; None where the field or such a term cannot be."""
