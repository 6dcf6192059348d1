"""Files beside the index, kept in the cluster so that a server on any machine can read them.

A file is cut into chunks, each a document ``<generation>/<name>/<n>`` of the index ``<prefix>-files``;
the first one has size and CRC-32 of the whole. A file is written before the commit that names it and
never changed. Called by ``generation``.
"""

from __future__ import annotations

import base64
import zlib
from pathlib import Path
from typing import Any, Final

from searchsvc.engines.opensearch.connection import Connection, RequestRefusedError, document_path
from searchsvc.errors import IndexDamagedError

CHUNK_BYTES: Final = 2_000_000

_BODY: Final = {
    "settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}},
    "mappings": {
        "dynamic": "strict",
        "properties": {
            "generation": {"type": "keyword"},
            "size": {"type": "long", "index": False, "doc_values": False},
            "checksum": {"type": "long", "index": False, "doc_values": False},
            "data": {"type": "binary"},
        },
    },
}


class SideStore:
    """The files of all generations under one prefix."""

    def __init__(self, connection: Connection, prefix: str) -> None:
        self._connection = connection
        self.index = f"{prefix}-files"

    def create(self) -> None:
        """Makes the index, where it is not there."""
        if (
            self._connection.ask("GET", f"/{self.index}", params={"filter_path": "*.aliases"})
            is None
        ):
            try:
                self._connection.request("PUT", f"/{self.index}", _BODY)
            except RequestRefusedError as error:
                if error.reason != "resource_already_exists_exception":
                    raise

    def put(self, generation: str, name: str, content: bytes) -> None:
        """Stores a file; readers find it whole or not at all: its first chunk goes last."""
        chunks = range(0, max(1, len(content)), CHUNK_BYTES)
        for number, start in reversed(list(enumerate(chunks))):
            body: dict[str, Any] = {
                "generation": generation,
                "data": base64.b64encode(content[start : start + CHUNK_BYTES]).decode("ascii"),
            }
            if number == 0:
                body |= {"size": len(content), "checksum": zlib.crc32(content)}
            self._connection.request("PUT", self._path(generation, name, number), body)

    def get(self, generation: str, name: str) -> bytes | None:
        """A file's content; None where it was not stored.

        Raises IndexDamagedError where it is not as it was stored.
        """
        first = self._chunk(generation, name, 0)
        if first is None:
            return None
        parts = [base64.b64decode(first["data"])]
        for number in range(1, -(-first["size"] // CHUNK_BYTES)):
            chunk = self._chunk(generation, name, number)
            if chunk is None:
                break
            parts.append(base64.b64decode(chunk["data"]))
        content = b"".join(parts)
        if (len(content), zlib.crc32(content)) != (first["size"], first["checksum"]):
            raise IndexDamagedError(
                "index.file_damaged", path=f"{self.index}/{generation}/{name}", part="checksum"
            )
        return content

    def fetch(self, generation: str, name: str, path: Path) -> None:
        """Writes a file where it is not yet. Raises IndexDamagedError where it was not stored."""
        if path.exists():
            return
        content = self.get(generation, name)
        if content is None:
            raise IndexDamagedError("index.file_missing", path=f"{self.index}/{generation}/{name}")
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f"{path.name}.{id(content)}.new")
        aside.write_bytes(content)
        aside.replace(path)

    def remove(self, generation: str) -> None:
        """Removes the files of a generation."""
        self._connection.ask("POST", f"/{self.index}/_refresh")
        self._connection.ask(
            "POST",
            f"/{self.index}/_delete_by_query",
            {"query": {"term": {"generation": generation}}},
            params={"conflicts": "proceed"},
        )

    def _chunk(self, generation: str, name: str, number: int) -> dict[str, Any] | None:
        found = self._connection.ask("GET", self._path(generation, name, number))
        return None if found is None else found["_source"]

    def _path(self, generation: str, name: str, number: int) -> str:
        return document_path(self.index, f"{generation}/{name}/{number}")
