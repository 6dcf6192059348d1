"""Generations: whole indexes side by side in one folder, and the pointer to the current one.

::

    <index>/CURRENT                     id of the generation that is served
    <index>/PREVIOUS                    id of the one before it, kept for rollback
    <index>/write.lock                  held by the one process that writes
    <index>/generations/<id>/manifest.json   what was indexed and how; written last
    <index>/generations/<id>/data/      the engine's files
    <index>/generations/<id>/suggestions/    what is suggested while typing, and for slips

A build becomes current by an atomic, synced rename of ``CURRENT``, so that a crash at any instant
leaves the old state or the new one. A folder without manifest is an interrupted build and is
removed by the next writer. Called by the indexer (writes) and the service (reads).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from searchsvc.errors import IndexDamagedError, IndexLockedError, IndexMissingError, OperatorError
from searchsvc.schema import FORMAT_VERSION
from searchsvc.storage import storage_error, sync

CURRENT = "CURRENT"
PREVIOUS = "PREVIOUS"
MANIFEST = "manifest.json"


@contextmanager
def write_lock(index_dir: Path) -> Iterator[None]:
    """Holds the index's write lock; the system frees it when the process dies.

    Raises IndexLockedError at once if another process holds it.
    """
    try:
        index_dir.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index_dir / "write.lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise IndexLockedError("index.locked", path=index_dir) from error
    except OSError as error:
        raise storage_error(error, index_dir) from error
    try:
        yield
    finally:
        lock.release()


def begin_generation(index_dir: Path) -> Path:
    """The new, empty folder of a generation to build. The write lock must be held."""
    try:
        remove_leftovers(index_dir)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        folder = index_dir / "generations" / stamp
        data_folder(folder).mkdir(parents=True)
        return folder
    except OSError as error:
        raise storage_error(error, index_dir) from error


def publish_generation(index_dir: Path, folder: Path, manifest: dict[str, Any]) -> None:
    """Writes the manifest, then makes the generation current. The write lock must be held."""
    try:
        data = data_folder(folder)
        written = [path for path in sorted(data.iterdir()) if path.is_file()]
        for path in written:
            sync(path)
        sync(data)
        files = {path.name: path.stat().st_size for path in written}
        content = {"format_version": FORMAT_VERSION, **manifest, "files": files}
        _replace(folder / MANIFEST, json.dumps(content, ensure_ascii=False, indent=1))
        sync(folder.parent)
        replaced = _pointer(index_dir, CURRENT)
        if replaced:
            _replace(index_dir / PREVIOUS, replaced + "\n")
        _replace(index_dir / CURRENT, folder.name + "\n")
        remove_leftovers(index_dir)
    except OSError as error:
        raise storage_error(error, index_dir) from error


def current_generation(index_dir: Path) -> Path:
    """The folder of the current generation. Raises IndexMissingError or IndexDamagedError."""
    name = _pointer(index_dir, CURRENT)
    if name is None:
        raise IndexMissingError("index.missing", path=index_dir)
    return index_dir / "generations" / name


def switch_back(index_dir: Path) -> Path:
    """Makes the previous generation current (a second call undoes it), and gives its folder.

    The write lock must be held. Raises OperatorError where there is none.
    """
    previous, current = _pointer(index_dir, PREVIOUS), _pointer(index_dir, CURRENT)
    if previous is None or current is None:
        raise OperatorError("index.no_previous", path=index_dir)
    folder = index_dir / "generations" / previous
    read_manifest(folder)
    try:
        _replace(index_dir / CURRENT, previous + "\n")
        _replace(index_dir / PREVIOUS, current + "\n")
    except OSError as error:
        raise storage_error(error, index_dir) from error
    return folder


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a generation.

    Raises IndexDamagedError where it is missing, unreadable or of another format version.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        found = manifest["format_version"]
    except FileNotFoundError as error:
        raise IndexDamagedError("index.file_missing", path=folder / MANIFEST) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamagedError("index.damaged", path=folder, reason=repr(error)) from error
    if found != FORMAT_VERSION:
        raise IndexDamagedError("index.format", path=folder, found=found, expected=FORMAT_VERSION)
    check_files(folder, manifest)
    return dict(manifest)


def check_files(folder: Path, manifest: dict[str, Any]) -> None:
    """Holds the sizes of the files that the build wrote against the disk.

    Files that later commits replaced are no longer there and do not count; whether the commit's own
    files are there is checked by the engine. Raises IndexDamagedError.
    """
    for name, expected in manifest.get("files", {}).items():
        path = data_folder(folder) / name
        if path.exists() and (found := path.stat().st_size) != expected:
            raise IndexDamagedError("index.file_size", path=path, found=found, expected=expected)


def data_folder(folder: Path) -> Path:
    """Where a generation keeps the engine's files."""
    return folder / "data"


def suggestions_folder(folder: Path) -> Path:
    """Where a generation keeps its suggestions."""
    return folder / "suggestions"


def remove_leftovers(index_dir: Path) -> None:
    """Removes generations that are neither current nor previous. The write lock must be held."""
    kept = {_pointer(index_dir, CURRENT), _pointer(index_dir, PREVIOUS)}
    parent = index_dir / "generations"
    if parent.is_dir():
        for folder in parent.iterdir():
            if folder.name not in kept:
                shutil.rmtree(folder)


def _pointer(index_dir: Path, name: str) -> str | None:
    try:
        value = (index_dir / name).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamagedError("index.damaged", path=index_dir, reason=repr(error)) from error
    if not value.isalnum():
        raise IndexDamagedError("index.damaged", path=index_dir / name, reason=repr(value))
    return value


def _replace(path: Path, content: str) -> None:
    """Writes a file so that it is there whole or not at all, also after a power cut."""
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync(path.parent)
