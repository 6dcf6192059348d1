"""Which files there are to read, and their checksums. Called by the indexer and the command line."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from searchsvc.errors import SourceError
from searchsvc.sources.model import SourceFile


def find_sources(paths: Sequence[Path]) -> list[SourceFile]:
    """The files of the paths, folders walked in name order, hidden files left out.

    Raises SourceError for a path that does not exist or a folder that cannot be read.
    """
    if not paths:
        raise SourceError("source.none")
    files: dict[Path, SourceFile] = {}
    for given in paths:
        for path in _walk(given):
            name = path.relative_to(given).as_posix() if given.is_dir() else path.name
            size_bytes = path.stat().st_size
            files.setdefault(path.resolve(), SourceFile(path, name, size_bytes))
    return list(files.values())


def sources_checksum(files: Iterable[SourceFile]) -> str:
    """A SHA-256 over the names and contents of files, in their order."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0{file_checksum(file)}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def file_checksum(file: SourceFile) -> str:
    """The SHA-256 of a file's content; ``unreadable`` where it cannot be read."""
    try:
        with file.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:  # reading it will be a reject, now and later
        return "unreadable"


def _walk(given: Path) -> Iterator[Path]:
    if given.is_file():
        yield given
        return
    if not given.is_dir():
        raise SourceError("source.missing", path=given)
    for folder, subfolders, names in os.walk(given, onerror=_refuse):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if not name.startswith(".") and path.is_file():
                yield path


def _refuse(error: OSError) -> None:
    raise SourceError("source.folder", path=error.filename, reason=error.strerror) from error
