"""Turns what Whoosh and the file system raise into errors that name folder and remedy.

Three boundaries: opening an index, where anything odd means damage; reading it, where a mistake of
this program must stay visible as such; and writing it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from whoosh.index import IndexError as WhooshIndexError
from whoosh.writing import LockError

from searchsvc.errors import IndexDamagedError, IndexLockedError
from searchsvc.storage import storage_error

_UNREADABLE = (OSError, EOFError, struct.error, zlib.error)
_UNOPENABLE = (
    *_UNREADABLE,
    WhooshIndexError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)


@contextmanager
def opening_errors(folder: object) -> Iterator[None]:
    """While an index is opened."""
    try:
        yield
    except FileNotFoundError as error:
        raise IndexDamagedError("index.file_missing", path=error.filename or folder) from error
    except _UNOPENABLE as error:
        raise IndexDamagedError("index.damaged", path=folder, reason=repr(error)) from error


@contextmanager
def reading_errors(folder: object) -> Iterator[None]:
    """While an open index is read."""
    try:
        yield
    except _UNREADABLE as error:
        raise IndexDamagedError("index.damaged", path=folder, reason=repr(error)) from error


@contextmanager
def writing_errors(folder: object) -> Iterator[None]:
    """While an index is written."""
    try:
        yield
    except LockError as error:
        raise IndexLockedError("index.locked", path=folder) from error
    except (WhooshIndexError, FileNotFoundError) as error:
        raise IndexDamagedError("index.damaged", path=folder, reason=repr(error)) from error
    except OSError as error:
        raise storage_error(error, folder) from error
