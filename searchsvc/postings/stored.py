"""Stored records in compressed blocks.

Records are joined to blocks of some 32 KB, written in GB18030 where they are UTF-8 (two bytes a
Chinese character, not three: a tenth smaller after compression), and compressed by Zstandard with a
dictionary made of the segment's own first records. News corpus: 0.30 of the UTF-8 records, 0.05 ms
to read one.

Arrays: ``stored/data`` uint8, the blocks one after the other; ``stored/ends`` uint64 where each
ends; ``stored/firsts`` uint32 first document of each; ``stored/encodings`` uint8, 1 for GB18030;
``stored/sizes`` (n_documents,) uint32 bytes of each record in its
block's encoding; ``stored/dictionary`` uint8.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
import zstandard
from numpy.typing import NDArray

from searchsvc.errors import IndexDamagedError
from searchsvc.postings.container import Container, ContainerWriter, Part

BLOCK_BYTES: Final = 32_768
DICTIONARY_BYTES: Final = 1_048_576
SAMPLED_BYTES: Final = 16_777_216
"""Of the first records, from which the dictionary is taken."""

PARAMETERS: Final = zstandard.ZstdCompressionParameters(
    window_log=21,
    hash_log=20,
    chain_log=20,
    search_log=2,
    min_match=4,
    strategy=zstandard.STRATEGY_LAZY,
    write_content_size=True,
    write_checksum=True,
)
"""Level 3 but lazy, with matches from two characters on: a tenth smaller for twice the time. The
tables hold the whole dictionary."""

_PLAIN, _GB18030 = 0, 1


class StoredWriter:
    """Writes records in document order; must end before the container's next array begins."""

    def __init__(self, container: ContainerWriter) -> None:
        self._container = container
        container.begin("stored/data", np.dtype(np.uint8))
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._compressor: zstandard.ZstdCompressor | None = None
        self._dictionary = b""
        self._sizes = array("I")
        self._ends, self._firsts, self._encodings = [0][:0], [0][:0], bytearray()
        self._end = self._written = 0

    def add(self, record: bytes) -> None:
        """Takes the next document's record."""
        self._waiting.append(record)
        self._waiting_bytes += len(record)
        limit = BLOCK_BYTES if self._compressor else SAMPLED_BYTES
        if self._waiting_bytes >= limit:
            self._flush()

    def finish(self) -> None:
        """Writes what is left and the arrays that describe the blocks."""
        self._flush()
        add = self._container.add
        add("stored/ends", np.array(self._ends, np.uint64))
        add("stored/firsts", np.array(self._firsts, np.uint32))
        add("stored/encodings", np.frombuffer(bytes(self._encodings), np.uint8))
        add("stored/sizes", np.frombuffer(self._sizes.tobytes(), np.uint32))
        compressed = zstandard.compress(self._dictionary, 9) if self._dictionary else b""
        add("stored/dictionary", np.frombuffer(compressed, np.uint8))

    def _flush(self) -> None:
        if not self._waiting:
            return
        if self._compressor is None:
            self._dictionary = _sample(self._waiting)
            self._compressor = _compressor(self._dictionary)
        block: list[bytes] = []
        size = 0
        for record in self._waiting:
            block.append(record)
            size += len(record)
            if size >= BLOCK_BYTES:
                self._write(block)
                block, size = [], 0
        if block:
            self._write(block)
        self._waiting, self._waiting_bytes = [], 0

    def _write(self, records: list[bytes]) -> None:
        assert self._compressor is not None
        encoded, encoding = _encoded(records)
        compressed = self._compressor.compress(b"".join(encoded))
        self._container.append(np.frombuffer(compressed, np.uint8))
        self._end += len(compressed)
        self._ends.append(self._end)
        self._firsts.append(self._written)
        self._encodings.append(encoding)
        self._sizes.extend(map(len, encoded))
        self._written += len(records)


class StoredReader:
    """Reads the records of an open container. Safe to call from several threads."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._frames = Part(container, "stored/data")
        self._data = self._frames.unchecked.data  # every frame has its own checksum
        self._ends = Part(container, "stored/ends")
        self._encodings = Part(container, "stored/encodings")
        self._sizes = Part(container, "stored/sizes")
        self._threads = threading.local()

    @cached_property
    def _firsts(self) -> NDArray[np.uint32]:
        return self._container.array("stored/firsts")

    @cached_property
    def _dictionary(self) -> zstandard.ZstdCompressionDict | None:
        content = self._container.array("stored/dictionary").tobytes()
        return _dictionary(zstandard.decompress(content)) if content else None

    def record(self, document: int) -> bytes:
        """The record of a document. Raises IndexError where there is no such document."""
        if not 0 <= document < len(self._sizes):
            raise IndexError(document)
        block = int(self._firsts.searchsorted(document, side="right")) - 1
        sizes = self._sizes.slice(int(self._firsts[block]), document + 1)
        stop = int(sizes.sum(dtype=np.int64))
        return self._plain(block, self._block(block)[stop - int(sizes[-1]) : stop])

    def records(self) -> Iterator[bytes]:
        """All records in document order."""
        bounds = [*self._firsts.tolist(), len(self._sizes)]
        for block, (first, stop) in enumerate(pairwise(bounds)):
            content, place = self._block(block), 0
            for size in self._sizes.slice(first, stop).tolist():
                yield self._plain(block, content[place : place + size])
                place += size

    def _block(self, block: int) -> bytes:
        """A block's encoded records; the last one is kept, for whoever reads one after another.

        Raises IndexDamagedError.
        """
        number, content = getattr(self._threads, "last_block", (None, b""))
        if number != block:
            content = self._unpacked(block)
            self._threads.last_block = block, content
        return content

    def _unpacked(self, block: int) -> bytes:
        ends = self._ends.slice(max(block - 1, 0), block + 1)
        start, stop = int(ends[0]) if block else 0, int(ends[-1])
        self._frames.fetch(start, stop)
        try:
            return self._decompressor().decompress(self._data[start:stop])
        except zstandard.ZstdError as error:
            raise self._damaged() from error

    def _plain(self, block: int, encoded: bytes) -> bytes:
        """A record as it was given. Raises IndexDamagedError."""
        if self._encodings.slice(block, block + 1)[0] != _GB18030:
            return encoded
        try:
            return encoded.decode("gb18030").encode()
        except UnicodeError as error:
            raise self._damaged() from error

    def _damaged(self) -> IndexDamagedError:
        return IndexDamagedError(
            "index.file_damaged", path=self._container.path, part="stored/data"
        )

    def _decompressor(self) -> zstandard.ZstdDecompressor:
        """The thread's own: decompressors are not safe to share."""
        decompressor: zstandard.ZstdDecompressor | None
        decompressor = getattr(self._threads, "decompressor", None)
        if decompressor is None:
            decompressor = zstandard.ZstdDecompressor(dict_data=self._dictionary)
            self._threads.decompressor = decompressor
        return decompressor


def _encoded(records: list[bytes]) -> tuple[list[bytes], int]:
    try:
        return [record.decode().encode("gb18030") for record in records], _GB18030
    except UnicodeDecodeError:
        return records, _PLAIN


def _sample(records: list[bytes]) -> bytes:
    """A dictionary of evenly spread records; none where they hardly fill a few blocks."""
    total = sum(map(len, records))
    size = min(DICTIONARY_BYTES, total // 16)
    if size < BLOCK_BYTES:
        return b""
    sample, _ = _encoded(records[:: max(1, total // (2 * size))])
    return b"".join(sample)[:size]


def _dictionary(content: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def _compressor(content: bytes) -> zstandard.ZstdCompressor:
    if not content:
        return zstandard.ZstdCompressor(compression_params=PARAMETERS)
    dictionary = _dictionary(content)
    dictionary.precompute_compress(compression_params=PARAMETERS)
    return zstandard.ZstdCompressor(compression_params=PARAMETERS, dict_data=dictionary)
