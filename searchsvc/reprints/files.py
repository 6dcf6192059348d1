"""Signatures and clusters on the disk, in a folder beside the engine's files.

``signatures`` holds 64 bytes for each serial number ever given to a document of this index,
``clusters`` the label of each, little-endian u32. Both are replaced as a whole before the commit
that they belong to; a reader of an older commit takes of them what it needs.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.reprints.clusters import cluster_labels
from searchsvc.reprints.signatures import BINS
from searchsvc.storage import sync

FOLDER: Final = "reprints"
_LABEL = np.dtype("<u4")


class ReprintWriter:
    """Collects the signatures of added documents and gives them serial numbers."""

    def __init__(self, data_folder: Path) -> None:
        """``data_folder`` is that of the engine. Raises OSError."""
        self._folder = data_folder / FOLDER
        path = self._folder / "signatures"
        self._signatures = bytearray(path.read_bytes() if path.exists() else b"")

    def add(self, signatures: bytes) -> int:
        """Keeps the signatures of documents, one after the other; gives the first one's number."""
        first = len(self._signatures) // BINS
        self._signatures += signatures
        return first

    def write(self) -> None:
        """Clusters everything and writes it, durably. Raises OSError."""
        self._folder.mkdir(exist_ok=True)
        rows = np.frombuffer(self._signatures, np.uint8).reshape(-1, BINS)
        _replace(self._folder / "signatures", bytes(self._signatures))
        _replace(self._folder / "clusters", cluster_labels(rows).astype(_LABEL).tobytes())
        sync(self._folder)


def read_labels(data_folder: Path) -> NDArray[np.uint32]:
    """The cluster of every serial number, 0 for none. Raises OSError and ValueError."""
    return np.frombuffer((data_folder / FOLDER / "clusters").read_bytes(), _LABEL)


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(path.name + ".new")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
