"""Files that outlast a power cut: written aside, synced, renamed, known by a checksum.

Called wherever index files are written. What the file system refuses becomes this package's error.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from searchsvc.errors import CommittedError, IndexDamagedError, StorageError

_CODES = {
    errno.ENOSPC: "storage.full",
    errno.EDQUOT: "storage.full",
    errno.EROFS: "storage.read_only",
    errno.EACCES: "storage.read_only",
    errno.EPERM: "storage.read_only",
    errno.ENOTDIR: "storage.read_only",
    errno.EEXIST: "storage.read_only",
}
_CHUNK_BYTES: Final = 1 << 20
_CHECKSUM: Final = "checksum"


@dataclass(frozen=True, slots=True)
class Seal:
    """What a file was when its writer closed it: its size, and a CRC-32.

    The checksum is of the whole content, but for a container (``postings.container``): there it is
    of the directory, which holds the checksums of everything else.
    """

    size_bytes: int
    checksum: int


def storage_error(error: OSError, path: object) -> StorageError:
    """The storage error for what the system refused at ``path``."""
    code = _CODES.get(error.errno or 0, "storage.failed")
    return StorageError(code, path=error.filename or path, reason=error.strerror or error)


def sync(path: Path) -> None:
    """Makes a file's content, or a folder's list of names, outlast a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(path: Path) -> None:
    """Makes a folder, and those above it, so that they outlast a power cut. Raises OSError."""
    missing = []
    while not path.is_dir():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        folder.mkdir(exist_ok=True)
        sync(folder.parent)


def write_whole(path: Path, content: str, mode: int = 0o644) -> None:
    """``replace_file`` of a text in UTF-8. Raises StorageError."""
    try:
        replace_file(path, content.encode(), mode)
    except OSError as error:
        raise storage_error(error, path) from error


def replace_file(
    path: Path, content: bytes | Callable[[BinaryIO], None], mode: int = 0o666
) -> None:
    """Writes a file so that it is there whole or not at all, also after a power cut.

    ``content`` may be what writes it to a stream; ``mode`` is that of a new file. Raises OSError.
    """
    _write_aside(path, content, mode).replace(path)
    sync(path.parent)


def publish_file(path: Path, content: bytes) -> None:
    """``replace_file`` of what makes a change current.

    Raises OSError where the file is not in its place, CommittedError where it is.
    """
    _write_aside(path, content).replace(path)
    with confirming(path):
        sync(path.parent)


@contextmanager
def confirming(path: Path) -> Iterator[None]:
    """While the disk is asked to keep what is in its place. Raises CommittedError where it fails.

    A power cut may then still undo it, so that nothing may be removed that was needed before.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise CommittedError("committed.unconfirmed", path=path, reason=reason) from error


def _write_aside(
    path: Path, content: bytes | Callable[[BinaryIO], None], mode: int = 0o666
) -> Path:
    """Writes and syncs a file beside the path, and gives its path. Raises OSError."""
    aside = path.with_name(path.name + ".new")
    with open(aside, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        if callable(content):
            content(file)
        else:
            file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return aside


def copy_synced(source: BinaryIO, path: Path) -> None:
    """Copies an open file to a new one. Raises OSError."""
    with path.open("xb") as file:
        shutil.copyfileobj(source, file, _CHUNK_BYTES)
        file.flush()
        os.fsync(file.fileno())


def check_space(folder: Path, needed_bytes: int) -> None:
    """Raises StorageError where the disk of an existing folder has less room than is needed."""
    free = shutil.disk_usage(folder).free
    if free < needed_bytes:
        raise StorageError(
            "storage.no_room", path=folder, needed=_megabytes(needed_bytes), free=_megabytes(free)
        )


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.0f} MB"


def seal_of(path: Path) -> Seal:
    """The seal of a file by its whole content. Raises OSError."""
    size = check = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            size += len(chunk)
            check = zlib.crc32(chunk, check)
    return Seal(size, check)


def check_seal(path: Path, seal: Seal) -> None:
    """Holds a file's whole content against its seal. Raises IndexDamagedError."""
    try:
        found = seal_of(path)
    except FileNotFoundError as error:
        raise IndexDamagedError("index.file_missing", path=path) from error
    except OSError as error:
        raise IndexDamagedError("index.damaged", path=path, reason=repr(error)) from error
    if found.size_bytes != seal.size_bytes:
        raise IndexDamagedError(
            "index.file_size", path=path, found=found.size_bytes, expected=seal.size_bytes
        )
    if found != seal:
        raise IndexDamagedError("index.file_damaged", path=path, part="checksum")


def to_sealed_json(content: Mapping[str, Any]) -> bytes:
    """JSON with a checksum of itself as its last member."""
    check = f"{zlib.crc32(_json(content)):08x}"
    return _json({**content, _CHECKSUM: check})


def from_sealed_json(content: bytes) -> dict[str, Any]:
    """What ``to_sealed_json`` was given. Raises ValueError where a single byte is another."""
    found = json.loads(content)
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    found.pop(_CHECKSUM, None)
    if to_sealed_json(found) != content:
        raise ValueError("checksum")
    return found


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode(
        "utf-8", "surrogatepass"
    )
