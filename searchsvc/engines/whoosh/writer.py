"""The Whoosh engine's writer: articles to segments in one folder. Called by the indexer."""

from __future__ import annotations

from pathlib import Path

from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.whoosh.batch import BatchWriter
from searchsvc.engines.whoosh.errors import writing_errors
from searchsvc.engines.whoosh.layout import document, whoosh_schema

SEGMENT_ARTICLES = 15_000
"""Articles in a segment while building: what bounds the writer's memory (about 250 MB)."""


class WhooshWriter:
    """Adds and deletes articles. A build commits a segment now and then by itself; a writer on a
    living index commits only when told, so that readers see all of a change or nothing.
    """

    def __init__(self, index: FileIndex, analyzer: Analyzer, *, building: bool) -> None:
        self._index = index
        self._analyzer = analyzer
        self._building = building
        self._writer = BatchWriter(index)

    def add(self, article: Article) -> None:
        """Adds an article; the caller sees to it that its id is not there yet."""
        with writing_errors(self._index.storage.folder):
            self._writer.add_document(**document(article, self._analyzer))
            if self._building and self._writer.doc_count() >= SEGMENT_ARTICLES:
                self._writer.commit(merge=False)
                self._writer = BatchWriter(self._index)

    def delete(self, article_id: str) -> bool:
        """Deletes the committed article with this id; whether there was one."""
        with writing_errors(self._index.storage.folder), self._writer.reader() as reader:
            matcher = reader.postings("id", article_id) if ("id", article_id) in reader else None
            found = list(matcher.all_ids()) if matcher else []
            for number in found:
                self._writer.delete_document(number)
            return bool(found)

    def commit(self) -> None:
        """Makes everything visible, durably."""
        with writing_errors(self._index.storage.folder):
            self._writer.commit(merge=not self._building)

    def cancel(self) -> None:
        """Leaves the index as the last commit left it."""
        if not self._writer.is_closed:
            with writing_errors(self._index.storage.folder):
                self._writer.cancel()


def create_writer(folder: Path, analyzer: Analyzer) -> WhooshWriter:
    """A writer on a new index in an existing, empty folder."""
    with writing_errors(folder):
        index = FileStorage(str(folder)).create_index(whoosh_schema())
        return WhooshWriter(index, analyzer, building=True)


def open_writer(folder: Path, analyzer: Analyzer) -> WhooshWriter:
    """A writer on the index in ``folder``."""
    with writing_errors(folder):
        index = FileStorage(str(folder)).open_index(schema=whoosh_schema())
        return WhooshWriter(index, analyzer, building=False)
