"""Xapian, through Debian's python3-xapian.

As its documentation advises for speed: a large flush threshold while indexing, a compacted database
to search in, dates and years in value slots (ranges, sorting and counting by slot), and boolean
weights where the order does not hang on scores. Words come cut, so that they are added one by one
with their positions; words of the title have the prefix ``S``. Xapian has one length per document,
not per field, so its BM25 cannot be quite the others'.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import xapian

from benchmark.documents import Document, year_of
from benchmark.engines import K1, TITLE_WEIGHT, TOP, Answer, B
from benchmark.queries import Query

FLUSH_DOCUMENTS = "100000"
DAY, YEAR = 0, 1
TITLE = "S"
MAX_TERM_BYTES = 245


class XapianEngine:
    """See ``benchmark.engines.Engine``. A document's id is its number plus one."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "database"

    def build(self, documents: Iterable[Document]) -> None:
        """Writes all documents, then compacts."""
        os.environ["XAPIAN_FLUSH_THRESHOLD"] = FLUSH_DOCUMENTS
        loose = self._path.with_name("loose")
        database = xapian.WritableDatabase(str(loose), xapian.DB_CREATE_OR_OVERWRITE)
        for document in documents:
            database.add_document(_entry(document))
        database.commit()
        database.compact(str(self._path))
        database.close()
        shutil.rmtree(loose)

    def open(self) -> str:
        """Opens the compacted database."""
        self._database = xapian.Database(str(self._path))
        self._enquire = xapian.Enquire(self._database)
        self._by_score = xapian.BM25Weight(K1, 0, 1, B, 0.0)
        self._unscored = xapian.BoolWeight()
        return f"Xapian {xapian.version_string()}"

    def search(self, query: Query) -> Answer:
        """One match over all documents, so that the count is exact."""
        enquire = self._enquire
        enquire.set_query(_tree(query))
        if query.newest_first:
            enquire.set_weighting_scheme(self._unscored)
            enquire.set_sort_by_value(DAY, True)
        else:
            enquire.set_weighting_scheme(self._by_score)
            enquire.set_sort_by_relevance()
        years = xapian.ValueCountMatchSpy(YEAR)
        if query.by_year:
            enquire.add_matchspy(years)
        matches = enquire.get_mset(0, TOP, self._database.get_doccount())
        answer = Answer(matches.get_matches_estimated(), [m.docid - 1 for m in matches])
        if query.by_year:
            enquire.clear_matchspies()
            answer.years.update({int(v.term): v.termfreq for v in years.values()})
        return answer


def _entry(document: Document) -> xapian.Document:
    entry = xapian.Document()
    for position, word in enumerate(document.title_words, 1):
        entry.add_posting(_term(TITLE + word), position)
    for position, word in enumerate(document.body_words, 1):
        entry.add_posting(_term(word), position)
    entry.add_value(DAY, _day(document.day))
    entry.add_value(YEAR, str(year_of(document.day)))
    entry.set_data(f"{document.title}\n{document.body}")
    return entry


def _tree(query: Query) -> xapian.Query:
    if query.match == "prefix":
        no_limit = (0, xapian.Query.WILDCARD_LIMIT_ERROR)
        tree = xapian.Query(xapian.Query.OP_WILDCARD, query.words[0], *no_limit)
    elif query.match == "phrase":
        terms = [_term(word) for word in query.words]
        tree = xapian.Query(xapian.Query.OP_PHRASE, terms, len(terms))
    else:
        joined = xapian.Query.OP_AND if query.match == "all" else xapian.Query.OP_OR
        tree = xapian.Query(joined, [_word(query, word) for word in query.words])
    if query.without:
        tree = xapian.Query(xapian.Query.OP_AND_NOT, tree, xapian.Query(_term(query.without)))
    if query.days:
        low, high = map(_day, query.days)
        days = xapian.Query(xapian.Query.OP_VALUE_RANGE, DAY, low, high)
        tree = xapian.Query(xapian.Query.OP_FILTER, tree, days)
    return tree


def _word(query: Query, word: str) -> xapian.Query:
    body = xapian.Query(_term(word))
    if not query.with_title:
        return body
    title = xapian.Query(xapian.Query.OP_SCALE_WEIGHT, xapian.Query(_term(TITLE + word)),
                         TITLE_WEIGHT)  # fmt: skip
    return xapian.Query(xapian.Query.OP_OR, title, body)


def _term(word: str) -> bytes:
    return word.encode()[:MAX_TERM_BYTES]


def _day(day: int) -> str:
    """A day as a text that sorts as the days do."""
    return f"{max(day, 0):07d}"


def create(folder: Path) -> XapianEngine:
    """The engine on a folder."""
    return XapianEngine(folder)
