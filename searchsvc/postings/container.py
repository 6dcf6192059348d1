"""The container file: named arrays behind a checked directory, read by memory mapping.

::

    header     64 bytes: magic, format version, zeros
    arrays     each from a multiple of 64 bytes on
    checksums  from a multiple of 64 bytes on: the CRC-32 of every block of what stands before
    directory  JSON: for each array its dtype, count and offset; where the checksums begin and their
               own CRC-32; and the segment's metadata
    tail       32 bytes: place, size and CRC-32 of the directory, size of the file, magic

Opening reads header, tail, directory and checksums only; what is read of an array is held against the
checksums of the blocks that it lies in, once in a process while the file stays as it is. FORMAT.md
lists the arrays of a segment. Written by ``assembly``, read by ``segment``.
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
from searchsvc.postings.checksums import BLOCK, CheckedBlocks, ChecksumWriter, fetch
from searchsvc.storage import Seal

FORMAT_VERSION: Final = 4
"""Of the container and everything in it. Raised with any change; older files need a reindex."""

MAGIC: Final = b"SVCSEG\r\n"
END_MAGIC: Final = b"\x00SVCEND\n"
ALIGNMENT: Final = 64
_Entry = tuple[str, int, int]
"""Of the directory: dtype, count, offset."""

_HEADER = struct.Struct("<8sI52x")
_TAIL = struct.Struct("<QIIQ8s")
_DTYPES = frozenset(["|u1", "|i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f4", "<f8"])

MOST_CHECKED_FILES: Final = 1_024
_State = tuple[int, int, int, int, int]

_marks: OrderedDict[_State, bytearray] = OrderedDict()
"""The marks of ``checksums.CheckedBlocks`` by the state of their file, the files used last at the end:
what is whole of a segment that a commit leaves alone is not checked anew at every commit."""


class ContainerWriter:
    """Writes a container; arrays come one after the other. ``close`` makes it valid."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO = path.open("xb")
        self._checksums = ChecksumWriter()
        self._write(_HEADER.pack(MAGIC, FORMAT_VERSION))
        self._arrays: dict[str, _Entry] = {}

    def add(self, name: str, array: NDArray[Any]) -> None:
        """Writes a whole array."""
        self.begin(name, array.dtype)
        self.append(array)

    def begin(self, name: str, dtype: np.dtype[Any]) -> None:
        """Begins an array, to which ``append`` adds until the next one begins."""
        self._align()
        self._name, self._dtype = name, dtype.newbyteorder("<")
        self._arrays[name] = (self._dtype.str, 0, self._file.tell())

    def append(self, part: NDArray[Any]) -> None:
        """Adds to the array begun last."""
        content = np.ascontiguousarray(part, self._dtype)
        if content.size:
            self._write(content.view(np.uint8).data)
        dtype, count, offset = self._arrays[self._name]
        self._arrays[self._name] = (dtype, count + content.size, offset)

    def close(self, metadata: dict[str, Any]) -> Seal:
        """Writes checksums, directory and tail, syncs the file and says how to recognise it."""
        self._align()
        offset = self._file.tell()
        table = self._checksums.table().tobytes()
        directory = json.dumps(
            {
                "arrays": self._arrays,
                "checksums": [offset, zlib.crc32(table)],
                "metadata": metadata,
            }
        ).encode()
        start = offset + len(table)
        size = start + len(directory) + _TAIL.size
        check = zlib.crc32(directory)
        tail = _TAIL.pack(start, len(directory), check, size, END_MAGIC)
        self._file.write(table + directory + tail)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return Seal(size, check)

    def discard(self) -> None:
        """Removes the file, finished or not."""
        self._file.close()
        self.path.unlink(missing_ok=True)

    def _align(self) -> None:
        self._write(bytes(-self._file.tell() % ALIGNMENT))

    def _write(self, content: memoryview | bytes) -> None:
        self._checksums.add(content)
        self._file.write(content)


SMALL: Final = 1_048_576
"""Bytes of an array that are made sure of at once where it is read a slice at a time: what is cheaper
than to ask for every slice."""


class Part:
    """An array of a container that is read, and made sure of, a slice at a time."""

    __slots__ = ("_container", "_name", "_offset", "_size", "unchecked")

    def __init__(self, container: Container, name: str) -> None:
        """Raises KeyError where there is none."""
        self.unchecked: NDArray[Any] = container.unchecked(name)
        """The whole array, for whoever has called ``hold`` or checks what it reads by itself."""
        self._container = container
        self._name = name
        self._offset = container.place(name)
        self._size = self.unchecked.itemsize

    def __len__(self) -> int:
        return len(self.unchecked)

    def hold_small(self) -> None:
        """Makes sure of the whole array if it is SMALL. Raises IndexDamagedError."""
        if self.unchecked.nbytes <= SMALL:
            self.hold(0, len(self))

    def hold(self, start: int, stop: int) -> None:
        """Makes sure of elements ``start`` to ``stop - 1``. Raises IndexDamagedError."""
        offset, size = self._offset, self._size
        self._container.hold(self._name, offset + start * size, offset + stop * size)

    def is_held(self, start: int, stop: int) -> bool:
        """Whether elements ``start`` to ``stop - 1`` were made sure of."""
        offset, size = self._offset, self._size
        return self._container.is_held(offset + start * size, offset + stop * size)

    def fetch(self, start: int, stop: int) -> None:
        """Has elements read that are about to be checked otherwise; see ``checksums.fetch``."""
        self._container.fetch(self._offset + start * self._size, self._offset + stop * self._size)

    def slice(self, start: int, stop: int) -> NDArray[Any]:
        """Elements ``start`` to ``stop - 1``. Raises IndexDamagedError."""
        self.hold(start, stop)
        return self.unchecked[start:stop]


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
        self._read_header()
        directory, start = self._read_directory()
        self._arrays: dict[str, _Entry] = directory["arrays"]
        self.metadata: dict[str, Any] = directory["metadata"]
        offset, check = directory["checksums"]
        self._blocks = self._read_checksums(offset, check, start, status)
        self._whole: dict[str, NDArray[Any]] = {}
        self.file: NDArray[np.uint8] = np.frombuffer(self._map, np.uint8)
        """The whole file, read-only, in mapped pages; ``place`` says where an array begins in it."""
        self.marks = self._blocks.marks
        """(n_blocks,) which blocks of ``file`` are made sure of; see ``hold_wanted``."""

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def array(self, name: str) -> NDArray[Any]:
        """The array, read-only, in mapped pages, found whole.

        Raises KeyError where there is none, and IndexDamagedError.
        """
        array = self._whole.get(name)
        if array is None:
            array = self.unchecked(name)
            self.hold(name, *self.extent(name))
            self._whole[name] = array
        return array

    def unchecked(self, name: str) -> NDArray[Any]:
        """The array as it lies there, for parts that are made sure of otherwise."""
        dtype, count, offset = self._arrays[name]
        return np.frombuffer(self._map, dtype, count, offset)

    def place(self, name: str) -> int:
        """The first byte of an array in the file. Raises KeyError where there is none."""
        return self._arrays[name][2]

    def extent(self, name: str) -> tuple[int, int]:
        """The first byte of an array in the file, and the one behind its last."""
        dtype, count, offset = self._arrays[name]
        return offset, offset + count * np.dtype(dtype).itemsize

    def hold(self, name: str, start: int, stop: int) -> None:
        """Makes sure of bytes ``start`` to ``stop - 1`` of the file, which belong to an array.

        Raises IndexDamagedError.
        """
        if self._blocks.damaged(start, stop) is not None:
            raise self._damage(name)

    def is_held(self, start: int, stop: int) -> bool:
        """Whether bytes ``start`` to ``stop - 1`` of the file were made sure of."""
        return self._blocks.are_known(start, stop)

    def hold_wanted(self) -> None:
        """Makes sure of the blocks that a compiled loop marked. Raises IndexDamagedError."""
        place = self._blocks.damaged_wanted()
        if place is not None:
            raise self._damage(self._part_at(place))

    def fetch(self, start: int, stop: int) -> None:
        """Has bytes ``start`` to ``stop - 1`` of the file read; see ``checksums.fetch``."""
        fetch(self._map, start, stop)

    def release(self) -> None:
        """Gives the pages read so far back to the system; they are read again when needed."""
        self._map.madvise(mmap.MADV_DONTNEED)

    def verify(self) -> None:
        """Reads everything and holds it against its checksums. Raises IndexDamagedError."""
        place = self._blocks.verify()
        if place is not None:
            raise self._damage(self._part_at(place))

    def _part_at(self, place: int) -> str:
        """The first array that lies in the block from this byte on."""
        for name in self._arrays:
            start, stop = self.extent(name)
            if start < place + BLOCK and stop > place:
                return name
        return "header"

    def _read_header(self) -> None:
        self.fetch(0, _HEADER.size)
        magic, version = _HEADER.unpack_from(self._map, 0)
        if magic != MAGIC:
            raise self._damage("header")
        if version != FORMAT_VERSION:
            raise IndexDamagedError(
                "index.format", path=self.path, found=version, expected=FORMAT_VERSION
            )
        if any(self._map[12 : _HEADER.size]):
            raise self._damage("header")

    def _read_directory(self) -> tuple[dict[str, Any], int]:
        """The directory, and the byte that it begins at."""
        end = len(self._map) - _TAIL.size
        self.fetch(end, len(self._map))
        start, size, check, file_size, magic = _TAIL.unpack_from(self._map, end)
        if magic != END_MAGIC or file_size != len(self._map) or start + size != end:
            raise self._damage("tail")
        self.fetch(start, end)
        content = self._map[start:end]
        if zlib.crc32(content) != check or (self._seal and self._seal.checksum != check):
            raise self._damage("directory")
        directory: dict[str, Any] = json.loads(content)
        limit = directory["checksums"][0]
        for name, (dtype, count, offset) in directory["arrays"].items():
            whole = dtype in _DTYPES and offset % ALIGNMENT == 0 and count >= 0
            if not whole or offset + np.dtype(dtype).itemsize * count > limit:
                raise self._damage(name)
        return directory, start

    def _read_checksums(
        self, offset: int, check: int, stop: int, status: os.stat_result
    ) -> CheckedBlocks:
        """The blocks whose checksums lie from ``offset`` to ``stop``."""
        n_blocks = (offset + BLOCK - 1) // BLOCK
        if offset < _HEADER.size or offset + 4 * n_blocks != stop:
            raise self._damage("checksums")
        self.fetch(offset, stop)
        table = np.frombuffer(self._map, "<u4", n_blocks, offset)
        if zlib.crc32(table.data) != check:
            raise self._damage("checksums")
        return CheckedBlocks(self._map, offset, table, _marks_of(status, n_blocks))

    def _damage(self, part: str) -> IndexDamagedError:
        return IndexDamagedError("index.file_damaged", path=self.path, part=part)


def _marks_of(status: os.stat_result, n_blocks: int) -> bytearray:
    """What this process knows of the blocks of a file of this state; added to by who checks."""
    state = (
        status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns,
    )  # fmt: skip
    found = _marks.get(state)
    if found is None or len(found) != n_blocks:
        found = _marks[state] = bytearray(n_blocks)
    _marks.move_to_end(state)
    while len(_marks) > MOST_CHECKED_FILES:
        _marks.popitem(last=False)
    return found
