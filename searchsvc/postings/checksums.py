"""Checksums by block: what is read of a file is held against them, however large the file is.

The bytes of a container up to its table of checksums are cut into blocks of ``BLOCK`` bytes, the last
one shorter; the table holds the CRC-32 of each. A byte for each block, the marks, says whether the block
was found whole; compiled loops look at the marks and leave a note in them of what they want to read
(``compiled_checks``). Nothing is locked: a block that two threads hold against its checksum is none the worse.
"""

from __future__ import annotations

import mmap
import zlib
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

AHEAD: Final = 64
"""Blocks that are checked with those that a compiled loop wants, in a file of at most ``MOST_AHEAD``: so
that after some searches none of them has to wait for a check."""

MOST_AHEAD: Final = 8_192

READ_ONCE: Final = 1_024
"""Blocks of a long part that are checked before their pages are given back."""


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
        """``damaged`` of all blocks that compiled loops have asked for."""
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
        if blocks and len(marks) <= MOST_AHEAD:
            self._go_ahead(blocks[-1])
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

    def _go_ahead(self, block: int) -> None:
        """Checks the next blocks that nothing is known of, from one on and round the end.

        One that is damaged stays unknown, for whoever wants it.
        """
        marks = self._marks
        for _ in range(AHEAD):
            block = marks.find(UNCHECKED, block + 1)
            if block < 0:
                block = marks.find(UNCHECKED)
            if block < 0:
                return
            self._is_whole(block)

    def _give_back(self, first: int, last: int) -> None:
        """Gives the pages of blocks back that are seen once; what is used of them is mapped again."""
        self._map.madvise(mmap.MADV_DONTNEED, first << SHIFT, last - first << SHIFT)

    def _is_whole(self, block: int) -> bool:
        start = block << SHIFT
        whole = zlib.crc32(self._content[start : start + BLOCK]) == int(self._table[block])
        self._marks[block] = CHECKED if whole else UNCHECKED
        return whole
