"""Texts of characters, found exactly by bigrams that know their positions.

A bigram field holds, for every character of a document's folded and compact text that is no line
end, the pair of it and the next one, at the character's place; a line end follows every paragraph,
the last one too. So a text stands exactly where enough of its bigrams stand to cover it, and a
single character wherever a bigram begins with it. No text contains a line end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.expansion import documents_of, prefix_range
from searchsvc.evaluation.located import ranked
from searchsvc.evaluation.plan import ConstantSelection, Plan, Selection
from searchsvc.evaluation.positions import distinct_documents, documents_at, term_positions
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.sorted_sets import common_positions, distinct, union
from searchsvc.evaluation.types import NO_DOCUMENTS, NO_POSITIONS, Documents, Positions
from searchsvc.postings.arrays import FieldPostings


class BigramText:
    """A text in one bigram field of one segment: bounds, documents and places of it."""

    def __init__(self, field: FieldPostings, text: str, size: int, deadline: Deadline) -> None:
        self._field = field
        self._text = text
        self._size = size
        self._deadline = deadline
        self._ordinals: Sequence[int]
        if len(text) == 1:
            self._ordinals = prefix_range(field, text.encode())
        else:
            pairs = [text[i : i + 2] for i in range(len(text) - 1)]
            self._ordinals = [field.find(pair.encode()) for pair in pairs]

    @property
    def is_possible(self) -> bool:
        """Whether the segment has all that the text needs."""
        return len(self._ordinals) > 0 and min(self._ordinals) >= 0

    def estimate(self) -> int:
        """An upper bound of the documents that contain the text."""
        if not self.is_possible:
            return 0
        if len(self._text) == 1:
            return self._size
        return min(self._field.document_frequency(n) for n in self._ordinals)

    def documents(self) -> Documents:
        """The documents that contain the text."""
        if not self.is_possible:
            return NO_DOCUMENTS
        if len(self._text) == 1:
            return documents_of(self._field, self._ordinals, self._size, self._deadline)
        if len(self._text) == 2:
            return self._field.documents(self._ordinals[0])
        return distinct_documents(self._field, self.starts(self._together()))

    def starts(self, within: Documents | None = None) -> Positions:
        """Where the text begins; ``within``: in these documents only."""
        if not self.is_possible:
            return NO_POSITIONS
        if len(self._text) == 1:
            parts = [self._places(n, within) for n in self._ordinals]
            return np.sort(np.concatenate(parts))
        first, *others = self._cover()
        starts = self._places(self._ordinals[first], within) - first
        for offset in others:
            if not starts.size:
                break
            within = distinct_documents(self._field, starts + first)
            starts = common_positions(starts, self._places(self._ordinals[offset], within) - offset)
        return starts

    def _together(self) -> Documents:
        """The documents that hold all bigrams; the rarest is read, the others are looked up."""
        ordinals = sorted(set(self._ordinals), key=self._field.document_frequency)
        documents = self._field.documents(ordinals[0])
        for ordinal in ordinals[1:]:
            self._deadline.check()
            documents = documents.take(ranked(self._field, ordinal, documents)[0])
        return documents

    def _places(self, ordinal: int, within: Documents | None) -> Positions:
        self._deadline.check()
        return term_positions(self._field, ordinal, within)

    def _cover(self) -> list[int]:
        """Offsets of the bigrams that cover the text with the fewest positions, rarest first."""
        costs = [self._field.collection_frequency(n) for n in self._ordinals]
        cheapest: list[tuple[int, list[int]]] = []
        for offset, cost in enumerate(costs):
            total, chosen = min(cheapest[-2:], default=(0, []))
            cheapest.append((total + cost, [*chosen, offset]) if offset else (cost, [0]))
        return sorted(cheapest[-1][1], key=costs.__getitem__)


class CharacterPhrasePlan(Plan):
    """Documents that contain a text in one of the fields; all score the same."""

    def __init__(self, text: str, fields: Sequence[str], score: float, deadline: Deadline) -> None:
        self._text = text
        self._fields = tuple(fields)
        self._score = score
        self._deadline = deadline

    def estimate(self, segment: Segment) -> int:
        return min(segment.size, sum(text.estimate() for text in self._texts(segment)))

    def find(self, segment: Segment) -> Selection:
        found = [text.documents() for text in self._texts(segment)]
        documents = found[0] if len(found) == 1 else union(found, segment.size)
        return ConstantSelection(documents, self._score)

    def _texts(self, segment: Segment) -> list[BigramText]:
        return texts_in(segment, self._fields, self._text, self._deadline)


class CharacterNearPlan(Plan):
    """Documents with several texts within one window of one field; all score the same."""

    def __init__(
        self,
        texts: Sequence[str],
        distance: int,
        fields: Sequence[str],
        score: float,
        deadline: Deadline,
    ) -> None:
        self._texts = tuple(texts)
        self._window = sum(map(len, texts)) + distance
        self._fields = tuple(fields)
        self._score = score
        self._deadline = deadline

    def estimate(self, segment: Segment) -> int:
        return estimate_of_all(segment, self._fields, self._texts, self._deadline)

    def find(self, segment: Segment) -> Selection:
        found = [self._documents(segment, name) for name in self._fields]
        return ConstantSelection(union(found, segment.size), self._score)

    def _documents(self, segment: Segment, name: str) -> Documents:
        field = segment.field(name)
        starts = starts_of_all(segment, name, self._texts, self._deadline)
        if field is None or not starts:
            return NO_DOCUMENTS
        return windows(field, starts, list(map(len, self._texts)), self._window)


def estimate_of_all(
    segment: Segment, fields: Sequence[str], texts: Sequence[str], deadline: Deadline
) -> int:
    """An upper bound of the documents that have all of the texts in one of the fields."""
    held = (
        min(sum(t.estimate() for t in texts_in(segment, [name], text, deadline)) for text in texts)
        for name in fields
    )
    return min(segment.size, sum(held))


def starts_of_all(
    segment: Segment, name: str, texts: Sequence[str], deadline: Deadline
) -> list[Positions]:
    """Where each of the texts begins in those documents that have all of them in a field; empty where
    none has.
    """
    field = segment.field(name)
    if field is None:
        return []
    wanted = [BigramText(field, text, segment.size, deadline) for text in texts]
    within: Documents | None = None
    for text in sorted(wanted, key=BigramText.estimate):
        within = distinct_documents(field, text.starts(within))
        if not within.size:
            return []
    return [text.starts(within) for text in wanted]


def windows(
    field: FieldPostings, starts: Sequence[Positions], lengths: Sequence[int], window: int
) -> Documents:
    """Documents where some place of each text lies within ``window`` characters.

    Going through all places in order, the last place so far of every text is what counts, as
    ``engines.literal`` does it within one text.
    """
    numbers = np.repeat(np.arange(len(starts)), [s.size for s in starts])
    places = np.concatenate(starts)
    ends = places + np.repeat(np.array(lengths), [s.size for s in starts])
    order = np.lexsort((numbers, ends, places))
    numbers, places = numbers[order], places[order]
    first = np.full(places.size, np.iinfo(np.int64).max)
    last = np.zeros(places.size, np.int64)
    for number, length in enumerate(lengths):
        latest = np.maximum.accumulate(np.where(numbers == number, places, -1))
        np.minimum(first, latest, out=first)
        np.maximum(last, latest + length, out=last)
    near = (first >= 0) & (last - first <= window)
    documents = documents_at(field, places[near])
    same = documents == documents_at(field, first[near])
    return distinct(documents[same].astype(np.uint32))


def texts_in(
    segment: Segment, fields: Sequence[str], text: str, deadline: Deadline
) -> list[BigramText]:
    """The text in each of the fields that the segment has."""
    found = [segment.field(name) for name in fields]
    return [BigramText(field, text, segment.size, deadline) for field in found if field is not None]
