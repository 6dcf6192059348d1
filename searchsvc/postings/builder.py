"""Building one segment from documents, in bounded memory.

Postings gather in accumulators; whenever there are ``RUN_SIZE`` of them they go, sorted, to a run on
disk, and ``finish`` merges the runs into the container. Stored records are compressed and written
as they come. Called by the writer.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from whoosh.fields import Schema

from searchsvc.postings.assembly import SegmentMetadata, write_column, write_field
from searchsvc.postings.batches import Batch
from searchsvc.postings.codec import ArraySegment
from searchsvc.postings.container import Container, ContainerWriter
from searchsvc.postings.documents import plan_fields
from searchsvc.postings.field_builder import FieldBuilder
from searchsvc.postings.records import encode_record, record_form
from searchsvc.postings.runs import FieldRun, write_run
from searchsvc.postings.stored import StoredWriter

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
        self._fields = {plan.name: FieldBuilder(plan) for plan in plan_fields(schema)}
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
        self.segment.set_seal(seal)
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
