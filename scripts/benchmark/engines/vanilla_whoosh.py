"""Whoosh 2.7.4 as it comes: its own codec, writer, matchers and collectors.

As its documentation advises for speed: a large memory limit while indexing, sortable columns for
dates and years, the date range as a filter. Words come cut: Whoosh takes a list for a text.
BM25F's k1 = 1.2 and b = 0.75 are Whoosh's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import whoosh
from whoosh import fields, index, query, sorting

from benchmark.documents import Document
from benchmark.engines import TITLE_WEIGHT, TOP, Answer
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

    def search(self, asked: Query) -> Answer:
        """Top documents, then the count, which Whoosh makes by a second, unscored pass."""
        options: dict[str, object] = {}
        if asked.days:
            options["filter"] = query.NumericRange("day", *asked.days)
        if asked.by_year:
            options["groupedby"] = sorting.FieldFacet("year", maptype=sorting.Count)
        if asked.newest_first:
            options["sortedby"] = sorting.FieldFacet("day", reverse=True)
        results = self._searcher.search(_tree(asked), limit=TOP, **options)
        years = dict(results.groups("year")) if asked.by_year else {}
        top = [number for number, _ in results.items()][:TOP]  # with groups, Whoosh gives all hits
        return Answer(len(results), top, years)


def _tree(asked: Query) -> query.Query:
    if asked.match == "phrase":
        tree = query.Phrase("body", list(asked.words))
    elif asked.match == "prefix":
        tree = query.Prefix("body", asked.words[0])
    elif len(asked.words) == 1:
        tree = _word(asked, asked.words[0])
    else:
        joined = query.And if asked.match == "all" else query.Or
        tree = joined([_word(asked, word) for word in asked.words])
    if asked.without:  # AndNot of Whoosh 2.7.4 lets some documents pass
        return query.And([tree, query.Not(query.Term("body", asked.without))])
    return tree


def _word(asked: Query, word: str) -> query.Query:
    body = query.Term("body", word)
    if not asked.with_title:
        return body
    return query.Or([query.Term("title", word, boost=TITLE_WEIGHT), body])


def create(folder: Path) -> VanillaEngine:
    """The engine on a folder."""
    return VanillaEngine(folder)
