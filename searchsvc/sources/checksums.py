"""What a source file's articles were made of: a checksum over the file and those that describe it.

``stamp`` is cheap and tells that nothing can have changed; ``file_checksum`` reads the bytes.
"""

from __future__ import annotations

import hashlib
import time
from functools import lru_cache
from pathlib import Path
from typing import Final

from searchsvc.sources.files import mets_paths
from searchsvc.sources.model import CORRECTIONS_SUFFIX, SourceFile

UNREADABLE: Final = "unreadable"
RACY_S = 2.0
"""A file that changed so shortly ago may change again within its time stamp's resolution."""


def stamp(file: SourceFile) -> str:
    """Sizes and times of a file and its companions; empty where they cannot be relied on yet."""
    parts = []
    for path in (file.path, *_companions(file)):
        try:
            status = path.stat()
        except OSError:
            return ""
        if status.st_mtime > time.time() - RACY_S:
            return ""
        parts.append(f"{path.name}:{status.st_size}:{status.st_mtime_ns}:{status.st_ino}")
    return "|".join(parts)


def file_checksum(file: SourceFile) -> str:
    """The SHA-256 of a file's content and that of its companions, or ``UNREADABLE``."""
    try:
        digests = [_digest(file.path)]
        for path in _companions(file):
            status = path.stat()
            digests.append(_companion_digest(path, status.st_size, status.st_mtime_ns))
    except OSError:  # reading it will be a reject, now and later
        return UNREADABLE
    return (
        digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()
    )


def _companions(file: SourceFile) -> tuple[Path, ...]:
    """The files beside it that its articles depend on, too."""
    is_page = file.path.suffix.lower() == ".xml" and "mets" not in file.path.name.lower()
    corrections = file.path.with_name(file.path.name + CORRECTIONS_SUFFIX)
    found = (corrections,) if corrections.is_file() else ()
    return (*found, *mets_paths(file)) if is_page else found


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@lru_cache(maxsize=8)
def _companion_digest(path: Path, _size_bytes: int, _mtime_ns: int) -> str:
    """Cached, since one METS file describes many pages."""
    return _digest(path)
