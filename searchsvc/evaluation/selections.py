"""Selections whose score is made from the scores of others: sum, best, optional.

Made by the plans of ``boolean``; scores are worked out for the documents that are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from searchsvc.evaluation.plan import Plan, Selection
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.sorted_sets import common_places
from searchsvc.evaluation.types import Documents, Indices, Scores

Part = tuple[Selection, Indices | None]
"""A selection, and where the combined documents stand in it; None: it is yet to be found out."""


class SumSelection(Selection):
    """``boost`` times the sum of the scores of the parts; a part may lack some documents."""

    __slots__ = ("_boost", "_parts")

    def __init__(self, documents: Documents, parts: Sequence[Part], boost: float) -> None:
        super().__init__(documents)
        self._parts = parts
        self._boost = boost

    def scores(self, keep: Indices | None = None) -> Scores:
        documents = self.documents if keep is None else self.documents.take(keep)
        totals = np.zeros(documents.size)
        for part, indices in self._parts:
            if indices is not None:
                totals += part.scores(indices if keep is None else indices.take(keep))
            elif part.documents.size == self.documents.size:
                totals += part.scores(keep)
            else:
                where, scores = scores_within(part, documents)
                totals[where] += scores
        if self._boost != 1.0:
            totals *= self._boost
        return totals


class BestSelection(Selection):
    """``boost`` times (the best score of the parts + ``tiebreak`` times the others)."""

    __slots__ = ("_boost", "_parts", "_tiebreak")

    def __init__(
        self, documents: Documents, parts: Sequence[Selection], boost: float, tiebreak: float
    ) -> None:
        super().__init__(documents)
        self._parts = parts
        self._boost = boost
        self._tiebreak = tiebreak

    def scores(self, keep: Indices | None = None) -> Scores:
        documents = self.documents if keep is None else self.documents.take(keep)
        best = np.full(documents.size, -np.inf)
        totals = np.zeros(documents.size)
        for where, scores in self._placed(documents):
            best[where] = np.maximum(best[where], scores)
            totals[where] += scores
        if self._tiebreak:
            best += self._tiebreak * (totals - best)
        return best * self._boost if self._boost != 1.0 else best

    def _placed(self, documents: Documents) -> Iterator[tuple[Indices, Scores]]:
        for part in self._parts:
            yield scores_within(part, documents)


class OptionalSelection(Selection):
    """The documents of ``wanted``, with the score of ``optional`` added where that matches."""

    __slots__ = ("_optional", "_segment", "_wanted")

    def __init__(self, wanted: Selection, optional: Plan, segment: Segment) -> None:
        super().__init__(wanted.documents)
        self._wanted = wanted
        self._optional = optional
        self._segment = segment

    def scores(self, keep: Indices | None = None) -> Scores:
        documents = self.documents if keep is None else self.documents.take(keep)
        totals = self._wanted.scores(keep).copy()
        hits, optional = self._optional.select(self._segment, documents)
        totals[hits] += optional.scores()
        return totals


def scores_within(part: Selection, documents: Documents) -> tuple[Indices, Scores]:
    """Which of ``documents`` a selection holds (indices into them), and its scores of these."""
    if not part.documents.size or not documents.size:
        return np.empty(0, np.intp), np.empty(0)
    if part.documents.size <= documents.size:
        held, where = common_places(documents, part.documents)
        return where, part.scores(None if held.size == part.documents.size else held)
    where, held = common_places(part.documents, documents)
    return where, part.scores(held)
