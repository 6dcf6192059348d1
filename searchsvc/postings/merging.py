"""Merging segments: several become one, without their deleted documents, by array operations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import Schema

from searchsvc.postings.assembly import FieldInput, SegmentMetadata, write_column, write_field
from searchsvc.postings.bits import Integers
from searchsvc.postings.codec import ArraySegment
from searchsvc.postings.container import ContainerWriter
from searchsvc.postings.documents import FieldPlan, plan_fields
from searchsvc.postings.lists import Lists
from searchsvc.postings.records import decode_record, encode_record, record_form
from searchsvc.postings.segment import OpenField, OpenSegment
from searchsvc.postings.stored import StoredWriter


def merge_segments(
    folder: Path, sources: Sequence[ArraySegment], target: ArraySegment, schema: Schema
) -> None:
    """Writes the live documents of ``sources``, in their order, as ``target``.

    Fields that the schema no longer has are left out. Raises IndexDamagedError where a source
    cannot be opened; nothing is left behind then.
    """
    parts = _numbered([source.open(folder) for source in sources])
    n_documents = sum(part.n_live for part in parts)
    container = ContainerWriter(target.path(folder))
    try:
        metadata = SegmentMetadata(n_documents, record_form(schema))
        _copy_records(container, parts, metadata.record_form)
        for plan in plan_fields(schema):
            if plan.number is not None:
                _merge_column(container, metadata, parts, plan)
            if plan.inverted:
                _merge_field(container, metadata, parts, plan)
        seal = container.close(metadata.to_json())
    except BaseException:
        container.discard()
        raise
    target.n_documents = n_documents
    target.set_seal(seal)


class _Part:
    """A source segment with its documents' new numbers, from ``first`` on."""

    def __init__(self, segment: OpenSegment, first: int) -> None:
        self.segment = segment
        self.first = first
        self.live = segment.live
        self.n_live = segment.n_documents if self.live is None else int(np.count_nonzero(self.live))
        self.numbers: Integers | None = None
        if self.live is not None:
            self.numbers = first - 1 + np.cumsum(self.live)

    def living(self, values: NDArray[Any]) -> NDArray[Any]:
        """The values of the live documents out of one for each document."""
        return values if self.live is None else values[self.live]


def _numbered(segments: Sequence[OpenSegment]) -> list[_Part]:
    parts: list[_Part] = []
    first = 0
    for segment in segments:
        parts.append(_Part(segment, first))
        first += parts[-1].n_live
    return parts


class _SourceField:
    """One field of a part, as a source for assembly."""

    def __init__(self, part: _Part, field: OpenField) -> None:
        self._part = part
        self._field = field
        self.terms = field.table()
        self._weights = np.cumsum(2 * field.list_sizes())

    def weights_before(self, numbers: Integers) -> Integers:
        """About how many postings and positions the lists before each of these terms have."""
        return np.asarray(self._weights[numbers - 1])

    def release(self) -> None:
        """Gives mapped pages back."""
        self._part.segment.container.release()

    def lists(self, start: int, stop: int) -> Lists:
        """The lists of a range of terms, renumbered and without deleted documents."""
        lists = self._field.lists(start, stop, positions=True)
        live, numbers = self._part.live, self._part.numbers
        if live is None or numbers is None:
            documents = lists.documents + np.uint32(self._part.first)
            return Lists(lists.counts, documents, lists.frequencies, lists.positions)
        kept = live[lists.documents]
        of_list = np.repeat(np.arange(len(lists.counts)), lists.counts)
        positions = lists.positions
        if positions is not None:
            positions = positions[np.repeat(kept, lists.frequencies)]
        return Lists(
            np.bincount(of_list[kept], minlength=len(lists.counts)).astype(np.int64),
            numbers[lists.documents[kept]].astype(np.uint32),
            lists.frequencies[kept],
            positions,
        )


def _merge_field(
    container: ContainerWriter, metadata: SegmentMetadata, parts: list[_Part], plan: FieldPlan
) -> None:
    fields = [(part, part.segment.field(plan.name)) for part in parts]
    sources = [_SourceField(part, field) for part, field in fields if field]
    if not sources:
        return
    lengths = slots = None
    if plan.lengths:
        lengths = np.concatenate(
            [_per_document(part, field.lengths if field else None) for part, field in fields]
        )
    if plan.positions:
        starts = [(part, field.position_starts if field else None) for part, field in fields]
        slots = np.concatenate(
            [_per_document(part, None if s is None else np.diff(s)) for part, s in starts]
        )
    content = FieldInput(plan.name, sources, lengths, slots, plan.keyword_column)
    write_field(container, metadata, content)


def _per_document(part: _Part, values: NDArray[np.uint32] | None) -> NDArray[np.uint32]:
    """The live documents' values, 0 where the part has none."""
    return np.zeros(part.n_live, np.uint32) if values is None else part.living(values)


def _merge_column(
    container: ContainerWriter, metadata: SegmentMetadata, parts: list[_Part], plan: FieldPlan
) -> None:
    columns = [(part, part.segment.column(plan.name)) for part in parts]
    values = [
        np.full(part.n_live, plan.default, plan.number) if column is None else part.living(column)
        for part, column in columns
    ]
    write_column(container, metadata, plan.name, np.concatenate(values).astype(plan.number))


def _copy_records(container: ContainerWriter, parts: list[_Part], form: str) -> None:
    stored = StoredWriter(container)
    for part in parts:
        before = part.segment.container.metadata["record_form"]
        for document, record in enumerate(part.segment.records()):
            if part.live is None or part.live[document]:
                stored.add(
                    record if form == before else encode_record(decode_record(record, before), form)
                )
    stored.finish()
