"""Whether what a compiled loop is about to read of a file was made sure of; see ``checksums``.

A loop asks before it reads. Where it is told no, it gives up with UNCHECKED, and its caller calls it
again after ``Container.hold_wanted``. Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Final

from numba import types

from searchsvc.postings.checksums import BLOCK, CHECKED, SHIFT, WANTED
from searchsvc.postings.compiled_lists import NUMBER, Bytes
from searchsvc.postings.compiling import bare

MARKS = types.uint8[::1]

UNCHECKED: Final = -2
"""In the place of a number that is never below -1: blocks are wanted that nobody made sure of yet."""


@bare(types.boolean(MARKS, NUMBER, NUMBER))
def are_known(marks: Bytes, start: int, stop: int) -> bool:
    """Whether bytes ``start`` to ``stop - 1`` of the file were made sure of."""
    for block in range(max(0, start >> SHIFT), min((stop + BLOCK - 1) >> SHIFT, marks.size)):
        if marks[block] != CHECKED:
            return False
    return True


@bare(types.boolean(MARKS, NUMBER, NUMBER))
def are_checked(marks: Bytes, start: int, stop: int) -> bool:
    """As ``are_known``; where not, their blocks are marked as wanted."""
    if are_known(marks, start, stop):
        return True
    for block in range(max(0, start >> SHIFT), min((stop + BLOCK - 1) >> SHIFT, marks.size)):
        if marks[block] != CHECKED:
            marks[block] = WANTED
    return False
