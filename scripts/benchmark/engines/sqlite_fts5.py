"""SQLite's FTS5, through Python's own sqlite3.

As its documentation advises for speed: the index is merged by ``optimize``, hits are ordered by the
``rank`` column rather than by calling ``bm25``, and text lies outside of the index (a contentless
table, with a narrow table of dates beside it). Words come cut, separated by spaces; ``categories``
makes every other character part of a word. BM25's k1 = 1.2 and b = 0.75 are FTS5's own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from benchmark.documents import Document
from benchmark.engines import TITLE_WEIGHT, TOP, Answer
from benchmark.queries import Query

TABLES = """
PRAGMA journal_mode = OFF;
CREATE VIRTUAL TABLE words USING fts5(
    title, body, content='',
    tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'"
);
CREATE TABLE dates (number INTEGER PRIMARY KEY, day INTEGER, year INTEGER);
CREATE TABLE texts (number INTEGER PRIMARY KEY, title TEXT, body TEXT);
"""
MATCHING = "FROM words WHERE words MATCH ?"
DATED = "FROM words JOIN dates ON dates.number = words.rowid WHERE words MATCH ?"
BY_YEAR = f"SELECT dates.year, count(*) {DATED} GROUP BY dates.year"
RANK = f"bm25({TITLE_WEIGHT}, 1.0)"
CACHE_KIB = 64 * 1024


class Fts5Engine:
    """See ``benchmark.engines.Engine``."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "index.sqlite"

    def build(self, documents: Iterable[Document]) -> None:
        """Writes all documents in one transaction, then merges the index into one b-tree."""
        database = sqlite3.connect(self._path)
        database.executescript(TABLES)
        for document in documents:
            number = document.number
            title, body = " ".join(document.title_words), " ".join(document.body_words)
            database.execute("INSERT INTO words(rowid, title, body) VALUES (?, ?, ?)",
                             (number, title, body))  # fmt: skip
            database.execute("INSERT INTO dates VALUES (?, ?, ?)",
                             (number, document.day, document.year))  # fmt: skip
            database.execute("INSERT INTO texts VALUES (?, ?, ?)",
                             (number, document.title, document.body))  # fmt: skip
        database.execute("INSERT INTO words(words) VALUES ('optimize')")
        database.commit()
        database.close()

    def open(self) -> str:
        """Opens the database for reading, mapped into memory."""
        self._database = sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True)
        self._database.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._database.execute("PRAGMA mmap_size = 0x7fff0000")
        return f"SQLite {sqlite3.sqlite_version}"

    def search(self, query: Query) -> Answer:
        """The best with the count beside each, in one statement; a second one for the years."""
        ask = self._database.execute
        wanted: list[object] = [_expression(query)]
        matching = DATED if query.days or query.newest_first else MATCHING
        if query.days:
            matching += " AND dates.day BETWEEN ? AND ?"
            wanted += query.days
        order = "dates.day DESC" if query.newest_first else "rank"
        weighted = ""
        if query.with_title:
            weighted = "AND rank MATCH ?"
            wanted.append(RANK)
        statement = f"SELECT words.rowid, count(*) OVER () {matching} {weighted} ORDER BY {order} LIMIT {TOP}"
        best = ask(statement, wanted).fetchall()
        answer = Answer(best[0][1] if best else 0, [number for number, _ in best])
        if query.by_year:
            answer.years.update(ask(BY_YEAR, wanted))
        return answer


def _expression(query: Query) -> str:
    words = [_quoted(word) for word in query.words]
    if query.match == "phrase":
        main = " + ".join(words)
    elif query.match == "prefix":
        main = f"{words[0]} *"
    else:
        main = (" AND " if query.match == "all" else " OR ").join(words)
    if query.without:
        main = f"({main}) NOT {_quoted(query.without)}"
    return f"{{title body}} : ({main})" if query.with_title else f"body : ({main})"


def _quoted(word: str) -> str:
    return '"' + word.replace('"', '""') + '"'


def create(folder: Path) -> Fts5Engine:
    """The engine on a folder."""
    return Fts5Engine(folder)
