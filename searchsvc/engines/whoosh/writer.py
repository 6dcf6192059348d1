"""The Whoosh engine's writer: documents to segments in one folder. Called by the indexer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex

from searchsvc.engines.whoosh.documents import Documents
from searchsvc.engines.whoosh.errors import writing_errors
from searchsvc.engines.whoosh.layout import SERIAL_COLUMN, whoosh_schema
from searchsvc.postings.batches import Batch, NumbersColumn
from searchsvc.postings.writer import BatchWriter
from searchsvc.reprints import ReprintWriter


class WhooshWriter:
    """Adds and deletes articles; readers see all of a commit or nothing."""

    def __init__(self, index: FileIndex) -> None:
        self._folder = index.storage.folder
        self._writer = BatchWriter(index)
        self._reprints = ReprintWriter(Path(self._folder))

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

    def delete(self, article_id: str) -> bool:
        """Deletes the committed article with this id; whether there was one."""
        with writing_errors(self._folder):
            return bool(self._writer.delete_by_term("id", article_id))

    def commit(self) -> None:
        """Makes everything visible, durably; merges segments where there are many."""
        with writing_errors(self._folder):
            self._reprints.write()
            self._writer.commit()

    def cancel(self) -> None:
        """Leaves the index as the last commit left it."""
        if not self._writer.is_closed:
            with writing_errors(self._folder):
                self._writer.cancel()


def create_writer(folder: Path) -> WhooshWriter:
    """A writer on a new index in an existing, empty folder."""
    with writing_errors(folder):
        return WhooshWriter(FileStorage(str(folder)).create_index(whoosh_schema()))


def open_writer(folder: Path) -> WhooshWriter:
    """A writer on the index in ``folder``."""
    with writing_errors(folder):
        return WhooshWriter(FileStorage(str(folder)).open_index(schema=whoosh_schema()))
