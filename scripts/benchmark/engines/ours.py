"""searchsvc's own storage and evaluation of Whoosh queries: ``postings`` and ``evaluation``.

The fields are those of the other engines: words with positions in title and body, a day, a year.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from whoosh import fields

from benchmark.documents import Document
from benchmark.engines import Answer
from benchmark.engines.whoosh_queries import search
from benchmark.queries import Query
from searchsvc import __version__
from searchsvc.evaluation import ArraySearcher
from searchsvc.postings.batches import Batch
from searchsvc.postings.index import create_index, open_index
from searchsvc.postings.runs import Tokens
from searchsvc.postings.writer import BatchWriter


class OwnEngine:
    """See ``benchmark.engines.Engine``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def build(self, documents: Iterable[Document]) -> None:
        """Writes all documents in one commit."""
        self.write(schema(), map(field_values, documents))

    def write(self, schema: fields.Schema, documents: Iterable[dict[str, Any]]) -> None:
        """Writes documents given as the values of their fields."""
        writer = BatchWriter(create_index(self._folder, schema))
        for values in documents:
            writer.add_document(**values)
        writer.commit()

    def write_batches(self, schema: fields.Schema, batches: Iterable[Batch]) -> None:
        """Writes documents given as columns."""
        writer = BatchWriter(create_index(self._folder, schema))
        for batch in batches:
            writer.add_batch(batch)
        writer.commit()

    def open(self) -> str:
        """Opens the index."""
        index = open_index(self._folder, schema())
        self._searcher = ArraySearcher(index.reader(), fromindex=index)
        kernels = "compiled" if "numba" in sys.modules else "NumPy alone"
        return f"searchsvc {__version__}, {kernels}, {len(self._searcher.segments)} segments"

    def search(self, query: Query) -> Answer:
        """Answers a query."""
        return search(self._searcher, query)


def schema() -> fields.Schema:
    """The fields that the other engines have."""
    return fields.Schema(
        title=fields.TEXT(),
        body=fields.TEXT(),
        day=fields.NUMERIC(int, sortable=True, shift_step=0),
        year=fields.ID(sortable=True),
        record=fields.STORED(),
    )


def field_values(document: Document) -> dict[str, Any]:
    """A document as the values of these fields."""
    return {
        "title": _tokens(document.title_words),
        "body": _tokens(document.body_words),
        "day": document.day,
        "year": {str(document.year): 1},
        "record": f"{document.title}\n{document.body}".encode(),
    }


def _tokens(words: list[str]) -> Tokens:
    return Tokens(words, np.arange(len(words), dtype=np.uint32))


def create(folder: Path) -> OwnEngine:
    """The engine on a folder."""
    return OwnEngine(folder)
