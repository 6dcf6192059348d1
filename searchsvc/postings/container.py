"""The container file: named arrays behind a checked directory, read by memory mapping.

::

    header     64 bytes: magic, format version, zeros
    arrays     each from a multiple of 64 bytes on
    directory  JSON: for each array its dtype, count, offset and CRC-32; and the segment's metadata
    tail       32 bytes: place, size and CRC-32 of the directory, size of the file, magic

Opening reads header, tail and directory only; an array is held against its checksum when it is
first asked for, once in a process while the file stays as it is. FORMAT.md lists the arrays of a
segment. Written by ``assembly``, read by ``segment``.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.errors import IndexDamagedError
from searchsvc.storage import Seal

FORMAT_VERSION: Final = 3
"""Of the container and everything in it. Raised with any change; older files need a reindex."""

MAGIC: Final = b"SVCSEG\r\n"
END_MAGIC: Final = b"\x00SVCEND\n"
ALIGNMENT: Final = 64
_Entry = tuple[str, int, int, int]
"""Of the directory: dtype, count, offset, CRC-32."""

_HEADER = struct.Struct("<8sI52x")
_TAIL = struct.Struct("<QIIQ8s")
_DTYPES = frozenset(["|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f4", "<f8"])


_CHECKED_AT_ONCE: Final = 16_777_216
"""Bytes that are held against a checksum before their pages are given back: a multiple of a page."""

MOST_CHECKED_FILES: Final = 1_024
_State = tuple[int, int, int, int, int]

_checked: OrderedDict[_State, set[str]] = OrderedDict()
"""Arrays found whole by this process, by the state of their file, the files used last at the end:
a segment that a commit leaves alone is not checked anew at every commit."""


class ContainerWriter:
    """Writes a container; arrays come one after the other. ``close`` makes it valid."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO = path.open("xb")
        self._file.write(_HEADER.pack(MAGIC, FORMAT_VERSION))
        self._arrays: dict[str, _Entry] = {}

    def add(self, name: str, array: NDArray[Any]) -> None:
        """Writes a whole array."""
        self.begin(name, array.dtype)
        self.append(array)

    def begin(self, name: str, dtype: np.dtype[Any]) -> None:
        """Begins an array, to which ``append`` adds until the next one begins."""
        self._align()
        self._name, self._dtype = name, dtype.newbyteorder("<")
        self._arrays[name] = (self._dtype.str, 0, self._file.tell(), 0)

    def append(self, part: NDArray[Any]) -> None:
        """Adds to the array begun last."""
        content = np.ascontiguousarray(part, self._dtype)
        view = content.view(np.uint8).data if content.size else b""
        self._file.write(view)
        dtype, count, offset, check = self._arrays[self._name]
        self._arrays[self._name] = (dtype, count + content.size, offset, zlib.crc32(view, check))

    def close(self, metadata: dict[str, Any]) -> Seal:
        """Writes directory and tail, syncs the file and says how to recognise it."""
        self._align()
        start = self._file.tell()
        directory = json.dumps({"arrays": self._arrays, "metadata": metadata}).encode()
        self._file.write(directory)
        size = start + len(directory) + _TAIL.size
        check = zlib.crc32(directory)
        self._file.write(_TAIL.pack(start, len(directory), check, size, END_MAGIC))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return Seal(size, check)

    def discard(self) -> None:
        """Removes the file, finished or not."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _align(self) -> None:
        self._file.write(bytes(-self._file.tell() % ALIGNMENT))


class Container:
    """An open container. Its arrays stay readable as long as somebody holds one."""

    def __init__(self, path: Path, seal: Seal | None = None) -> None:
        """Opens ``path``.

        Raises IndexDamagedError (missing, truncated, altered, of another format version, or not
        the file that was sealed).
        """
        self.path = path
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                if status.st_size < _HEADER.size + _TAIL.size:
                    raise self._damage("header")
                if seal is not None and seal.size_bytes != status.st_size:
                    raise IndexDamagedError(
                        "index.file_size",
                        path=path,
                        found=status.st_size,
                        expected=seal.size_bytes,
                    )
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError as error:
            raise IndexDamagedError("index.file_missing", path=path) from error
        except OSError as error:
            raise IndexDamagedError("index.damaged", path=path, reason=repr(error)) from error
        self._seal = seal
        self._checked = _checked_arrays(status)
        self._read_header()
        directory = self._read_directory()
        self._arrays: dict[str, _Entry] = directory["arrays"]
        self.metadata: dict[str, Any] = directory["metadata"]
        self._views: dict[str, NDArray[Any]] = {}
        self.file: NDArray[np.uint8] = np.frombuffer(self._map, np.uint8)
        """The whole file, read-only, in mapped pages; ``place`` says where an array begins in it."""

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def array(self, name: str, *, checked: bool = True) -> NDArray[Any]:
        """The array, read-only, in mapped pages, found whole unless ``checked`` is false.

        Raises KeyError where there is none, and IndexDamagedError.
        """
        view = self._views.get(name)
        if view is None:
            dtype, count, offset, _ = self._arrays[name]
            view = np.frombuffer(self._map, dtype, count, offset)
            if checked and name not in self._checked:
                self._check(name)
            self._views[name] = view
        return view

    def place(self, name: str) -> int:
        """The first byte of an array in the file. Raises KeyError where there is none."""
        return self._arrays[name][2]

    def extent(self, name: str) -> tuple[int, int]:
        """The first byte of an array in the file, and the one behind its last."""
        dtype, count, offset, _ = self._arrays[name]
        return offset, offset + count * np.dtype(dtype).itemsize

    def release(self) -> None:
        """Gives the pages read so far back to the system; they are read again when needed."""
        self._map.madvise(mmap.MADV_DONTNEED)

    def verify(self) -> None:
        """Reads everything and holds it against its checksums. Raises IndexDamagedError."""
        end = _HEADER.size
        for name in self._arrays:
            self._check(name)
            offset, stop = self.extent(name)
            if any(self._map[end:offset]):
                raise self._damage(name)
            end = stop
        if any(self._map[end : self._directory_start]):
            raise self._damage("directory")

    def _check(self, name: str) -> None:
        """Holds an array against its checksum."""
        start, stop = self.extent(name)
        check = 0
        for place in range(start, stop, _CHECKED_AT_ONCE):
            end = min(place + _CHECKED_AT_ONCE, stop)
            check = zlib.crc32(self.file[place:end].data, check)
            if stop - start > _CHECKED_AT_ONCE:  # seen once; what is used is mapped again
                first = place - place % mmap.PAGESIZE
                self._map.madvise(mmap.MADV_DONTNEED, first, end - first)
        if check != self._arrays[name][3]:
            raise self._damage(name)
        self._checked.add(name)

    def _read_header(self) -> None:
        magic, version = _HEADER.unpack_from(self._map, 0)
        if magic != MAGIC:
            raise self._damage("header")
        if version != FORMAT_VERSION:
            raise IndexDamagedError(
                "index.format", path=self.path, found=version, expected=FORMAT_VERSION
            )
        if any(self._map[12 : _HEADER.size]):
            raise self._damage("header")

    def _read_directory(self) -> dict[str, Any]:
        end = len(self._map) - _TAIL.size
        start, size, check, file_size, magic = _TAIL.unpack_from(self._map, end)
        if magic != END_MAGIC or file_size != len(self._map) or start + size != end:
            raise self._damage("tail")
        content = self._map[start:end]
        if zlib.crc32(content) != check or (self._seal and self._seal.checksum != check):
            raise self._damage("directory")
        self._directory_start = start
        directory: dict[str, Any] = json.loads(content)
        for name, (dtype, count, offset, _) in directory["arrays"].items():
            whole = dtype in _DTYPES and offset % ALIGNMENT == 0 and count >= 0
            if not whole or offset + np.dtype(dtype).itemsize * count > start:
                raise self._damage(name)
        return directory

    def _damage(self, part: str) -> IndexDamagedError:
        return IndexDamagedError("index.file_damaged", path=self.path, part=part)


def _checked_arrays(status: os.stat_result) -> set[str]:
    """The arrays of a file of this state that this process found whole; added to by who checks."""
    state = (
        status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns,
    )  # fmt: skip
    found = _checked.setdefault(state, set())
    _checked.move_to_end(state)
    while len(_checked) > MOST_CHECKED_FILES:
        _checked.popitem(last=False)
    return found
