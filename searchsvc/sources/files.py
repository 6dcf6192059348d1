"""Which files there are to read, and which reader reads each. Called by the indexer."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from searchsvc.articles import Article
from searchsvc.errors import SourceError
from searchsvc.sources.model import Consumed, Reject, SourceFile
from searchsvc.sources.page_text import read_page_text
from searchsvc.sources.records import read_records

READERS = {
    ".txt": read_page_text,
    ".jsonl": read_records,
    ".ndjson": read_records,
    ".jsonl.xz": read_records,
    ".jsonl.gz": read_records,
    ".ndjson.xz": read_records,
    ".ndjson.gz": read_records,
}
"""The reader of each file-name ending."""

_CHUNK_BYTES = 1 << 20


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


def read_source(file: SourceFile, consumed: Consumed) -> Iterator[Article | Reject]:
    """The articles of a file and its rejects, streaming. Raises nothing for bad content."""
    reader = READERS.get(_ending(file.path))
    if reader is None:
        consumed(file.size_bytes)
        error = SourceError("source.unknown_format", known=" ".join(READERS))
        yield Reject(file.name, None, error)
        return
    try:
        yield from reader(file, consumed)
    except OSError as error:
        reason = SourceError("source.unreadable", reason=error.strerror or error)
        yield Reject(file.name, None, reason)


def sources_checksum(files: Iterable[SourceFile]) -> str:
    """A SHA-256 over the names and contents of files, in their order."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0{file.size_bytes}\0".encode("utf-8", "surrogateescape"))
        try:
            with file.path.open("rb") as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    digest.update(chunk)
        except OSError:  # reading it will be a reject, now and after the reindex
            digest.update(b"unreadable")
    return digest.hexdigest()


def _ending(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = suffixes[-1:] in ([".xz"], [".gz"])
    return "".join(suffixes[-2:] if packed else suffixes[-1:])


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
