"""The Whoosh engine's writer: documents to segments in one folder. Called by the indexer."""

from __future__ import annotations

from pathlib import Path

from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex

from searchsvc.engines.whoosh.documents import Documents
from searchsvc.engines.whoosh.errors import writing_errors
from searchsvc.engines.whoosh.layout import whoosh_schema
from searchsvc.postings.writer import BatchWriter


class WhooshWriter:
    """Adds and deletes articles; readers see all of a commit or nothing."""

    def __init__(self, index: FileIndex) -> None:
        self._folder = index.storage.folder
        self._writer = BatchWriter(index)

    def add(self, documents: Documents) -> None:
        """Adds articles; the caller sees to it that their ids are not there yet."""
        with writing_errors(self._folder):
            self._writer.add_batch(documents.batch)

    def delete(self, article_id: str) -> bool:
        """Deletes the committed article with this id; whether there was one."""
        with writing_errors(self._folder):
            return bool(self._writer.delete_by_term("id", article_id))

    def commit(self) -> None:
        """Makes everything visible, durably; merges segments where there are many."""
        with writing_errors(self._folder):
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
