"""Whoosh's per-document reader over an open segment: lengths, columns, stored fields, deletes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import columns
from whoosh.codec import base

from searchsvc.postings.records import decode_record
from searchsvc.postings.segment import OpenSegment


class DocumentsReader(base.PerDocumentReader):  # type: ignore[misc]
    """See ``whoosh.codec.base.PerDocumentReader``. ``arrays`` is the segment itself."""

    def __init__(self, segment: OpenSegment) -> None:
        self.arrays = segment
        self._form: str = segment.container.metadata["record_form"]
        self._n_deleted = 0 if segment.live is None else int(np.count_nonzero(~segment.live))

    def doc_count(self) -> int:
        """How many documents are not deleted."""
        return self.arrays.n_documents - self._n_deleted

    def doc_count_all(self) -> int:
        """All documents."""
        return self.arrays.n_documents

    def has_deletions(self) -> bool:
        """Whether any document is deleted."""
        return self._n_deleted > 0

    def is_deleted(self, docnum: int) -> bool:
        """Whether this document is deleted; False behind the last, which Whoosh 2.7.4 asks for."""
        live = self.arrays.live
        return live is not None and docnum < len(live) and not live[docnum]

    def deleted_docs(self) -> list[int]:
        """The deleted documents, ascending."""
        return [] if self.arrays.live is None else np.flatnonzero(~self.arrays.live).tolist()

    def supports_columns(self) -> bool:
        """Always."""
        return True

    def has_column(self, fieldname: str) -> bool:
        """Whether the segment has this column."""
        return fieldname in self.arrays.column_names

    def list_columns(self) -> list[str]:
        """The segment's columns."""
        return self.arrays.column_names

    def column_reader(self, fieldname: str, column: columns.Column) -> columns.ColumnReader:
        """Reads numbers, or the first value of each document as bytes."""
        if self.arrays.container.metadata["columns"][fieldname] == "keyword":
            return _KeywordReader(self.arrays, fieldname)
        values = self.arrays.column(fieldname)
        assert values is not None
        return _NumberReader(values)

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """The exact length of a field in a document."""
        lengths = self._lengths(fieldname)
        return default if lengths is None else int(lengths[docnum])

    def field_length(self, fieldname: str) -> int:
        """The sum of a field's lengths, deleted documents included."""
        field = self.arrays.field(fieldname)
        return field.n_tokens if field else 0

    def min_field_length(self, fieldname: str) -> int:
        """The smallest length of a field."""
        lengths = self._lengths(fieldname)
        return 0 if lengths is None or not len(lengths) else int(lengths.min())

    def max_field_length(self, fieldname: str) -> int:
        """The greatest length of a field."""
        lengths = self._lengths(fieldname)
        return 0 if lengths is None or not len(lengths) else int(lengths.max())

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """The stored values of a document."""
        return decode_record(self.arrays.stored(docnum), self._form)

    def _lengths(self, fieldname: str) -> NDArray[np.uint32] | None:
        field = self.arrays.field(fieldname)
        return field.lengths if field else None


class _NumberReader(columns.ColumnReader):  # type: ignore[misc]
    """A column of numbers."""

    def __init__(self, values: NDArray[Any]) -> None:
        self._values = values
        self._sign = 1

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, docnum: int) -> Any:
        return self._values[docnum].item()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values.tolist())

    def sort_key(self, docnum: int) -> Any:
        """The value, negated in a reversed column."""
        return self._sign * self[docnum]

    def set_reverse(self) -> None:
        """Makes sort keys descend."""
        self._sign = -1


class _KeywordReader(columns.ColumnReader):  # type: ignore[misc]
    """The first value of each document, in byte order; empty where it has none."""

    def __init__(self, segment: OpenSegment, name: str) -> None:
        self._values = [value.encode() for value in segment.column_values(name)]
        entries = segment.column_entries(name)
        assert entries is not None
        documents, first = np.unique(entries[0], return_index=True)
        self._ordinals = np.full(segment.n_documents, -1, np.int64)
        self._ordinals[documents] = entries[1][first]

    def __len__(self) -> int:
        return len(self._ordinals)

    def __getitem__(self, docnum: int) -> bytes:
        ordinal = self._ordinals[docnum]
        return self._values[ordinal] if ordinal >= 0 else b""
