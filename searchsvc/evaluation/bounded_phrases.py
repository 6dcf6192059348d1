"""Texts of characters that are not part of something longer: 10年, but not where it is 2010年.

The places of the text, less those where a pair of a forbidden character and its edge stands.
"""

from __future__ import annotations

import numpy as np

from searchsvc.evaluation.characters import BigramText
from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.plan import ConstantSelection, Plan, Selection
from searchsvc.evaluation.positions import distinct_documents, term_positions
from searchsvc.evaluation.queries import BoundedPhrase
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.sorted_sets import union
from searchsvc.evaluation.types import NO_DOCUMENTS, Documents
from searchsvc.postings.arrays import FieldPostings


class BoundedPhrasePlan(Plan):
    """Documents where the text stands by itself in one of the fields; all score the same."""

    def __init__(self, query: BoundedPhrase, deadline: Deadline) -> None:
        self._query = query
        self._deadline = deadline

    def estimate(self, segment: Segment) -> int:
        return min(segment.size, sum(text.estimate() for _, text in self._texts(segment)))

    def find(self, segment: Segment) -> Selection:
        found = [self._documents(field, text) for field, text in self._texts(segment)]
        documents = found[0] if len(found) == 1 else union(found, segment.size)
        return ConstantSelection(documents, self._query.boost)

    def _documents(self, field: FieldPostings, text: BigramText) -> Documents:
        within = text.documents()
        if not within.size:
            return NO_DOCUMENTS
        query = self._query
        starts = text.starts(within)
        pairs = [(before + query.text[0], 1) for before in query.not_before]
        pairs += [(query.text[-1] + after, 1 - len(query.text)) for after in query.not_after]
        for pair, shift in pairs:
            self._deadline.check()
            if (ordinal := field.find(pair.encode())) >= 0:
                places = term_positions(field, ordinal, within) + shift
                starts = starts[~np.isin(starts, places, assume_unique=True)]
        return distinct_documents(field, starts)

    def _texts(self, segment: Segment) -> list[tuple[FieldPostings, BigramText]]:
        fields = map(segment.field, self._query.fields)
        return [
            (field, BigramText(field, self._query.text, segment.size, self._deadline))
            for field in fields
            if field is not None
        ]
