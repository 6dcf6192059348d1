"""Generations: whole indexes side by side in one folder, and the pointer to the current one.

::

    <index>/CURRENT                     ids of the generations that are kept, the served one first
    <index>/write.lock                  held by the one process that writes
    <index>/generations/<id>/manifest.json   what was indexed and how; written last
    <index>/generations/<id>/data/      the engine's files
    <index>/generations/<id>/suggestions/    what is suggested while typing, and for slips
    <index>/generations/<id>/sources.<n>.jsonl   the files that it was made of

A build becomes current by an atomic, synced rename of ``CURRENT``, so that a crash at any instant
leaves the old state or the new one. A folder that ``CURRENT`` does not name is an interrupted build,
or one too old, and is removed by the next writer. DURABILITY.md says what is promised and how it is
tested. Called by the indexer (writes) and the service (reads).
"""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from searchsvc.errors import IndexDamagedError, IndexLockedError, IndexMissingError, OperatorError
from searchsvc.schema import FORMAT_VERSION
from searchsvc.storage import (
    from_sealed_json,
    make_folder,
    publish_file,
    replace_file,
    storage_error,
    sync,
    to_sealed_json,
)

CURRENT = "CURRENT"
MANIFEST = "manifest.json"
KEPT: Final = 2
"""Generations that are kept unless a setting says otherwise: the served one, and that before it."""

LAST_UNSEALED_FORMAT: Final = 4
"""The newest format whose pointer had no checksum."""


@contextmanager
def write_lock(index_dir: Path) -> Iterator[None]:
    """Holds the index's write lock; the system frees it when the process dies.

    Raises IndexLockedError at once if another process holds it.
    """
    try:
        make_folder(index_dir)
        lock = FileLock(index_dir / "write.lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise IndexLockedError("index.locked", path=index_dir) from error
    except OSError as error:
        raise storage_error(error, index_dir) from error
    try:
        _confirm(index_dir)
        yield
    finally:
        lock.release()


def _confirm(index_dir: Path) -> None:
    """Makes the newest state last, should the writer before have failed to; only then may what came
    before it be removed. Raises StorageError.
    """
    try:
        sync(index_dir)
        with suppress(IndexMissingError, IndexDamagedError, FileNotFoundError):
            sync(data_folder(current_generation(index_dir)))
    except OSError as error:
        raise storage_error(error, index_dir) from error


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


def publish_generation(
    index_dir: Path, folder: Path, manifest: dict[str, Any], kept: int = KEPT
) -> None:
    """Writes the manifest, then makes the generation current. The write lock must be held.

    Whatever else lies in the folder was synced by who wrote it. ``kept`` generations stay.
    """
    try:
        content = {"format_version": FORMAT_VERSION, **manifest}
        replace_file(folder / MANIFEST, to_sealed_json(content))
    except OSError as error:
        raise storage_error(error, index_dir) from error
    make_current(index_dir, folder, kept)


def make_current(index_dir: Path, folder: Path, kept: int = KEPT) -> None:
    """Makes a whole generation, whose files are synced, the one that is served.

    Raises StorageError, and CommittedError where it is served all the same.
    """
    try:
        sync(folder)
        sync(folder.parent)
        sync(index_dir)
        former = [name for name in _former_ids(index_dir) if name != folder.name]
        _write_pointer(index_dir, [folder.name, *former][: max(1, kept)])
        remove_leftovers(index_dir)
    except OSError as error:
        raise storage_error(error, index_dir) from error


def discard_generation(index_dir: Path, folder: Path) -> None:
    """Removes a generation whose build failed, unless it was published all the same."""
    if folder.name not in _kept_ids(index_dir)[0]:
        shutil.rmtree(folder, ignore_errors=True)


def current_generation(index_dir: Path) -> Path:
    """The folder of the current generation. Raises IndexMissingError or IndexDamagedError."""
    names, sealed = _kept_ids(index_dir)
    if not names:
        raise IndexMissingError("index.missing", path=index_dir)
    if not sealed:
        raise IndexDamagedError(
            "index.format", path=index_dir, found=LAST_UNSEALED_FORMAT, expected=FORMAT_VERSION
        )
    return index_dir / "generations" / names[0]


def kept_generations(index_dir: Path) -> list[Path]:
    """The folders of all generations that are kept, the current one first; empty without index.

    Raises IndexDamagedError.
    """
    return [index_dir / "generations" / name for name in _kept_ids(index_dir)[0]]


def switch_back(index_dir: Path) -> Path:
    """Makes the previous generation current (a second call undoes it), and gives its folder.

    The write lock must be held. Raises OperatorError where there is none.
    """
    names, _ = _kept_ids(index_dir)
    if len(names) < 2:
        raise OperatorError("index.no_previous", path=index_dir)
    current, previous, *older = names
    folder = index_dir / "generations" / previous
    read_manifest(folder)
    try:
        _write_pointer(index_dir, [previous, current, *older])
    except OSError as error:
        raise storage_error(error, index_dir) from error
    return folder


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a generation.

    Raises IndexDamagedError where it is missing, unreadable, altered or of another format version.
    """
    path = folder / MANIFEST
    try:
        content = path.read_bytes()
        try:
            manifest, reason = from_sealed_json(content), None
        except ValueError as error:
            manifest, reason = json.loads(content), error
        found = manifest["format_version"]
    except FileNotFoundError as error:
        raise IndexDamagedError("index.file_missing", path=path) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamagedError("index.damaged", path=folder, reason=repr(error)) from error
    if found != FORMAT_VERSION:
        raise IndexDamagedError("index.format", path=folder, found=found, expected=FORMAT_VERSION)
    if reason is not None:
        raise IndexDamagedError("index.file_damaged", path=path, part="checksum") from reason
    return manifest


def data_folder(folder: Path) -> Path:
    """Where a generation keeps the engine's files."""
    return folder / "data"


def remove_leftovers(index_dir: Path) -> None:
    """Removes generations that are not kept. The write lock must be held.

    What resists goes with the next writer.
    """
    kept = _former_ids(index_dir)
    with suppress(OSError):
        for folder in (index_dir / "generations").iterdir():
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)


def _kept_ids(index_dir: Path) -> tuple[list[str], bool]:
    """The ids in ``CURRENT``, and whether a checksum seals them, as in all formats from 5 on.

    Raises IndexDamagedError.
    """
    path = index_dir / CURRENT
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return [], True
    except OSError as error:
        raise IndexDamagedError("index.damaged", path=index_dir, reason=repr(error)) from error
    *names, check = content.decode("ascii", "replace").removesuffix("\n").split("\n")
    sealed = bool(names)
    names = names if sealed else [check]
    expected = _pointer(names) if sealed else f"{check}\n".encode("ascii", "replace")
    if content != expected or not all(name.isalnum() for name in names):
        raise IndexDamagedError("index.damaged", path=path, reason=repr(content[:100]))
    return names, sealed


def _former_ids(index_dir: Path) -> list[str]:
    """The ids in ``CURRENT``; where it is lost or damaged, all whole generations, newest first."""
    try:
        names, _ = _kept_ids(index_dir)
    except IndexDamagedError:
        names = []
    if not names:
        whole = (index_dir / "generations").glob(f"*/{MANIFEST}")
        names = sorted((path.parent.name for path in whole), reverse=True)
    return names


def _write_pointer(index_dir: Path, names: Sequence[str]) -> None:
    publish_file(index_dir / CURRENT, _pointer(names))


def _pointer(names: Sequence[str]) -> bytes:
    """An id a line, then the CRC-32 of these lines."""
    lines = "".join(f"{name}\n" for name in names).encode("ascii", "replace")
    return lines + f"{zlib.crc32(lines):08x}\n".encode()
