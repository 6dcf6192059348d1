"""Building one segment from documents, in bounded memory.

Postings gather in accumulators; whenever there are ``RUN_SIZE`` of them they go, sorted, to a run on
disk, and ``finish`` merges the runs into the container. Stored records are compressed and written
as they come. Called by the writer.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import Schema

from searchsvc.postings.assembly import FieldInput, SegmentMetadata, write_column, write_field
from searchsvc.postings.codec import ArraySegment
from searchsvc.postings.container import Container, ContainerWriter
from searchsvc.postings.documents import FieldPlan, plan_fields, postings_of
from searchsvc.postings.lists import Lists, Unsigned
from searchsvc.postings.pairs import CharacterPairs, PairAccumulator
from searchsvc.postings.records import encode_record, record_form
from searchsvc.postings.runs import FieldAccumulator, FieldRun, Tokens, write_run
from searchsvc.postings.stored import StoredWriter
from searchsvc.postings.terms import TermTable

RUN_SIZE: Final = 6_000_000
"""Postings and positions gathered before a run is written (about 300 MB at the peak of sorting)."""

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
        self._gathered = 0
        self.n_documents = 0

    def add(self, values: Mapping[str, Any]) -> None:
        """Adds a document; ``values`` as ``whoosh.writing.IndexWriter.add_document`` takes them."""
        kept: dict[str, Any] = {}
        for name, value in values.items():
            field = self._fields.get(name)
            if field is None:
                if name.startswith("_"):
                    continue
                raise KeyError(name)
            if value is None:
                continue
            shown = values.get(field.stored_name, value)
            self._gathered += field.add(self.n_documents, value, shown)
            if field.stored:
                kept[name] = shown
        self._stored.add(encode_record(kept, self._form))
        self.n_documents += 1
        if self._gathered >= self._run_size:
            self._write_run()

    @property
    def full(self) -> bool:
        """Whether further documents should go to another segment."""
        return any(field.n_positions > MOST_POSITIONS for field in self._fields.values())

    def finish(self) -> ArraySegment:
        """Writes the container; gives the segment's entry."""
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
        self._lengths = array("I")
        self._slots = array("I")
        self._column: array[Any] | None = None
        if plan.number is not None:
            self._column = array(plan.number.char)
        self.stored = bool(plan.field.stored)
        self.stored_name = f"_stored_{plan.name}"

    @property
    def size(self) -> int:
        """Postings gathered since the last run."""
        return self._accumulator.size if self._accumulator else 0

    def sorted_run(self) -> tuple[TermTable, Lists]:
        """What was gathered since the last run."""
        assert self._accumulator is not None
        return self._accumulator.sorted_run()

    def add(self, document: int, value: Any, shown: Any) -> int:
        """Takes a document's value; ``shown`` is what a column of numbers keeps.

        Gives how many postings (or tokens with positions) it came to.
        """
        gathered = 0
        if self.plan.inverted:
            gathered, length = self._add_postings(document, postings_of(self.plan, value))
            if self.plan.lengths:
                _put(self._lengths, document, length, 0)
        if self._column is not None:
            number = self.plan.field.to_column_value(shown)
            _put(self._column, document, number, self.plan.default)
        return gathered

    def _add_postings(
        self, document: int, postings: Mapping[Any, int] | Tokens | CharacterPairs
    ) -> tuple[int, int]:
        """Takes a document's postings; gives their number and the field length."""
        gatherer = self._accumulator
        if gatherer is None:
            pairs = isinstance(postings, CharacterPairs)
            gatherer = PairAccumulator() if pairs else FieldAccumulator(self.plan.positions)
            self._accumulator = gatherer
        if isinstance(gatherer, PairAccumulator):
            if not isinstance(postings, CharacterPairs):
                raise TypeError(f"field {self.plan.name!r}: give pairs for all documents or none")
            slot = gatherer.add(document, postings)
            gathered = len(postings.positions)
        elif isinstance(postings, Tokens):
            slot = gatherer.add_tokens(document, postings)
            gathered = len(postings.terms)
        elif isinstance(postings, CharacterPairs):
            raise TypeError(f"field {self.plan.name!r}: give pairs for all documents or none")
        else:
            gatherer.add_counts(document, postings)
            return len(postings), sum(postings.values())
        _put(self._slots, document, slot, 0)
        self.n_positions += slot
        return gathered, gathered if postings.length is None else postings.length

    def column(self, n_documents: int) -> NDArray[Any] | None:
        """The column of numbers, the default where a document has none; None for other fields."""
        if self._column is None:
            return None
        return _array(self._column, n_documents, self.plan.default)

    def content(self, sources: list[FieldRun], n_documents: int) -> FieldInput:
        """The field as input of assembly."""
        plan = self.plan
        lengths = _array(self._lengths, n_documents, 0) if plan.lengths else None
        slots = _array(self._slots, n_documents, 0) if plan.positions else None
        return FieldInput(plan.name, sources, lengths, slots, plan.keyword_column)


def _put(values: array[Any], index: int, value: Any, default: Any) -> None:
    """Appends the value for a document, with the default for those before that have none."""
    if len(values) < index:
        values.extend([default] * (index - len(values)))
    values.append(value)


def _array(values: array[Any], n_documents: int, default: Any) -> Unsigned:
    filled = np.full(n_documents, default, np.dtype(values.typecode))
    filled[: len(values)] = np.frombuffer(values, filled.dtype)
    return filled
