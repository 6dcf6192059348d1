"""A Whoosh index whose commits are small checked JSON files, so that nothing is ever unpickled.

``commit.<number>.json`` names the files of a version: its segments with their seals, and, under
``beside``, whatever else the writer's caller says that belongs to it (JSON that is not looked at
here). The schema is the program's own; the commit keeps the names of its fields. Whoosh's own TOC
pickles schema and segments and is neither read nor written. Used by the writer and by engines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from whoosh import versionstring
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import EmptyIndexError, FileIndex

from searchsvc.errors import IndexDamagedError
from searchsvc.postings.codec import ArraySegment
from searchsvc.storage import from_sealed_json, publish_file, to_sealed_json

INDEX_NAME: Final = "MAIN"
_NAME = re.compile(r"commit\.([0-9]+)\.json", re.ASCII)
_OF_COMMITS = re.compile(rf"commit\.|{INDEX_NAME}_\w+\.")
"""What the names of files begin with that a commit may leave behind."""


@dataclass(frozen=True, slots=True)
class Commit:
    """A version of the index. The names are those of Whoosh's TOC, which it stands for."""

    schema: Schema
    segments: list[ArraySegment]
    generation: int
    beside: Mapping[str, Any] = field(default_factory=dict)
    release: str = versionstring()
    version: int = 0


class ArrayIndex(FileIndex):  # type: ignore[misc]
    """An index in a folder; made by ``create_index`` and ``open_index``."""

    def __init__(self, folder: Path, schema: Schema) -> None:
        """Raises EmptyIndexError where there is no commit, and IndexDamagedError."""
        self.storage = FileStorage(str(folder))
        self.indexname = INDEX_NAME
        self.folder = folder
        self._schema = schema
        self._read_toc()

    def latest_generation(self) -> int:
        """The number of the newest commit, -1 where there is none."""
        return newest_commit(self.folder)

    def reader_of(self, commit: Commit) -> Any:
        """A reader of a commit. Raises IndexDamagedError where its files are not there or not whole."""
        return self._reader(self.storage, self._schema, commit.segments, commit.generation)

    def _read_toc(self) -> Commit:
        return read_commit(self.folder, self._schema)

    def _current_schema(self) -> Schema:
        return self._schema


def create_index(folder: Path, schema: Schema) -> ArrayIndex:
    """A new index in an existing folder without one. Raises OSError."""
    write_commit(folder, Commit(schema, [], 0))
    return ArrayIndex(folder, schema)


def open_index(folder: Path, schema: Schema) -> ArrayIndex:
    """The index in a folder. Raises EmptyIndexError and IndexDamagedError."""
    return ArrayIndex(folder, schema)


def newest_commit(folder: Path) -> int:
    """The number of the newest commit, -1 where there is none. Raises OSError."""
    found = (_NAME.fullmatch(path.name) for path in folder.iterdir())
    return max((int(match[1]) for match in found if match), default=-1)


def commit_path(folder: Path, number: int) -> Path:
    """The file of a commit."""
    return folder / f"commit.{number}.json"


def read_commit(folder: Path, schema: Schema, number: int | None = None) -> Commit:
    """A commit, the newest unless a number is given.

    Raises EmptyIndexError where there is none, IndexDamagedError, and OSError.
    """
    number = newest_commit(folder) if number is None else number
    if number < 0:
        raise EmptyIndexError(f"no commit in {folder}")
    path = commit_path(folder, number)
    try:
        content = from_sealed_json(path.read_bytes())
        if content["commit"] != number:
            raise ValueError(f"the commit {content['commit']}")
        segments = [ArraySegment.from_entry(INDEX_NAME, entry) for entry in content["segments"]]
        beside = content["beside"]
    except (ValueError, KeyError, TypeError) as error:
        raise IndexDamagedError("index.damaged", path=path, reason=repr(error)) from error
    if content["fields"] != sorted(schema.names()):
        raise IndexDamagedError("index.damaged", path=path, reason="other fields")
    return Commit(schema, segments, number, beside)


def write_commit(folder: Path, commit: Commit) -> None:
    """Writes a commit, whole or not at all, after everything that it names.

    Raises OSError, and CommittedError where it is there all the same.
    """
    content = {
        "commit": commit.generation,
        "fields": sorted(commit.schema.names()),
        "segments": [segment.entry() for segment in commit.segments],
        "beside": commit.beside,
    }
    publish_file(commit_path(folder, commit.generation), to_sealed_json(content))


def file_names(commit: Commit) -> set[str]:
    """The names of all files of a commit in its folder, its own among them."""
    names = {name for segment in commit.segments for name in segment.file_names()}
    return {commit_path(Path(), commit.generation).name, *names}


def remove_unnamed(folder: Path, commit: Commit) -> None:
    """Removes what other commits, finished or not, left behind; what resists, at the next commit."""
    named = file_names(commit)
    with suppress(OSError):
        for path in folder.iterdir():
            if _OF_COMMITS.match(path.name) and path.name not in named:
                path.unlink(missing_ok=True)
