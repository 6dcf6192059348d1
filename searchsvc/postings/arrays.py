"""What evaluation reads of a segment: postings, lengths, columns and stored records as arrays.

Implemented by ``searchsvc.postings.segment`` over a container file; tests implement it over plain
dictionaries. Arrays are read-only and may lie in mapped pages: whoever changes one copies it first.
Document numbers count from 0 within the segment, deleted documents included.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.lists import Lists


class FieldPostings(Protocol):
    """One inverted field of one segment. Terms are UTF-8, numbered in byte order from 0."""

    @property
    def n_terms(self) -> int:
        """How many terms the field has."""

    @property
    def n_tokens(self) -> int:
        """The sum of the ``lengths``, deleted documents included; 0 without lengths."""

    @property
    def n_having(self) -> int:
        """How many documents have a length above 0, deleted ones included; 0 without lengths."""

    @property
    def longest(self) -> int:
        """The greatest of the ``lengths``, those of deleted documents included; 0 without lengths."""

    @property
    def has_positions(self) -> bool:
        """Whether there are ``position_starts``; asking reads nothing."""

    @property
    def position_starts(self) -> NDArray[np.uint32] | None:
        """(n_documents + 1,) where each document's global positions begin; None without positions.

        Ascending, with at least one unused position between documents: no phrase crosses one.
        """

    @property
    def lengths(self) -> NDArray[np.uint32] | None:
        """(n_documents,) exact field length in tokens; None for a field without lengths."""

    def find(self, term: bytes) -> int:
        """The term's ordinal, -1 where the field lacks it."""

    def term(self, ordinal: int) -> bytes:
        """The term with this ordinal."""

    def terms(self, start: int, stop: int) -> Sequence[bytes]:
        """The terms with ordinals ``start`` to ``stop - 1``."""

    def range(self, low: bytes, high: bytes | None) -> tuple[int, int]:
        """Half-open ordinals of the terms with ``low <= term < high``; no ``high``: to the end."""

    def document_frequency(self, ordinal: int) -> int:
        """How many documents hold the term, deleted ones included (Whoosh's rule); at least 1."""

    def collection_frequency(self, ordinal: int) -> int:
        """The sum of ``frequencies``, deleted documents included."""

    def documents(self, ordinal: int) -> NDArray[np.uint32]:
        """(document_frequency,) documents with the term, ascending, deleted ones included."""

    def frequencies(self, ordinal: int) -> NDArray[np.uint32] | None:
        """Term frequencies (at least 1) aligned with ``documents``; None where all are 1."""

    def positions(self, ordinal: int) -> NDArray[np.uint32] | None:
        """(collection_frequency,) global positions, ascending; None without positions.

        A global position is ``position_starts[document] + position in the document``.
        """

    def mark(self, start: int, stop: int, marks: NDArray[np.bool_]) -> None:
        """Sets ``marks``, (n_documents,), where a document has a term ``start`` to ``stop - 1``."""

    def ranks(self, ordinal: int, candidates: NDArray[np.uint32]) -> NDArray[np.int64]:
        """The index in ``documents`` of each ascending candidate, -1 where it lacks the term.

        Where candidates are few this does not decode the list.
        """

    def frequencies_at(self, ordinal: int, ranks: NDArray[np.int64]) -> NDArray[np.uint32] | None:
        """``frequencies`` of the postings with these ascending indices; None where all are 1."""

    def positions_at(self, ordinal: int, ranks: NDArray[np.int64]) -> NDArray[np.uint32] | None:
        """``positions`` of the postings with these ascending indices; None without positions."""

    def words(self, *, scored: bool) -> Sequence[int]:
        """Where the field lies in the segment's ``file``: see ``compiled_terms``, without its numbers.

        Without ``scored`` no lengths count. Only for compiled searches.
        """

    def lists(self, start: int, stop: int) -> Lists:
        """The posting lists of the terms with ordinals ``start`` to ``stop - 1``, without positions.

        Much faster than one by one where they are many.
        """


class SegmentArrays(Protocol):
    """One segment, opened for reading. Safe to read from several threads."""

    @property
    def n_documents(self) -> int:
        """How many documents the segment has, deleted ones included."""

    @property
    def live(self) -> NDArray[np.bool_] | None:
        """(n_documents,) False where deleted; None where nothing is deleted."""

    @property
    def file(self) -> NDArray[np.uint8] | None:
        """The file that all arrays lie in; None where they are not in one."""

    @property
    def marks(self) -> NDArray[np.uint8] | None:
        """Which blocks of the ``file`` are made sure of; see ``checksums``."""

    def hold_wanted(self) -> None:
        """Makes sure of the blocks that a compiled search marked. Raises IndexDamagedError."""

    def field(self, name: str) -> FieldPostings | None:
        """The inverted field; None where no document of the segment has it."""

    def column(self, name: str) -> NDArray[Any] | None:
        """(n_documents,) a fixed-width value per document; None where the segment lacks it.

        For a keyword column with one value a document: the value's ordinal, -1 for none.
        """

    def column_place(self, name: str) -> int:
        """The first byte of a column in ``file``. Raises KeyError where the segment lacks it."""

    def column_values(self, name: str) -> Sequence[str]:
        """The values of a keyword column by ordinal, in byte order of UTF-8; empty without one."""

    def column_entries(self, name: str) -> tuple[NDArray[np.uint32], NDArray[np.uint32]] | None:
        """A keyword column, also one with many values a document, as ``(documents, ordinals)``.

        Both (n_entries,), ascending by document, then ordinal; None where the segment lacks it.
        """

    def stored(self, document: int) -> bytes:
        """The stored record of a document; empty where it has none."""

    def verify(self) -> None:
        """Reads everything and holds it against its checksums. Raises IndexDamagedError."""


def segment_arrays(reader: Any) -> SegmentArrays | None:
    """The arrays behind a Whoosh leaf reader, or None where another codec wrote its segment."""
    arrays = getattr(reader, "arrays", None)
    if arrays is None:
        arrays = getattr(getattr(reader, "_perdoc", None), "arrays", None)
    found: SegmentArrays | None = arrays
    return found
