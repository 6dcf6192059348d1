"""Signatures and clusters on the disk, in a folder beside the engine's files.

``<commit>.signatures`` holds 64 bytes for each serial number ever given to a document of this
index, ``<commit>.clusters`` the label of each, little-endian u32. Both are written as a whole before
the commit that they belong to, which keeps their number and seals; they are never changed.
"""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.errors import IndexDamagedError
from searchsvc.reprints.clusters import cluster_labels
from searchsvc.reprints.signatures import BINS
from searchsvc.storage import Seal, check_seal, make_folder, replace_file

FOLDER: Final = "reprints"
_PARTS: Final = ("signatures", "clusters")
_LABEL = np.dtype("<u4")
Entry = Mapping[str, Any]
"""What a commit keeps of the files: ``number``, and for each part its size and CRC-32."""


class ReprintWriter:
    """Collects the signatures of added documents and gives them serial numbers."""

    def __init__(self, data_folder: Path, entry: Entry | None) -> None:
        """Goes on where ``entry`` ends. Raises IndexDamagedError and OSError."""
        self._folder = data_folder / FOLDER
        self._entry = entry
        self._signatures = bytearray(_checked(self._folder, entry, "signatures") if entry else b"")
        self._added = entry is None

    def add(self, signatures: bytes) -> int:
        """Keeps the signatures of documents, one after the other; gives the first one's number."""
        first = len(self._signatures) // BINS
        self._signatures += signatures
        self._added = self._added or bool(signatures)
        return first

    def write(self, commit: int) -> Entry:
        """Clusters everything and writes it, durably, unless nothing was added. Raises OSError."""
        if self._added or self._entry is None:
            make_folder(self._folder)
            rows = np.frombuffer(self._signatures, np.uint8).reshape(-1, BINS)
            labels = cluster_labels(rows).astype(_LABEL).tobytes()
            entry: dict[str, Any] = {"number": commit}
            for part, content in zip(_PARTS, (bytes(self._signatures), labels), strict=True):
                replace_file(_path(self._folder, commit, part), content)
                entry[part] = [len(content), zlib.crc32(content)]
            self._entry, self._added = entry, False
        return self._entry

    def remove_unnamed(self) -> None:
        """Removes the files of other commits; what resists, at the next commit."""
        assert self._entry is not None
        named = {_path(self._folder, self._entry["number"], part) for part in _PARTS}
        with suppress(OSError):
            for path in self._folder.iterdir():
                if path not in named:
                    path.unlink(missing_ok=True)


class ReprintLabels:
    """The cluster of every serial number, 0 for none: opened at once, read when asked for.

    What is open stays readable when a later commit removes the file.
    """

    def __init__(self, data_folder: Path, entry: Entry) -> None:
        """Raises IndexDamagedError where the file is missing or of another size."""
        self._path = _path(data_folder / FOLDER, entry["number"], "clusters")
        self._seal = Seal(*entry["clusters"])
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, 2)
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        except FileNotFoundError as error:
            raise IndexDamagedError("index.file_missing", path=self._path) from error
        except OSError as error:
            raise IndexDamagedError("index.damaged", path=self._path, reason=repr(error)) from error
        if size != self._seal.size_bytes:
            raise IndexDamagedError(
                "index.file_size", path=self._path, found=size, expected=self._seal.size_bytes
            )

    def read(self) -> NDArray[np.uint32]:
        """(n,) labels. Raises IndexDamagedError."""
        if zlib.crc32(self._map) != self._seal.checksum:
            raise IndexDamagedError("index.file_damaged", path=self._path, part="checksum")
        return np.frombuffer(self._map, _LABEL)


def reprint_files(data_folder: Path, entry: Entry) -> dict[Path, Seal]:
    """The files of a commit's reprints, with their seals."""
    return {
        _path(data_folder / FOLDER, entry["number"], part): Seal(*entry[part]) for part in _PARTS
    }


def _checked(folder: Path, entry: Entry, part: str) -> bytes:
    path = _path(folder, entry["number"], part)
    check_seal(path, Seal(*entry[part]))
    return path.read_bytes()


def _path(folder: Path, number: int, part: str) -> Path:
    return folder / f"{int(number)}.{part}"
