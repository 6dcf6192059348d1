"""Look-ups compiled by numba: a term in a dictionary, the head of its posting list.

The formats are those of ``dictionary``, ``places`` and ``lists``, whose Python does the same.
Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.postings.compiled_lists import (
    BYTES,
    NUMBER,
    Bytes,
    low_width,
    packed_size,
    read_ascending,
)
from searchsvc.postings.compiling import compiled
from searchsvc.postings.elias_fano import DENSE
from searchsvc.postings.front_coding import BLOCK, LONG, MOST_SHARED
from searchsvc.postings.places import LARGE, STRIDE

_words = types.Array(types.uint64, 1, "C", readonly=True)
_halves = types.Array(types.uint32, 1, "C", readonly=True)
_quarters = types.Array(types.uint16, 1, "C", readonly=True)
_marks = types.boolean[::1]
_pair: Any = types.UniTuple(types.int64, 2)  # type: ignore[no-untyped-call]
_head: Any = types.UniTuple(types.int64, 4)  # type: ignore[no-untyped-call]
_found: Any = types.UniTuple(types.int64, 5)  # type: ignore[no-untyped-call]
_layout = types.Array(types.int64, 2, "C", readonly=True)


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


@compiled(NUMBER(_words, _halves, BYTES, BYTES))
def _block_of(
    keys: NDArray[np.uint64], blocks: NDArray[np.uint32], entries: Bytes, term: Bytes
) -> int:
    """The last block that does not begin behind the term, -1 where all do."""
    key = np.uint64(0)
    for n in range(8):
        key = key << np.uint64(8)
        if n < term.size:
            key |= np.uint64(term[n])
    low, high = 0, keys.size
    while low < high:
        middle = (low + high) // 2
        before = keys[middle] < key
        if before or (keys[middle] == key and not _is_behind(entries, blocks[middle], term)):
            low = middle + 1
        else:
            high = middle
    return low - 1


@compiled(NUMBER(_words, _halves, BYTES, NUMBER, BYTES))
def find_term(
    keys: NDArray[np.uint64],
    blocks: NDArray[np.uint32],
    entries: Bytes,
    n_terms: int,
    term: Bytes,
) -> int:
    """The term's ordinal, -1 where it is missing."""
    block = _block_of(keys, blocks, entries, term)
    if block < 0:
        return -1
    place, alike = int(blocks[block]), 0
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
        size = int(sizes[number])
        if size == LARGE:
            size = int(large_sizes[np.searchsorted(large, number)])
        place += size
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


@compiled(_head(BYTES, _words, _quarters, _halves, _words, NUMBER, NUMBER))
def list_head(
    data: Bytes,
    bases: NDArray[np.uint64],
    sizes: NDArray[np.uint16],
    large: NDArray[np.uint32],
    large_sizes: NDArray[np.uint64],
    ordinal: int,
    universe: int,
) -> tuple[int, int, int, int]:
    """The fields of the ``lists.ListHead`` of a term; the arrays are those of ``places``."""
    return _head_at(data, _place(bases, sizes, large, large_sizes, ordinal), universe)


@compiled(_found(BYTES, _layout, NUMBER, NUMBER, BYTES))
def find_list(
    file: Bytes, layout: NDArray[np.int64], n_terms: int, universe: int, term: Bytes
) -> tuple[int, int, int, int, int]:
    """``find_term`` and ``list_head`` at once: a call from Python costs more than both of them.

    ``layout`` (8, 2) gives the first byte of each array in the file, and the byte behind its last:
    keys, blocks, entries, lists, bases, sizes, large, large sizes.
    """
    keys = file[layout[0, 0] : layout[0, 1]].view(np.uint64)
    blocks = file[layout[1, 0] : layout[1, 1]].view(np.uint32)
    ordinal = find_term(keys, blocks, file[layout[2, 0] : layout[2, 1]], n_terms, term)
    if ordinal < 0:
        return ordinal, 0, 0, 0, 0
    bases = file[layout[4, 0] : layout[4, 1]].view(np.uint64)
    sizes = file[layout[5, 0] : layout[5, 1]].view(np.uint16)
    large = file[layout[6, 0] : layout[6, 1]].view(np.uint32)
    large_sizes = file[layout[7, 0] : layout[7, 1]].view(np.uint64)
    place = _place(bases, sizes, large, large_sizes, ordinal)
    count, total, documents, behind = _head_at(file[layout[3, 0] : layout[3, 1]], place, universe)
    return ordinal, count, total, documents, behind


@compiled(types.void(BYTES, _words, _quarters, _halves, _words, NUMBER, NUMBER, _marks))
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
        size = int(sizes[ordinal])
        if size == LARGE:
            size = int(large_sizes[np.searchsorted(large, ordinal)])
        place += size
