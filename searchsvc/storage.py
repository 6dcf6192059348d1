"""What the file system refuses, as this package's errors; and syncing. Called wherever index files
are written.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from searchsvc.errors import StorageError

_CODES = {
    errno.ENOSPC: "storage.full",
    errno.EDQUOT: "storage.full",
    errno.EROFS: "storage.read_only",
    errno.EACCES: "storage.read_only",
    errno.EPERM: "storage.read_only",
    errno.ENOTDIR: "storage.read_only",
    errno.EEXIST: "storage.read_only",
}


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


def write_whole(path: Path, content: str, mode: int = 0o644) -> None:
    """Writes a file so that it is there whole or not at all, also after a power cut.

    Raises StorageError.
    """
    temporary = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync(path.parent)
    except OSError as error:
        raise storage_error(error, path) from error
