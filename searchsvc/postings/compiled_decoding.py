"""Many posting lists decoded by numba: what ``plain_batches.decode`` gives.

The formats are those of ``lists``. Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from searchsvc.postings.bits import Integers
from searchsvc.postings.compiled_lists import (
    BYTES,
    NUMBER,
    UNSIGNED,
    Bytes,
    Unsigned,
    low_width,
    read_ascending,
    read_frequencies,
)
from searchsvc.postings.compiled_lookup import varint
from searchsvc.postings.compiled_phase_in import block_place, read_block
from searchsvc.postings.compiling import compiled
from searchsvc.postings.elias_fano import DENSE
from searchsvc.postings.phase_in import BLOCK

_longs = types.int64[::1]
_unsigned = types.uint32[::1]
_heads: Any = types.UniTuple(_longs, 3)  # type: ignore[no-untyped-call]
_parts: Any = types.UniTuple(_unsigned, 3)  # type: ignore[no-untyped-call]


def decode(
    data: Bytes, starts: Integers, n_documents: int, position_starts: Unsigned | None
) -> tuple[Integers, Unsigned, Unsigned, Unsigned | None]:
    """The lists that begin at these bytes, as ``lists.Lists`` has them."""
    counts, totals, places = _read_heads(data, starts)
    given = np.zeros(0, np.uint32) if position_starts is None else position_starts
    documents, frequencies, positions = _read_lists(
        data, counts, totals, places, n_documents, position_starts is not None, given
    )
    return counts, documents, frequencies, None if position_starts is None else positions


@compiled(_heads(BYTES, _longs))
def _read_heads(data: Bytes, starts: Integers) -> tuple[Integers, Integers, Integers]:
    """Document and collection frequency of each list, and where its documents begin."""
    counts = np.empty(starts.size, np.int64)
    totals = np.empty(starts.size, np.int64)
    places = np.empty(starts.size, np.int64)
    for number in range(starts.size):
        header, place = varint(data, starts[number])
        counts[number] = totals[number] = header >> 1
        if header & 1:
            excess, place = varint(data, place)
            totals[number] += excess
        places[number] = place
    return counts, totals, places


@compiled(NUMBER(NUMBER, NUMBER))
def _documents_size(count: int, universe: int) -> int:
    """See ``elias_fano.size``, of a list that may be dense."""
    if DENSE * count > universe:
        return (universe + 7) >> 3
    width = low_width(count, universe)
    size = ((count + ((universe - 1) >> width) + 7) >> 3) + count * (width >> 3)
    for bits in (4, 2, 1):
        if width & bits:
            size += (count * bits + 7) >> 3
    return size


@compiled(_parts(BYTES, _longs, _longs, _longs, NUMBER, types.boolean, UNSIGNED))
def _read_lists(
    data: Bytes,
    counts: Integers,
    totals: Integers,
    places: Integers,
    n_documents: int,
    with_positions: bool,
    position_starts: Unsigned,
) -> tuple[Unsigned, Unsigned, Unsigned]:
    """Documents, frequencies and positions within the documents, of all lists."""
    documents = np.empty(counts.sum(), np.uint32)
    frequencies = np.ones(documents.size, np.uint32)
    positions = np.zeros(totals.sum() if with_positions else 0, np.uint32)
    first = occurrence = 0
    for number in range(counts.size):
        count, total, place = counts[number], totals[number], places[number]
        stop = first + count
        documents[first:stop] = read_ascending(data, place, count, n_documents, True)
        place += _documents_size(count, n_documents)
        if total > count:
            frequencies[first:stop] = read_frequencies(data, place, count, total)
            place += (total + 7) >> 3
        if with_positions:
            n_blocks = (count + BLOCK - 1) // BLOCK
            for block in range(n_blocks):
                occurrence = read_block(
                    data, block_place(data, place, n_blocks, block), documents, frequencies,
                    first + block * BLOCK, min(first + (block + 1) * BLOCK, stop),
                    position_starts, False, positions, occurrence,
                )  # fmt: skip
        first = stop
    return documents, frequencies, positions
