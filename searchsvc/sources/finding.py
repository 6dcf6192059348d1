"""Which files there are to read. Called by the indexer and the command line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from searchsvc.errors import SourceError
from searchsvc.sources.model import CORRECTIONS_SUFFIX, SourceFile


def find_sources(paths: Sequence[Path]) -> list[SourceFile]:
    """The files of the paths, folders walked in name order, hidden files left out.

    Names are unique: where two given folders hold the same one, the later has its folder before it.
    Raises SourceError for a path that does not exist or a folder that cannot be read.
    """
    if not paths:
        raise SourceError("source.none")
    files: dict[Path, SourceFile] = {}
    names: set[str] = set()
    for given in paths:
        for path in _walk(given):
            if path.resolve() in files:
                continue
            name = path.relative_to(given).as_posix() if given.is_dir() else path.name
            folder = given if given.is_dir() else given.parent
            name = _unique(name, folder.resolve(), names)
            names.add(name)
            files[path.resolve()] = SourceFile(path, name, path.stat().st_size)
    return list(files.values())


def _is_correction(path: Path) -> bool:
    """Whether a file corrects another, and is read with it."""
    return path.name.endswith(CORRECTIONS_SUFFIX)


def _unique(name: str, folder: Path, names: set[str]) -> str:
    while name in names and folder.name:
        name, folder = f"{folder.name}/{name}", folder.parent
    return name


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
            if not name.startswith(".") and not _is_correction(path) and path.is_file():
                yield path


def _refuse(error: OSError) -> None:
    raise SourceError("source.folder", path=error.filename, reason=error.strerror) from error
