"""Deletes: a bit set beside the segment, in a new file for every commit that changes it.

A file is never changed once written, so that readers of the commit before keep theirs.
"""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.errors import IndexDamagedError
from searchsvc.postings.container import FORMAT_VERSION

MAGIC: Final = b"SVCDEL\r\n"
_HEADER = struct.Struct("<8sIII")


def write_deletes(path: Path, deleted: NDArray[np.bool_]) -> None:
    """Writes which documents are deleted: magic, version, count, CRC-32 of the bits, the bits."""
    bits = np.packbits(deleted, bitorder="little").tobytes()
    with path.open("wb") as file:
        file.write(_HEADER.pack(MAGIC, FORMAT_VERSION, len(deleted), zlib.crc32(bits)) + bits)
        file.flush()
        os.fsync(file.fileno())


def read_deletes(path: Path, n_documents: int) -> NDArray[np.bool_]:
    """(n_documents,) true where deleted. Raises IndexDamagedError."""
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise IndexDamagedError("index.file_missing", path=path) from error
    if len(content) < _HEADER.size or not content.startswith(MAGIC):
        raise IndexDamagedError("index.file_damaged", path=path, part="header")
    _, version, count, check = _HEADER.unpack_from(content)
    if version != FORMAT_VERSION:
        raise IndexDamagedError("index.format", path=path, found=version, expected=FORMAT_VERSION)
    bits = content[_HEADER.size :]
    if count != n_documents or len(bits) != (count + 7) // 8 or zlib.crc32(bits) != check:
        raise IndexDamagedError("index.file_damaged", path=path, part="deletes")
    unpacked = np.unpackbits(np.frombuffer(bits, np.uint8), count=count, bitorder="little")
    return unpacked.view(np.bool_)
