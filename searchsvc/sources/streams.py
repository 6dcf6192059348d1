"""Byte streams that count what is read, keep to limits, and fail with a SourceError alone."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, NoReturn

from searchsvc.errors import SourceError
from searchsvc.settings import Settings
from searchsvc.sources.model import Consumed, SourceFile

BUFFER_BYTES = 1 << 18
FREE_BYTES = 16 << 20
"""What may be unpacked whatever the ratio: short repetitive texts pack very well."""

_DAMAGE = (
    EOFError,
    NotImplementedError,  # zipfile: a compression that it does not know
    ValueError,  # zipfile and tarfile: impossible numbers in headers
    gzip.BadGzipFile,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


@contextmanager
def source_errors() -> Iterator[None]:
    """What reading and unpacking raise, as SourceError."""
    try:
        yield
    except _DAMAGE as error:
        raise SourceError("source.damaged", reason=error) from error
    except OSError as error:
        # bz2 and gzip report damage as an OSError without a number
        code = "source.unreadable" if error.errno else "source.damaged"
        raise SourceError(code, reason=error.strerror or error) from error


class _CountedFile(io.FileIO):
    """A file on disk that tells of the bytes read, in all not more than its size."""

    def __init__(self, file: SourceFile, consumed: Consumed) -> None:
        super().__init__(file.path)
        self._consumed = consumed
        self.left = file.size_bytes

    def readinto(self, buffer: memoryview) -> int | None:  # type: ignore[override]
        with source_errors():
            count = super().readinto(buffer)
        self.tell_of(count or 0)
        return count

    def readall(self) -> bytes:
        with source_errors():
            content = super().readall()
        self.tell_of(len(content))
        return content

    def tell_of(self, count: int) -> None:
        """Tells of so many more bytes."""
        told = min(count, self.left)
        if told:
            self.left -= told
            self._consumed(told)


@contextmanager
def opened(file: SourceFile, consumed: Consumed) -> Iterator[io.BufferedReader]:
    """A file's bytes; in the end all of them have been told of. Raises SourceError."""
    try:
        with source_errors():
            raw = _CountedFile(file, consumed)
    except SourceError:
        consumed(file.size_bytes)
        raise
    try:
        yield io.BufferedReader(raw, BUFFER_BYTES)
    finally:
        raw.tell_of(raw.left)
        raw.close()


@dataclass(slots=True)
class Budget:
    """How much may still be unpacked from one file on disk, whatever is nested in it."""

    settings: Settings
    packed_bytes: int
    unpacked_bytes: int = 0
    members: int = 0
    is_spent: bool = False

    def spend(self, n_bytes: int) -> None:
        """Counts unpacked bytes. Raises SourceError over the limits of size and ratio."""
        self.unpacked_bytes += n_bytes
        if self.unpacked_bytes > (limit := self.settings.max_archive_bytes):
            self._end("source.archive_size", limit)
        ratio = self.settings.max_archive_ratio
        if self.unpacked_bytes > max(FREE_BYTES, ratio * self.packed_bytes):
            self._end("source.archive_ratio", ratio)

    def count(self) -> None:
        """Counts a member. Raises SourceError over the limit."""
        self.members += 1
        if self.members > (limit := self.settings.max_archive_files):
            self._end("source.archive_files", limit)

    def _end(self, code: str, limit: int) -> NoReturn:
        self.is_spent = True
        raise SourceError(code, limit=limit)


class _Unpacked(io.RawIOBase):
    """A stream of unpacked bytes within a budget."""

    def __init__(self, inner: IO[bytes], budget: Budget) -> None:
        self._inner = inner
        self._budget = budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fills the buffer as far as the stream goes, so that a peek sees a whole buffer."""
        count = 0
        with source_errors():
            while count < len(buffer) and (chunk := self._inner.read(len(buffer) - count)):
                buffer[count : count + len(chunk)] = chunk
                count += len(chunk)
        self._budget.spend(count)
        return count


def unpacked(inner: IO[bytes], budget: Budget) -> io.BufferedReader:
    """A stream that unpacks, counted against the budget."""
    return io.BufferedReader(_Unpacked(inner, budget), BUFFER_BYTES)
