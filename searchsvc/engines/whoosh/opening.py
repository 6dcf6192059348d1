"""Opening a Whoosh index for reading, and asking for its newest version. Called by the service."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from searchsvc.analysis import Analyzer
from searchsvc.engines.whoosh.engine import WhooshEngine
from searchsvc.engines.whoosh.errors import opening_errors
from searchsvc.engines.whoosh.layout import REPRINTS, SIDE_FILES, whoosh_schema
from searchsvc.errors import IndexDamagedError
from searchsvc.evaluation import ArraySearcher
from searchsvc.postings.index import commit_path, newest_commit, open_index, read_commit
from searchsvc.ranking import RANKING, Ranking
from searchsvc.reprints import reprint_files
from searchsvc.storage import Seal, seal_of


def open_engine(folder: Path, analyzer: Analyzer, ranking: Ranking = RANKING) -> WhooshEngine:
    """Opens the newest commit in ``folder``.

    Raises IndexDamagedError where a file is missing or unreadable. A commit that deletes the
    segments between reading their list and opening them only makes it try again.
    """
    while True:
        version = newest_version(folder)
        try:
            with opening_errors(folder):
                index = open_index(folder, whoosh_schema())
                commit = read_commit(folder, index.schema)
                reader = index.reader_of(commit)
                searcher = ArraySearcher(reader, fromindex=index)
                number = str(commit.generation)
                return WhooshEngine(searcher, number, folder, analyzer, ranking, commit.beside)
        except IndexDamagedError:
            if newest_version(folder) == version:
                raise


def newest_version(folder: Path) -> str:
    """The number of the newest commit in ``folder``; cheap enough to ask before every search."""
    with opening_errors(folder):
        return str(newest_commit(folder))


def newest_side_files(folder: Path) -> Mapping[str, Any]:
    """What the writer's caller gave to the newest commit. Raises IndexDamagedError."""
    with opening_errors(folder):
        found: Mapping[str, Any] = read_commit(folder, whoosh_schema()).beside.get(SIDE_FILES, {})
        return found


def committed_files(folder: Path) -> tuple[dict[Path, Seal], Mapping[str, Any]]:
    """All files of the newest commit, each with its seal, the commit's own file last.

    Side files are not among them: what the writer's caller gave to the same commit comes second.
    Raises IndexDamagedError.
    """
    with opening_errors(folder):
        commit = read_commit(folder, whoosh_schema())
        files = {}
        for segment in commit.segments:
            files[segment.path(folder)] = segment.seal()
            for name in segment.file_names():
                if (path := folder / name) not in files:
                    files[path] = seal_of(path)
        if reprints := commit.beside.get(REPRINTS):
            files.update(reprint_files(folder, reprints))
        path = commit_path(folder, commit.generation)
        return {**files, path: seal_of(path)}, commit.beside.get(SIDE_FILES, {})
