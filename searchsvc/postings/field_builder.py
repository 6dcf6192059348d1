"""What the documents of a segment in the making have in one field.

Called by the segment builder, which keeps one for each field.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.assembly import FieldInput
from searchsvc.postings.batches import Column, CountsColumn, NumbersColumn, PairCountsColumn
from searchsvc.postings.bits import Integers
from searchsvc.postings.documents import FieldPlan, postings_of
from searchsvc.postings.lists import Lists, Unsigned
from searchsvc.postings.pairs import (
    CharacterPairs,
    PairAccumulator,
    PairCountAccumulator,
    pairs_column,
)
from searchsvc.postings.runs import FieldAccumulator, FieldRun, Tokens
from searchsvc.postings.terms import TermTable

MOST_NUMBERS: Final = 4_096
"""Numbers of a field whose terms are remembered; dates repeat."""


class FieldBuilder:
    """Gathers what the documents have in one field."""

    def __init__(self, plan: FieldPlan) -> None:
        self.plan = plan
        self.n_positions = 0
        self._accumulator: FieldAccumulator | PairAccumulator | PairCountAccumulator | None = None
        self._kind: type | None = None
        self._of_numbers: dict[int, tuple[Any, Any]] = {}
        self._waiting: list[Any] = []
        self._documents: list[int] = []
        self._lengths = _PerDocument(np.dtype(np.uint32), 0)
        self._slots = _PerDocument(np.dtype(np.uint32), 0)
        self._numbers: _PerDocument | None = None
        if plan.number is not None:
            self._numbers = _PerDocument(plan.number, plan.default)
        self.stored = bool(plan.field.stored)
        self.shown = self.stored or plan.number is not None
        self.stored_name = f"_stored_{plan.name}"

    @property
    def size(self) -> int:
        """Postings gathered since the last run."""
        return self._accumulator.size if self._accumulator else 0

    def sorted_run(self) -> tuple[TermTable, Lists]:
        """What was gathered since the last run."""
        assert self._accumulator is not None
        return self._accumulator.sorted_run()

    def checked(self, value: Any, shown: Any) -> tuple[Any, Any]:
        """A document's postings and its number for the column, each None for a field without."""
        if type(value) is int and shown is value:
            known = self._of_numbers.get(value)
            if known is None and len(self._of_numbers) < MOST_NUMBERS:
                known = self._of_numbers[value] = self._analyzed(value, shown)
            if known is not None:
                return known
        return self._analyzed(value, shown)

    def _analyzed(self, value: Any, shown: Any) -> tuple[Any, Any]:
        postings = number = None
        if self.plan.positions:
            postings = postings_of(self.plan, value)
            self._kind = self._kind or type(postings)
            if type(postings) is not self._kind:
                raise TypeError(f"field {self.plan.name!r}: give pairs for all documents or none")
        elif self.plan.inverted:
            postings = value if type(value) is dict else postings_of(self.plan, value)
        if self._numbers is not None:
            number = self.plan.field.to_column_value(shown)
        return postings, number

    def wait(self, document: int, value: tuple[Any, Any]) -> int:
        """Keeps a document's value until ``take_waiting``; gives about how much it is."""
        self._documents.append(document)
        self._waiting.append(value)
        postings = value[0]
        if isinstance(postings, CharacterPairs):
            return len(postings.positions)
        return len(postings.terms) if isinstance(postings, Tokens) else len(postings or ())

    def take_waiting(self, first: int) -> int:
        """Takes what waits, of documents numbered from ``first`` on; gives how much it was."""
        if not self._waiting:
            return 0
        documents = np.array(self._documents, np.uint32)
        postings, numbers = zip(*self._waiting, strict=True)
        self._waiting, self._documents = [], []
        gathered = 0
        if self._numbers is not None:
            self._numbers.put(documents + np.uint32(first), np.array(numbers, self.plan.number))
        if self.plan.inverted:
            if isinstance(postings[0], CharacterPairs):
                gathered = self.take(first, pairs_column(documents, postings))
            else:
                gathered = self._take_terms(documents + np.uint32(first), postings)
        return gathered

    def take(self, first: int, column: Column) -> int:
        """Takes a column of documents numbered from ``first`` on; gives how much it was."""
        documents = column.documents + np.uint32(first)
        if isinstance(column, NumbersColumn):
            assert self._numbers is not None
            self._numbers.put(documents, column.values)
            return 0
        if isinstance(column, CountsColumn):
            self._lengths.put(documents, self._terms().add_column(first, column))
            return len(column.numbers)
        if isinstance(column, PairCountsColumn):
            self._lengths.put(documents, self._pair_counts().add_column(first, column))
            return len(column.pairs)
        accumulator = self._accumulator = self._accumulator or PairAccumulator()
        if not isinstance(accumulator, PairAccumulator):
            raise TypeError(f"field {self.plan.name!r}: give pairs for all documents or none")
        self._put_slots(documents, accumulator.add_column(first, column))
        self._lengths.put(documents, column.lengths)
        return len(column.positions)

    def _take_terms(self, documents: Unsigned, postings: Sequence[Any]) -> int:
        accumulator = self._terms()
        before = accumulator.size
        if self.plan.positions:
            self._put_slots(documents, accumulator.add_tokens(documents, postings))
            lengths = [len(t.terms) if t.length is None else t.length for t in postings]
            self._lengths.put(documents, np.array(lengths, np.uint32))
        else:
            self._lengths.put(documents, accumulator.add_counts(documents, postings))
        return accumulator.size - before

    def _terms(self) -> FieldAccumulator:
        """The accumulator of terms. Raises TypeError where there are pairs already."""
        accumulator = self._accumulator = self._accumulator or FieldAccumulator(self.plan.positions)
        if not isinstance(accumulator, FieldAccumulator):
            raise TypeError(f"field {self.plan.name!r}: give pairs for all documents or none")
        return accumulator

    def _pair_counts(self) -> PairCountAccumulator:
        """The accumulator of counted pairs. Raises TypeError where there are terms already."""
        accumulator = self._accumulator = self._accumulator or PairCountAccumulator()
        if not isinstance(accumulator, PairCountAccumulator):
            raise TypeError(f"field {self.plan.name!r}: give pairs for all documents or none")
        return accumulator

    def _put_slots(self, documents: Unsigned, slots: Integers) -> None:
        self._slots.put(documents, slots)
        self.n_positions += int(slots.sum())

    def column(self, n_documents: int) -> NDArray[Any] | None:
        """The column of numbers, the default where a document has none; None for other fields."""
        return None if self._numbers is None else self._numbers.array(n_documents)

    def content(self, sources: list[FieldRun], n_documents: int) -> FieldInput:
        """The field as input of assembly."""
        plan = self.plan
        lengths = self._lengths.array(n_documents) if plan.lengths else None
        slots = self._slots.array(n_documents) if plan.positions else None
        return FieldInput(plan.name, sources, lengths, slots, plan.keyword_column)


class _PerDocument:
    """A number for each document, the default where none was put."""

    def __init__(self, dtype: np.dtype[Any], default: Any) -> None:
        self._dtype, self._default = dtype, default
        self._documents: list[Unsigned] = []
        self._values: list[NDArray[Any]] = []

    def put(self, documents: Unsigned, values: NDArray[Any]) -> None:
        """Sets the values of these documents."""
        self._documents.append(documents)
        self._values.append(values.astype(self._dtype))

    def array(self, n_documents: int) -> NDArray[Any]:
        """(n_documents,) the values."""
        filled = np.full(n_documents, self._default, self._dtype)
        for documents, values in zip(self._documents, self._values, strict=True):
            filled[documents] = values
        return filled
