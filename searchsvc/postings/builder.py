"""Building one segment from documents, in bounded memory.

Postings gather in accumulators; whenever there are ``RUN_SIZE`` of them they go, sorted, to a run on
disk, and ``finish`` merges the runs into the container. Stored records are compressed and written
as they come. Called by the writer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import Schema

from searchsvc.postings.assembly import FieldInput, SegmentMetadata, write_column, write_field
from searchsvc.postings.batches import Batch, Column, CountsColumn, NumbersColumn
from searchsvc.postings.bits import Integers
from searchsvc.postings.codec import ArraySegment
from searchsvc.postings.container import Container, ContainerWriter
from searchsvc.postings.documents import FieldPlan, plan_fields, postings_of
from searchsvc.postings.lists import Lists, Unsigned
from searchsvc.postings.pairs import CharacterPairs, PairAccumulator, pairs_column
from searchsvc.postings.records import encode_record, record_form
from searchsvc.postings.runs import FieldAccumulator, FieldRun, Tokens, write_run
from searchsvc.postings.stored import StoredWriter
from searchsvc.postings.terms import TermTable

RUN_SIZE: Final = 6_000_000
"""Postings and positions gathered before a run is written (about 300 MB at the peak of sorting)."""

MOST_WAITING: Final = 256
"""Documents that wait to be taken in at once."""

MOST_POSITIONS: Final = 3_000_000_000
"""Position slots of a field after which a segment counts as full; they are numbered in 32 bits."""


class SegmentBuilder:
    """Takes documents one by one; ``finish`` or ``discard`` ends it."""

    def __init__(
        self, folder: Path, segment: ArraySegment, schema: Schema, run_size: int = RUN_SIZE
    ) -> None:
        self.segment = segment
        self._folder = folder
        self._run_size = run_size
        self._fields = {plan.name: _FieldBuilder(plan) for plan in plan_fields(schema)}
        self._container = ContainerWriter(segment.path(folder))
        self._stored = StoredWriter(self._container)
        self._form = record_form(schema)
        self._runs: list[Path] = []
        self._gathered = self._waiting_size = 0
        self._n_taken = self._n_waiting = 0

    def add(self, values: Mapping[str, Any]) -> None:
        """Adds a document; ``values`` as ``whoosh.writing.IndexWriter.add_document`` takes them.

        Documents wait until there are some, and are taken in field by field then. Raises KeyError
        for an unknown field, TypeError and ValueError for a value that a field cannot take, all
        but that of wrong positions before anything was taken.
        """
        checked = {}
        kept: dict[str, Any] = {}
        for name, value in values.items():
            field = self._fields.get(name)
            if field is None:
                if name.startswith("_"):
                    continue
                raise KeyError(name)
            if value is None:
                continue
            shown = values.get(field.stored_name, value) if field.shown else value
            if field.stored:
                kept[name] = shown
            checked[name] = field.checked(value, shown)
        self._stored.add(encode_record(kept, self._form))
        for name, value in checked.items():
            self._waiting_size += self._fields[name].wait(self._n_waiting, value)
        self._n_waiting += 1
        if self._n_waiting == MOST_WAITING or self._waiting_size >= self._run_size:
            self._take_waiting()

    def add_batch(self, batch: Batch) -> None:
        """Adds documents given as columns. Raises KeyError for an unknown field."""
        self._take_waiting()
        for record in batch.records:
            self._stored.add(record)
        for name, column in batch.columns:
            self._gathered += self._fields[name].take(self._n_taken, column)
        self._n_taken += len(batch.records)
        if self._gathered >= self._run_size:
            self._write_run()

    def _take_waiting(self) -> None:
        for field in self._fields.values():
            self._gathered += field.take_waiting(self._n_taken)
        self._n_taken += self._n_waiting
        self._n_waiting = self._waiting_size = 0
        if self._gathered >= self._run_size:
            self._write_run()

    @property
    def n_documents(self) -> int:
        """How many documents were added."""
        return self._n_taken + self._n_waiting

    @property
    def full(self) -> bool:
        """Whether further documents should go to another segment."""
        return any(field.n_positions > MOST_POSITIONS for field in self._fields.values())

    def finish(self) -> ArraySegment:
        """Writes the container; gives the segment's entry."""
        self._take_waiting()
        if self._runs:
            self._write_run()
        runs = [Container(path) for path in self._runs]
        metadata = SegmentMetadata(self.n_documents, self._form)
        self._stored.finish()
        for name, field in self._fields.items():
            values = field.column(self.n_documents)
            if values is not None:
                write_column(self._container, metadata, name, values)
            sources = [run for run in (FieldRun.read(c, name) for c in runs) if run]
            if not runs and field.size:
                sources = [FieldRun.of(*field.sorted_run())]
            if sources:
                write_field(self._container, metadata, field.content(sources, self.n_documents))
        seal = self._container.close(metadata.to_json())
        self.segment.n_documents = self.n_documents
        self.segment.size_bytes, self.segment.mtime_ns = seal.size_bytes, seal.mtime_ns
        self._remove_runs()
        return self.segment

    def discard(self) -> None:
        """Removes everything written."""
        self._container.discard()
        self._remove_runs()

    def _write_run(self) -> None:
        path = self._folder / str(self.segment.make_filename(f".run{len(self._runs)}"))
        self._runs.append(path)
        container = ContainerWriter(path)
        for name, field in self._fields.items():
            if field.size:
                write_run(container, name, *field.sorted_run())
        container.close({})
        self._gathered = 0

    def _remove_runs(self) -> None:
        for path in self._runs:
            path.unlink(missing_ok=True)


class _FieldBuilder:
    """Gathers what the documents have in one field."""

    def __init__(self, plan: FieldPlan) -> None:
        self.plan = plan
        self.n_positions = 0
        self._accumulator: FieldAccumulator | PairAccumulator | None = None
        self._kind: type | None = None
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
