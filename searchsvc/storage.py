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
