"""Checksums by block: what is read of a file is held against them, however large the file is.

The bytes of a container up to its table of checksums are cut into blocks of ``BLOCK`` bytes, the last
one shorter; the table holds the CRC-32 of each. A byte for each block, the marks, says whether the block
was found whole; compiled loops look at the marks and leave a note in them of what they want to read
(``compiled_checks``). Nothing is locked: a block that two threads hold against its checksum is none the worse.
"""

from __future__ import annotations

import ctypes
import mmap
import zlib
from threading import Thread
from typing import Final

import numpy as np
from numpy.typing import NDArray

SHIFT: Final = 14
BLOCK: Final = 1 << SHIFT
"""Bytes of a block: checking one takes 4 us, and the table, read at opening, is 1/4,096 of the file."""

UNCHECKED: Final = 0
CHECKED: Final = 1
WANTED: Final = 2
"""What a mark says: nothing is known of the block, it was found whole, a compiled loop wants it."""

READ_ONCE: Final = 1_024
"""Blocks of a long part that are checked before their pages are given back."""

_SYSTEM = ctypes.CDLL(None)


def fetch(content: mmap.mmap, start: int, stop: int) -> None:
    """Asks the system to read these bytes, and no more, while the caller goes on.

    Without it, touching a page that is not in memory reads what lies around it, up to megabytes.
    """
    first = start - start % mmap.PAGESIZE
    content.madvise(mmap.MADV_WILLNEED, first, stop - first)


class ChecksumWriter:
    """Makes the table while a file is written, from all its bytes in their order."""

    def __init__(self) -> None:
        self._ended: list[int] = []
        self._check = self._filled = 0

    def add(self, content: memoryview | bytes) -> None:
        """Takes the next bytes."""
        place = 0
        while place < len(content):
            part = content[place : place + BLOCK - self._filled]
            self._check = zlib.crc32(part, self._check)
            self._filled += len(part)
            place += len(part)
            if self._filled == BLOCK:
                self._end_block()

    def table(self) -> NDArray[np.uint32]:
        """(n_blocks,) the checksums; nothing is taken any more."""
        if self._filled:
            self._end_block()
        return np.array(self._ended, "<u4")

    def _end_block(self) -> None:
        self._ended.append(self._check)
        self._check = self._filled = 0


class CheckedBlocks:
    """The blocks of a mapped file, of which the first ``size`` bytes have checksums.

    ``marks`` (n_blocks,) may be shared by all who open the file.
    """

    def __init__(
        self, content: mmap.mmap, size: int, table: NDArray[np.uint32], marks: bytearray
    ) -> None:
        self._map = content
        self._content = memoryview(content)[:size]
        self._table = table
        self._marks = marks
        self.marks: NDArray[np.uint8] = np.frombuffer(marks, np.uint8)
        """The marks as compiled loops read and write them."""
        self.rest: Thread | None = None
        """Checks what nobody has wanted yet, once somebody has wanted something."""

    def are_known(self, start: int, stop: int) -> bool:
        """Whether bytes ``start`` to ``stop - 1`` were made sure of."""
        first, last = start >> SHIFT, (stop + BLOCK - 1) >> SHIFT
        return self._marks.count(CHECKED, first, last) == last - first

    def damaged(self, start: int, stop: int) -> int | None:
        """Makes sure of bytes ``start`` to ``stop - 1``; gives the first byte of a damaged block."""
        if self.are_known(start, stop):
            return None
        first, last = start >> SHIFT, (stop + BLOCK - 1) >> SHIFT
        for part in range(first, last, READ_ONCE):
            end = min(part + READ_ONCE, last)
            fetch(self._map, part << SHIFT, end << SHIFT)
            for block in range(part, end):
                if self._marks[block] != CHECKED and not self._is_whole(block):
                    return block << SHIFT
            if last - first > READ_ONCE:
                self._give_back(part, end)
        return None

    def damaged_wanted(self) -> int | None:
        """``damaged`` of all blocks that compiled loops have asked for.

        The first time, a thread begins with the rest, so that soon nobody has to ask.
        """
        marks = self._marks
        blocks = []
        block = marks.find(WANTED)
        while block >= 0:
            fetch(self._map, block << SHIFT, block + 1 << SHIFT)
            marks[block] = UNCHECKED
            blocks.append(block)
            block = marks.find(WANTED, block + 1)
        for block in blocks:
            if not self._is_whole(block):
                return block << SHIFT
        if blocks and self.rest is None:
            self.rest = Thread(target=self._check_rest, name="checksums", daemon=True)
            self.rest.start()
        return None

    def verify(self) -> int | None:
        """``damaged`` of everything, read anew whatever the marks say."""
        n_blocks = len(self._marks)
        for part in range(0, n_blocks, READ_ONCE):
            end = min(part + READ_ONCE, n_blocks)
            for block in range(part, end):
                if not self._is_whole(block):
                    return block << SHIFT
            self._give_back(part, end)
        return None

    def _check_rest(self) -> None:
        """Checks every block that is in memory and that nothing is known of.

        One that is damaged stays unknown, for whoever wants it.
        """
        marks = self._marks
        for first in range(0, len(marks), READ_ONCE):
            stop = min(first + READ_ONCE, len(marks))
            if marks.count(CHECKED, first, stop) == stop - first:
                continue
            resident = self._are_resident(first, stop)
            for block in range(first, stop):
                if marks[block] == UNCHECKED and resident[block - first]:
                    self._is_whole(block)

    def _are_resident(self, first: int, stop: int) -> NDArray[np.bool_]:
        """(n_blocks,) which blocks are in memory whole; none where the system does not say (mincore)."""
        content = np.frombuffer(self._content[first << SHIFT : stop << SHIFT], np.uint8)
        pages = np.zeros(-(-content.size // mmap.PAGESIZE), np.uint8)
        size, into = ctypes.c_size_t(content.size), ctypes.c_void_p(pages.ctypes.data)
        if not hasattr(_SYSTEM, "mincore") or _SYSTEM.mincore(
            ctypes.c_void_p(content.ctypes.data), size, into
        ):
            return np.zeros(stop - first, np.bool_)
        per_block = max(1, BLOCK // mmap.PAGESIZE)
        starts = np.arange(0, pages.size, per_block)
        return np.minimum.reduceat(pages & 1, starts).astype(np.bool_)

    def _give_back(self, first: int, last: int) -> None:
        """Gives the pages of blocks back that are seen once; what is used of them is mapped again."""
        self._map.madvise(mmap.MADV_DONTNEED, first << SHIFT, last - first << SHIFT)

    def _is_whole(self, block: int) -> bool:
        start = block << SHIFT
        whole = zlib.crc32(self._content[start : start + BLOCK]) == int(self._table[block])
        self._marks[block] = CHECKED if whole else UNCHECKED
        return whole
