"""Texts of characters that follow each other, so many characters between them.

From text to text the nearest place before counts, and no other needs to: what is allowed between a
farther one is allowed between it too.
"""

from __future__ import annotations

import numpy as np

from searchsvc.evaluation.characters import estimate_of_all, starts_of_all
from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.plan import ConstantSelection, Plan, Selection
from searchsvc.evaluation.positions import distinct_documents, documents_at
from searchsvc.evaluation.queries import CharacterSequence
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.sorted_sets import union
from searchsvc.evaluation.types import NO_DOCUMENTS, Documents


class CharacterSequencePlan(Plan):
    """Documents with the texts of a query one after the other; all score the same."""

    def __init__(self, query: CharacterSequence, deadline: Deadline) -> None:
        self._query = query
        self._deadline = deadline

    def estimate(self, segment: Segment) -> int:
        return estimate_of_all(segment, self._query.fields, self._query.texts, self._deadline)

    def find(self, segment: Segment) -> Selection:
        found = [self._documents(segment, name) for name in self._query.fields]
        return ConstantSelection(union(found, segment.size), self._query.boost)

    def _documents(self, segment: Segment, name: str) -> Documents:
        query, field = self._query, segment.field(name)
        starts = starts_of_all(segment, name, query.texts, self._deadline)
        if field is None or not starts:
            return NO_DOCUMENTS
        ends = starts[0] + len(query.texts[0])
        for text, places, (least, most) in zip(
            query.texts[1:], starts[1:], query.gaps, strict=True
        ):
            nearest = np.searchsorted(ends, places - least, "right") - 1
            follows = (nearest >= 0) & (places - ends[nearest] <= most)
            places, nearest = places[follows], nearest[follows]
            if not places.size:
                return NO_DOCUMENTS
            same = documents_at(field, places) == documents_at(field, ends[nearest] - 1)
            ends = places[same] + len(text)
            if not ends.size:
                return NO_DOCUMENTS
        return distinct_documents(field, ends - 1)
