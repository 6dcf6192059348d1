"""Look-ups compiled by numba: a term in a dictionary, the head of its posting list.

The formats are those of ``dictionary``, ``places`` and ``lists``, whose Python does the same.
What they read of a file is made sure of before (``compiled_checks``). Raises ImportError where numba
is missing.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.postings.compiled_checks import MARKS, UNCHECKED, are_checked
from searchsvc.postings.compiled_lists import (
    BYTES,
    NUMBER,
    Bytes,
    low_width,
    packed_size,
    read_ascending,
)
from searchsvc.postings.compiling import bare, compiled
from searchsvc.postings.elias_fano import DENSE
from searchsvc.postings.front_coding import BLOCK, LONG, MOST_SHARED
from searchsvc.postings.places import LARGE, STRIDE

_words = types.Array(types.uint64, 1, "C", readonly=True)
_halves = types.Array(types.uint32, 1, "C", readonly=True)
_quarters = types.Array(types.uint16, 1, "C", readonly=True)
_flags = types.boolean[::1]
_pair: Any = types.UniTuple(types.int64, 2)  # type: ignore[no-untyped-call]
_head: Any = types.UniTuple(types.int64, 4)  # type: ignore[no-untyped-call]
_found: Any = types.UniTuple(types.int64, 6)  # type: ignore[no-untyped-call]
_layout = types.Array(types.int64, 2, "C", readonly=True)

AT_ONCE: Final = 4_096
"""Bytes of a list, positions too, that are asked for before its header is read: all of a short one."""


@compiled(_pair(BYTES, NUMBER))
def varint(data: Bytes, place: int) -> tuple[int, int]:
    """See ``varints.read_varint``."""
    value = shift = 0
    while place < data.size and shift < 63:
        part = int(data[place])
        place += 1
        value |= (part & 127) << shift
        if part < 128:
            break
        shift += 7
    return value, place


@compiled(_pair(BYTES, NUMBER))
def _entry(entries: Bytes, place: int) -> tuple[int, int]:
    """The size of the rest of the entry at a place, and where it begins."""
    size = int(entries[place]) & 15
    place += 1
    if size == LONG:
        more, place = varint(entries, place)
        size += more
    return size, place


@compiled(types.boolean(BYTES, NUMBER, BYTES))
def _is_behind(entries: Bytes, place: int, term: Bytes) -> bool:
    """Whether the first term of the block at a place comes after ``term``."""
    size, place = _entry(entries, place)
    for n in range(min(size, term.size)):
        if entries[place + n] != term[n]:
            return bool(entries[place + n] > term[n])
    return size > term.size


@bare(_pair(_halves, NUMBER, NUMBER))
def _extent(blocks: NDArray[np.uint32], size: int, block: int) -> tuple[int, int]:
    """Where a block begins in the entries, and where it ends; ``size`` are the bytes of them all."""
    stop = int(blocks[block + 1]) if block + 1 < blocks.size else size
    return int(blocks[block]), stop


@compiled(NUMBER(BYTES, MARKS, _layout, BYTES))
def _block_of(file: Bytes, marks: Bytes, layout: NDArray[np.int64], term: Bytes) -> int:
    """The last block that does not begin behind the term, -1 where all do; or UNCHECKED."""
    keys = file[layout[0, 0] : layout[0, 1]].view(np.uint64)
    blocks = file[layout[1, 0] : layout[1, 1]].view(np.uint32)
    base = layout[2, 0]
    entries = file[base : layout[2, 1]]
    key = np.uint64(0)
    for n in range(8):
        key = key << np.uint64(8)
        if n < term.size:
            key |= np.uint64(term[n])
    low, high = 0, keys.size
    while low < high:
        middle = (low + high) // 2
        before = keys[middle] < key
        if keys[middle] == key:
            start, stop = _extent(blocks, entries.size, middle)
            if not are_checked(marks, base + start, base + stop):
                return UNCHECKED
            before = not _is_behind(entries, start, term)
        if before:
            low = middle + 1
        else:
            high = middle
    return low - 1


@compiled(NUMBER(BYTES, MARKS, _layout, NUMBER, BYTES))
def find_term(
    file: Bytes, marks: Bytes, layout: NDArray[np.int64], n_terms: int, term: Bytes
) -> int:
    """The term's ordinal, -1 where it is missing; or UNCHECKED. See ``find_list``."""
    block = _block_of(file, marks, layout, term)
    if block < 0:
        return block
    base = layout[2, 0]
    blocks = file[layout[1, 0] : layout[1, 1]].view(np.uint32)
    entries = file[base : layout[2, 1]]
    place, stop = _extent(blocks, entries.size, block)
    if not are_checked(marks, base + place, base + stop):
        return UNCHECKED
    alike = 0
    for number in range(min(BLOCK, n_terms - block * BLOCK)):
        shared = int(entries[place]) >> 4
        size, place = _entry(entries, place)
        if shared < alike and shared < MOST_SHARED:
            return -1
        if shared <= alike:
            compared = 0
            limit = min(size, term.size - shared)
            while compared < limit and entries[place + compared] == term[shared + compared]:
                compared += 1
            alike = shared + compared
            if alike == term.size:
                return block * BLOCK + number if compared == size else -1
            if compared < size and entries[place + compared] > term[alike]:
                return -1
        place += size
    return -1


@compiled(NUMBER(_quarters, _halves, _words, NUMBER))
def _size(
    sizes: NDArray[np.uint16],
    large: NDArray[np.uint32],
    large_sizes: NDArray[np.uint64],
    ordinal: int,
) -> int:
    """The bytes of a list; see ``places``."""
    size = int(sizes[ordinal])
    return int(large_sizes[np.searchsorted(large, ordinal)]) if size == LARGE else size


@compiled(NUMBER(_words, _quarters, _halves, _words, NUMBER))
def _place(
    bases: NDArray[np.uint64],
    sizes: NDArray[np.uint16],
    large: NDArray[np.uint32],
    large_sizes: NDArray[np.uint64],
    ordinal: int,
) -> int:
    """See ``places.PlaceArrays.place``."""
    place = int(bases[ordinal // STRIDE])
    for number in range(ordinal // STRIDE * STRIDE, ordinal):
        place += _size(sizes, large, large_sizes, number)
    return place


@compiled(_head(BYTES, NUMBER, NUMBER))
def _head_at(data: Bytes, place: int, universe: int) -> tuple[int, int, int, int]:
    """See ``lists.ListReader.head``. No count of a damaged list is beyond what there can be."""
    header, behind = varint(data, place)
    count = total = max(1, min(header >> 1, universe))
    if header & 1:
        excess, behind = varint(data, behind)
        total += max(0, min(excess, 8 * data.size))
    documents = behind
    if DENSE * count > universe:
        return count, total, documents, documents + ((universe + 7) >> 3)
    width = low_width(count, universe)
    behind += (count + ((universe - 1) >> width) + 7) >> 3
    return count, total, documents, behind + packed_size(count, width)


@compiled(_found(BYTES, MARKS, _layout, NUMBER, NUMBER))
def list_head(
    file: Bytes, marks: Bytes, layout: NDArray[np.int64], ordinal: int, universe: int
) -> tuple[int, int, int, int, int, int]:
    """The ordinal, and the fields of the ``lists.ListHead`` of a term; or UNCHECKED. See ``find_list``.

    What stands before the positions is then made sure of.
    """
    first = ordinal // STRIDE * STRIDE
    if not are_checked(marks, layout[5, 0] + 2 * first, layout[5, 0] + 2 * (ordinal + 1)):
        return UNCHECKED, 0, 0, 0, 0, 0
    bases = file[layout[4, 0] : layout[4, 1]].view(np.uint64)
    sizes = file[layout[5, 0] : layout[5, 1]].view(np.uint16)
    large = file[layout[6, 0] : layout[6, 1]].view(np.uint32)
    large_sizes = file[layout[7, 0] : layout[7, 1]].view(np.uint64)
    lists, base = file[layout[3, 0] : layout[3, 1]], layout[3, 0]
    place = _place(bases, sizes, large, large_sizes, ordinal)
    stop = min(place + _size(sizes, large, large_sizes, ordinal), lists.size)
    if not are_checked(marks, base + place, base + min(place + AT_ONCE, stop)):
        return UNCHECKED, 0, 0, 0, 0, 0
    count, total, documents, behind = _head_at(lists, place, universe)
    end = behind + ((total + 7) >> 3 if total > count else 0)
    if not are_checked(marks, base + documents, base + end):
        return UNCHECKED, 0, 0, 0, 0, 0
    return ordinal, count, total, documents, behind, stop


@compiled(_found(BYTES, MARKS, _layout, NUMBER, NUMBER, BYTES))
def find_list(
    file: Bytes,
    marks: Bytes,
    layout: NDArray[np.int64],
    n_terms: int,
    universe: int,
    term: Bytes,
) -> tuple[int, int, int, int, int, int]:
    """``find_term`` and ``list_head`` at once: a call from Python costs more than both of them.

    ``layout`` (8, 2) gives the first byte of each array in the file, and the byte behind its last:
    keys, blocks, entries, lists, bases, sizes, large, large sizes. All but entries, lists and sizes are
    made sure of before.
    """
    ordinal = find_term(file, marks, layout, n_terms, term)
    if ordinal < 0:
        return ordinal, 0, 0, 0, 0, 0
    return list_head(file, marks, layout, ordinal, universe)


@compiled(types.void(BYTES, _words, _quarters, _halves, _words, NUMBER, NUMBER, _flags))
def mark_documents(
    data: Bytes,
    bases: NDArray[np.uint64],
    sizes: NDArray[np.uint16],
    large: NDArray[np.uint32],
    large_sizes: NDArray[np.uint64],
    start: int,
    stop: int,
    marks: NDArray[np.bool_],
) -> None:
    """Marks, in an array as long as the segment, the documents of terms ``start`` to ``stop - 1``."""
    place = _place(bases, sizes, large, large_sizes, start)
    for ordinal in range(start, stop):
        count, _, documents, _ = _head_at(data, place, marks.size)
        for document in read_ascending(data, documents, count, marks.size, True):
            marks[document] = True
        place += _size(sizes, large, large_sizes, ordinal)
