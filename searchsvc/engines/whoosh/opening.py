"""Opening a Whoosh index for reading, and asking for its newest version. Called by the service."""

from __future__ import annotations

from pathlib import Path

from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from searchsvc.analysis import Analyzer
from searchsvc.engines.whoosh.engine import WhooshEngine
from searchsvc.engines.whoosh.errors import opening_errors
from searchsvc.engines.whoosh.layout import whoosh_schema
from searchsvc.errors import IndexDamagedError
from searchsvc.evaluation import ArraySearcher
from searchsvc.ranking import RANKING, Ranking

_INDEX_NAME = "MAIN"


def open_engine(folder: Path, analyzer: Analyzer, ranking: Ranking = RANKING) -> WhooshEngine:
    """Opens the newest commit in ``folder``.

    Raises IndexDamagedError where a file is missing or unreadable. A commit that deletes the
    segments between reading their list and opening them only makes it try again.
    """
    storage = FileStorage(str(folder), readonly=True)
    while True:
        version = newest_version(folder)
        try:
            with opening_errors(folder):
                index = storage.open_index(schema=whoosh_schema())
                reader = index.reader()
                searcher = ArraySearcher(reader, fromindex=index)
                return WhooshEngine(searcher, str(reader.generation()), folder, analyzer, ranking)
        except IndexDamagedError:
            if newest_version(folder) == version:
                raise


def newest_version(folder: Path) -> str:
    """The number of the newest commit in ``folder``; cheap enough to ask before every search."""
    with opening_errors(folder):
        return str(TOC._latest_generation(FileStorage(str(folder), readonly=True), _INDEX_NAME))
