"""Whoosh 2.7.4 as it comes: its own codec, writer, matchers and collectors.

As its documentation advises for speed: a large memory limit while indexing, sortable columns for
dates and years, the date range as a filter. Words come cut: Whoosh takes a list for a text. The
count takes Whoosh a second, unscored pass. BM25F's k1 = 1.2 and b = 0.75 are Whoosh's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import whoosh
from whoosh import fields, index

from benchmark.documents import Document
from benchmark.engines import Answer
from benchmark.engines.whoosh_queries import search
from benchmark.queries import Query

LIMIT_MB = 1_024


class VanillaEngine:
    """See ``benchmark.engines.Engine``. One commit makes one segment in the order given."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)

    def build(self, documents: Iterable[Document]) -> None:
        """Writes all documents."""
        schema = fields.Schema(
            title=fields.TEXT(stored=True),
            body=fields.TEXT(stored=True),
            day=fields.NUMERIC(int, sortable=True),
            year=fields.NUMERIC(int, sortable=True),
        )
        writer = index.create_in(self._folder, schema).writer(limitmb=LIMIT_MB)
        for document in documents:
            writer.add_document(
                title=document.title_words,
                body=document.body_words,
                day=document.day,
                year=document.year,
                _stored_title=document.title,
                _stored_body=document.body,
            )
        writer.commit()

    def open(self) -> str:
        """Opens the index."""
        self._searcher = index.open_dir(self._folder, readonly=True).searcher()
        segments = len(self._searcher.leafreaders or [self._searcher])
        return f"Whoosh {whoosh.versionstring()}, {segments} segments"

    def search(self, query: Query) -> Answer:
        """Answers a query."""
        return search(self._searcher, query)


def create(folder: Path) -> VanillaEngine:
    """The engine on a folder."""
    return VanillaEngine(folder)
