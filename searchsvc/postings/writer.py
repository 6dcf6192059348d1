"""The batch writer: documents to segments, without Whoosh's path of one call per posting.

A drop-in for ``whoosh.writing.SegmentWriter`` that takes what Whoosh's ``add_document`` takes, and,
faster, ``{term: frequency}`` for an indexed field, or ``Tokens`` for one with positions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
from whoosh.index import FileIndex
from whoosh.writing import IndexingError, IndexWriter, LockError

from searchsvc.errors import CommittedError, SearchsvcError
from searchsvc.postings.batches import Batch
from searchsvc.postings.builder import RUN_SIZE, SegmentBuilder
from searchsvc.postings.codec import ArraySegment
from searchsvc.postings.index import (
    ArrayIndex,
    Commit,
    read_commit,
    remove_unnamed,
    write_commit,
)
from searchsvc.postings.merging import merge_segments
from searchsvc.postings.policy import select_merge
from searchsvc.postings.segment import OpenSegment
from searchsvc.storage import sync


class BatchWriter(IndexWriter):  # type: ignore[misc]
    """Adds and deletes documents; all becomes visible with ``commit``.

    Deletes concern committed documents only, as in Whoosh. ``run_size`` bounds the memory, see
    ``builder``. Raises LockError if another writer has this index open.

    A commit is one file that names all others: these are synced first, and their folder; then it is
    written aside, synced, renamed, and the folder synced; and only then what it no longer names is
    removed.
    """

    def __init__(self, index: ArrayIndex, run_size: int = RUN_SIZE) -> None:
        self._lock = index.lock("WRITELOCK")
        if not self._lock.acquire():
            raise LockError
        self.storage = index.storage
        self.indexname = index.indexname
        self._folder = index.folder
        self._run_size = run_size
        try:
            newest = read_commit(self._folder, index.schema)
        except BaseException:
            self._lock.release()
            raise
        self.generation = newest.generation + 1
        self.schema = newest.schema
        self.segments = newest.segments
        self._beside = newest.beside
        self._finished: list[ArraySegment] = []
        self._builder: SegmentBuilder | None = None
        self._open: dict[str, OpenSegment] = {}
        self.is_closed = False

    def add_document(self, **fields: Any) -> None:
        """Adds a document. Raises KeyError for a field that the schema lacks."""
        self._building().add(fields)
        self._finish_full()

    def add_batch(self, batch: Batch) -> None:
        """Adds documents given as columns; much faster where they are many."""
        self._building().add_batch(batch)
        self._finish_full()

    def _building(self) -> SegmentBuilder:
        self._check_open()
        if self._builder is None:
            segment = ArraySegment(self.indexname)
            self._builder = SegmentBuilder(self._folder, segment, self.schema, self._run_size)
        return self._builder

    def _finish_full(self) -> None:
        if self._builder is not None and self._builder.full:
            self._finish_segment()

    def update_document(self, **fields: Any) -> None:
        """Adds a document in place of the committed ones with the same unique fields."""
        for name in self._unique_fields(fields):
            value = fields[name]
            for term in value if isinstance(value, Mapping) else (value,):
                self.delete_by_term(name, term)
        self.add_document(**fields)

    def delete_by_term(self, fieldname: str, text: Any, searcher: Any = None) -> int:
        """Deletes the committed documents with this term; gives how many there were."""
        self._check_open()
        term = text if isinstance(text, bytes) else self.schema[fieldname].to_bytes(text)
        deleted = 0
        for segment in self.segments:
            field = self._opened(segment).field(fieldname)
            ordinal = field.find(term) if field else -1
            if field is None or ordinal < 0:
                continue
            for document in field.documents(ordinal).tolist():
                if not segment.is_deleted(document):
                    segment.delete_document(document)
                    deleted += 1
        return deleted

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Deletes a committed document by its number. Raises IndexingError if there is none."""
        self._check_open()
        segment, document = self._find(docnum)
        segment.load_deletes(self._folder)
        segment.delete_document(document, delete)

    def is_deleted(self, docnum: int) -> bool:
        """Whether a committed document is deleted, by this writer or before."""
        segment, document = self._find(docnum)
        segment.load_deletes(self._folder)
        return segment.is_deleted(document)

    def has_deletions(self) -> bool:
        """Whether any committed document is deleted."""
        return self.deleted_count() > 0

    def deleted_count(self) -> int:
        """How many committed documents are deleted."""
        return sum(segment.deleted_count() for segment in self.segments)

    def doc_count(self) -> int:
        """How many documents this writer has added."""
        added = sum(segment.n_documents for segment in self._finished)
        return added + (self._builder.n_documents if self._builder else 0)

    def reader(self, reuse: Any = None) -> Any:
        """A reader of the committed documents but those this writer has deleted."""
        self._check_open()
        return FileIndex._reader(
            self.storage, self.schema, self.segments, self.generation, reuse=reuse
        )

    def commit(
        self,
        merge: bool = True,
        optimize: bool = False,
        beside: Callable[[], Mapping[str, Any]] | None = None,
    ) -> None:
        """Makes everything visible, durably; then merges where the policy asks for it.

        ``optimize`` merges everything into one segment. Each merge is a commit of its own.
        ``beside`` is asked, once the segments are written, for what the commit keeps beside them;
        where it is not given, that is what the commit before kept.

        Raises CommittedError where everything is visible and only what follows failed: the disk did
        not confirm it, and then nothing is removed; or a merge could not be made.
        """
        self._check_open()
        self._finish_segment()
        self.segments = [s for s in (*self.segments, *self._finished) if s.doc_count()]
        if beside is not None:
            self._beside = beside()
        try:
            self._publish()
            self._finished = []
            if merge or optimize:
                self._merge_all(self._whole if optimize else self._due)
        except CommittedError:
            self._close()
            raise
        self._close()

    def cancel(self) -> None:
        """Leaves the index as the last commit left it: as the disk says, should a commit have failed
        after it was written. What cannot be removed now goes with the next commit.
        """
        self._check_open()
        self._remove_unfinished()
        self._close()

    def _remove_unfinished(self) -> None:
        with suppress(OSError, SearchsvcError):
            if self._builder is not None:
                self._builder.discard()
            remove_unnamed(self._folder, read_commit(self._folder, self.schema))

    def _finish_segment(self) -> None:
        if self._builder is not None:
            self._finished.append(self._builder.finish())
            self._builder = None

    def _due(self) -> list[int]:
        live = [segment.doc_count() for segment in self.segments]
        return select_merge(live, [segment.doc_count_all() for segment in self.segments])

    def _whole(self) -> list[int]:
        """All segments, unless one without deleted documents is all there is."""
        if len(self.segments) == 1 and not self.segments[0].deleted_count():
            return []
        return list(range(len(self.segments)))

    def _merge_all(self, choose: Callable[[], list[int]]) -> None:
        try:
            while chosen := choose():
                self._merge(chosen)
                self._publish()
        except (OSError, SearchsvcError) as error:
            if isinstance(error, CommittedError):
                raise
            self._remove_unfinished()
            raise CommittedError("committed.unmerged", path=self._folder, reason=error) from error

    def _merge(self, chosen: list[int]) -> None:
        """Puts a merged segment in the place of the first chosen one."""
        merged = ArraySegment(self.indexname)
        sources = [self.segments[number] for number in chosen]
        merge_segments(self._folder, sources, merged, self.schema)
        self.segments[chosen[0]] = merged
        self.segments = [s for n, s in enumerate(self.segments) if n not in chosen[1:]]

    def _publish(self) -> None:
        """Writes the next commit and removes the files that it does not name."""
        for segment in self.segments:
            segment.save_deletes(self._folder, self.generation)
        sync(self._folder)
        commit = Commit(self.schema, self.segments, self.generation, self._beside)
        write_commit(self._folder, commit)
        remove_unnamed(self._folder, commit)
        self.generation += 1

    def _opened(self, segment: ArraySegment) -> OpenSegment:
        name = segment.segment_id()
        if name not in self._open:
            self._open[name] = segment.open(self._folder)
        return self._open[name]

    def _find(self, docnum: int) -> tuple[ArraySegment, int]:
        ends = np.cumsum([0, *(segment.n_documents for segment in self.segments)])
        if not 0 <= docnum < ends[-1]:
            raise IndexingError(f"there is no document {docnum}")
        number = int(np.searchsorted(ends, docnum, side="right")) - 1
        return self.segments[number], int(docnum - ends[number])

    def _check_open(self) -> None:
        if self.is_closed:
            raise IndexingError("this writer is closed")

    def _close(self) -> None:
        self._open.clear()
        self._lock.release()
        self.is_closed = True
