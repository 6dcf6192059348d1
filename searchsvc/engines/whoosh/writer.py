"""The Whoosh engine's writer: documents to segments in one folder. Called by the indexer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from searchsvc.engines.whoosh.documents import Documents
from searchsvc.engines.whoosh.errors import writing_errors
from searchsvc.engines.whoosh.layout import REPRINTS, SERIAL_COLUMN, SIDE_FILES, whoosh_schema
from searchsvc.errors import CommittedError
from searchsvc.postings.batches import Batch, NumbersColumn
from searchsvc.postings.index import ArrayIndex, create_index, open_index, read_commit
from searchsvc.postings.writer import BatchWriter
from searchsvc.reprints import ReprintWriter


class WhooshWriter:
    """Adds and deletes articles; readers see all of a commit or nothing."""

    def __init__(self, index: ArrayIndex, *, is_new: bool = False) -> None:
        """``is_new``: of a generation that nobody reads yet."""
        self._folder, self._is_new = index.folder, is_new
        self._writer = BatchWriter(index)
        with _closed_on_failure(self._writer):
            beside = read_commit(index.folder, index.schema).beside
            self._reprints = ReprintWriter(self._folder, beside.get(REPRINTS))
            self._side_files: Mapping[str, Any] = beside.get(SIDE_FILES, {})

    def add(self, documents: Documents) -> None:
        """Adds articles; the caller sees to it that their ids are not there yet."""
        with writing_errors(self._folder):
            self._writer.add_batch(self._numbered(documents))

    def _numbered(self, documents: Documents) -> Batch:
        """The batch with the documents' serial numbers, for which their signatures are kept."""
        first = self._reprints.add(documents.signatures) + 1
        numbers = np.arange(len(documents.ids), dtype=np.uint32)
        serials = NumbersColumn(numbers, numbers + np.uint32(first))
        return replace(
            documents.batch, columns=[*documents.batch.columns, (SERIAL_COLUMN, serials)]
        )

    def delete(self, ids: Iterable[str]) -> set[str]:
        """Deletes the committed articles with these ids; gives the ids of those that there were."""
        with writing_errors(self._folder):
            return {each for each in ids if self._writer.delete_by_term("id", each)}

    def commit(self, side_files: Callable[[], Mapping[str, Any]] | None = None) -> None:
        """Makes everything visible, durably; merges segments where there are many.

        Raises CommittedError where only what followed failed, but of a new generation what that was.
        """

        def beside() -> Mapping[str, Any]:
            reprints = self._reprints.write(self._writer.generation)
            kept = self._side_files if side_files is None else side_files()
            return {REPRINTS: reprints, SIDE_FILES: kept}

        with writing_errors(self._folder):
            with _unread() if self._is_new else nullcontext():
                self._writer.commit(beside=beside)
            self._reprints.remove_unnamed()

    def cancel(self) -> None:
        """Leaves the index as the last commit left it."""
        if not self._writer.is_closed:
            with writing_errors(self._folder):
                self._writer.cancel()


def create_writer(folder: Path) -> WhooshWriter:
    """A writer on a new index in an existing, empty folder."""
    with writing_errors(folder), _unread():
        return WhooshWriter(create_index(folder, whoosh_schema()), is_new=True)


def open_writer(folder: Path) -> WhooshWriter:
    """A writer on the index in ``folder``."""
    with writing_errors(folder):
        return WhooshWriter(open_index(folder, whoosh_schema()))


@contextmanager
def _unread() -> Iterator[None]:
    """While a generation is written that nobody reads yet: what failed is raised, nothing is done."""
    try:
        yield
    except CommittedError as error:
        if error.__cause__ is None:
            raise
        raise error.__cause__ from None


@contextmanager
def _closed_on_failure(writer: BatchWriter) -> Iterator[None]:
    try:
        yield
    except BaseException:
        writer.cancel()
        raise
