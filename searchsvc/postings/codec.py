"""The Whoosh codec: lets Whoosh's own readers and searchers work on our segments.

``ArraySegment`` is what a commit keeps of a segment, ``ArrayCodec`` opens it. Segments are
written by ``searchsvc.postings.writer`` alone, not posting by posting through this codec.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec import base

from searchsvc.postings.deletes import read_deletes, write_deletes
from searchsvc.postings.documents_reader import DocumentsReader
from searchsvc.postings.segment import OpenSegment
from searchsvc.postings.terms_reader import TermsReader
from searchsvc.storage import Seal

EXTENSION = ".svc"
_NUMBERS = ("n_documents", "n_deleted", "deletes", "size_bytes", "checksum")
_SEGMENT_NAME = re.compile(r"[0-9a-z]+", re.ASCII)


class ArraySegment(base.Segment):  # type: ignore[misc]
    """A segment's entry in a commit: plain numbers and a name.

    ``deletes`` numbers the file of deletes, 0 for none. Deletes not yet committed are kept here
    and not written with the entry.
    """

    def __init__(self, indexname: str) -> None:
        super().__init__(indexname)
        self.n_documents = 0
        self.n_deleted = 0
        self.deletes = 0
        self.size_bytes = 0
        self.checksum = 0
        self._deleted: NDArray[np.bool_] | None = None
        self._changed = False

    def entry(self) -> dict[str, Any]:
        """The entry as JSON."""
        return {"name": self.segid, **{name: getattr(self, name) for name in _NUMBERS}}

    @classmethod
    def from_entry(cls, indexname: str, entry: Mapping[str, Any]) -> ArraySegment:
        """The segment of an entry. Raises ValueError, KeyError and TypeError for no such thing."""
        segment = cls(indexname)
        if not _SEGMENT_NAME.fullmatch(entry["name"]):
            raise ValueError(f"the segment {entry['name']!r}")
        segment.segid = entry["name"]
        for name in _NUMBERS:
            if type(entry[name]) is not int or entry[name] < 0:
                raise ValueError(f"{name} {entry[name]!r}")
            setattr(segment, name, entry[name])
        return segment

    def codec(self) -> ArrayCodec:
        """A codec that opens this segment."""
        return ArrayCodec()

    def should_assemble(self) -> bool:
        """False: Whoosh copies compound files into memory."""
        return False

    def doc_count_all(self) -> int:
        """All documents, deleted ones included."""
        return self.n_documents

    def seal(self) -> Seal:
        """How the container looked when it was written."""
        return Seal(self.size_bytes, self.checksum)

    def set_seal(self, seal: Seal) -> None:
        """Keeps how the container looked when it was written."""
        self.size_bytes, self.checksum = seal.size_bytes, seal.checksum

    def path(self, folder: Path) -> Path:
        """The container file."""
        return folder / str(self.make_filename(EXTENSION))

    def open(self, folder: Path) -> OpenSegment:
        """Opens the segment with its deletes, uncommitted ones too. Raises IndexDamagedError."""
        deleted = self.load_deletes(folder)
        return OpenSegment(self.path(folder), self.seal(), deleted)

    def load_deletes(self, folder: Path) -> NDArray[np.bool_] | None:
        """(n_documents,) true where deleted; None where nothing is."""
        if self._deleted is None and self.deletes:
            self._deleted = read_deletes(self._deletes_path(folder), self.n_documents)
        return None if self._deleted is None else self._deleted.copy()

    def save_deletes(self, folder: Path, number: int) -> None:
        """Writes changed deletes to a new file; ``number`` must not have been used yet."""
        if self._changed and self._deleted is not None:
            self.deletes = number
            write_deletes(self._deletes_path(folder), self._deleted)
            self._changed = False

    def file_names(self) -> list[str]:
        """The names of the segment's files."""
        deletes = [self._deletes_path(Path()).name] if self.deletes else []
        return [self.path(Path()).name, *deletes]

    def _deletes_path(self, folder: Path) -> Path:
        return folder / str(self.make_filename(f".deletes{self.deletes}"))

    def deleted_count(self) -> int:
        """How many documents are deleted."""
        return self.n_deleted

    def deleted_docs(self) -> list[int]:
        """The deleted documents; known once the segment was opened or ``load_deletes`` called."""
        return [] if self._deleted is None else np.flatnonzero(self._deleted).tolist()

    def is_deleted(self, docnum: int) -> bool:
        """Whether a document is deleted; known as in ``deleted_docs``."""
        return self._deleted is not None and bool(self._deleted[docnum])

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Deletes a document (or takes that back), to be committed by the writer."""
        if self._deleted is None:
            if self.deletes:
                raise ValueError("load the deletes of this segment first")
            self._deleted = np.zeros(self.n_documents, np.bool_)
        if bool(self._deleted[docnum]) != delete:
            self._deleted[docnum] = delete
            self.n_deleted += 1 if delete else -1
            self._changed = True


class ArrayCodec(base.Codec):  # type: ignore[misc]
    """Opens segments for Whoosh. The readers of one codec share what it opened."""

    length_stats = False

    def __init__(self) -> None:
        self._open: dict[str, OpenSegment] = {}

    def new_segment(self, storage: Any, indexname: str) -> ArraySegment:
        """A new segment's entry."""
        return ArraySegment(indexname)

    def terms_reader(self, storage: Any, segment: ArraySegment) -> TermsReader:
        """Terms and postings. Raises IndexDamagedError."""
        return TermsReader(self._opened(storage, segment))

    def per_document_reader(self, storage: Any, segment: ArraySegment) -> DocumentsReader:
        """Lengths, columns, stored fields, deletes. Raises IndexDamagedError."""
        return DocumentsReader(self._opened(storage, segment))

    def _opened(self, storage: Any, segment: ArraySegment) -> OpenSegment:
        name = segment.segment_id()
        if name not in self._open:
            self._open[name] = segment.open(Path(storage.folder))
        return self._open[name]
