"""Samples of a long list, by which the positions of a few postings are found without the others.

Where a document's positions lie in a list depends on all documents before it. For every
``SPACING``-th posting a sample keeps what has come before; a posting is then a few steps behind its
sample. Samples are made from the list when it is first needed, and kept by the open segment. The
formats are those of ``lists``. Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.postings.compiled_lists import (
    BYTES,
    COUNTS,
    NEW_UNSIGNED,
    NUMBER,
    UNSIGNED,
    Bytes,
    Unsigned,
    compiled,
    low_width,
    packed_size,
    read_ascending,
    read_frequencies,
)
from searchsvc.postings.compiled_ranks import Ranks, low_bits
from searchsvc.postings.elias_fano import DENSE

SPACING: Final = 64

Samples = NDArray[np.int64]
"""(count / SPACING + 1, rounded up, 5): document, position space before it, occurrences before it;
byte of the positions' high part in which its first occurrence is marked, and marks before that byte.
The last row has the sums over the whole list.
"""

_samples = types.Array(types.int64, 2, "C", readonly=True)
_before_types: Any = types.UniTuple(types.int64, 4)  # type: ignore[no-untyped-call]
_ranks = types.Array(types.int64, 1, "C", readonly=True)


@compiled(types.int64[:, ::1](BYTES, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, UNSIGNED))
def sample_list(
    data: Bytes,
    place: int,
    behind: int,
    count: int,
    total: int,
    universe: int,
    position_starts: Unsigned,
) -> Samples:
    """The samples of a list whose documents begin at ``place`` and frequencies at ``behind``."""
    documents = read_ascending(data, place, count, universe, True)
    frequencies = np.ones(count, np.uint32)
    if total > count:
        frequencies = read_frequencies(data, behind, count, total)
        behind += (total + 7) >> 3
    n_samples = (count + SPACING - 1) // SPACING
    samples = np.zeros((n_samples + 1, 5), np.int64)
    space = occurrences = 0
    for n in range(count):
        document = np.int64(documents[n])
        if n % SPACING == 0:
            samples[n // SPACING, 0] = document
            samples[n // SPACING, 1] = space
            samples[n // SPACING, 2] = occurrences
        space += int(position_starts[document + 1]) - int(position_starts[document])
        occurrences += int(frequencies[n])
    samples[n_samples, 1], samples[n_samples, 2] = space, occurrences
    byte, ones = behind, 0
    for n in range(n_samples):
        while byte < data.size and ones + COUNTS[data[byte]] <= samples[n, 2]:
            ones += COUNTS[data[byte]]
            byte += 1
        samples[n, 3], samples[n, 4] = byte, ones
    return samples


@compiled(NUMBER(BYTES, NUMBER))
def _next_bit(data: Bytes, bit: int) -> int:
    """The first set bit from ``bit`` on, or the end of the data."""
    end = 8 * data.size
    while bit < end and not data[bit >> 3] >> (bit & 7) & 1:
        bit += 1
    return bit


@compiled(_before_types(BYTES, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, _samples, UNSIGNED, NUMBER))
def _before(
    data: Bytes,
    place: int,
    behind: int,
    count: int,
    total: int,
    universe: int,
    samples: Samples,
    position_starts: Unsigned,
    rank: int,
) -> tuple[int, int, int, int]:
    """A posting's document, position space and occurrences before it, and occurrences to its end."""
    sample = rank // SPACING
    space, first = samples[sample, 1], samples[sample, 2]
    dense = DENSE * count > universe
    width = 0 if dense else low_width(count, universe)
    planes = place + ((count + ((universe - 1) >> width) + 7) >> 3)
    number = sample * SPACING
    bit = 8 * place + (samples[sample, 0] >> width) + (0 if dense else number)
    mark = 8 * behind + first
    document, stop = 0, first
    while number <= rank:
        document = bit - 8 * place
        if not dense:
            document = (document - number) << width
            document |= np.int64(low_bits(data, planes, count, width, number))
        document = min(max(document, 0), universe - 1)
        if total > count:
            mark = _next_bit(data, mark) + 1
            stop = mark - 8 * behind
        else:
            stop = first + 1
        if number < rank:
            space += np.int64(position_starts[document + 1]) - np.int64(position_starts[document])
            first = stop
            bit = _next_bit(data, bit + 1)
        number += 1
    return document, space, first, stop


@compiled(
    NEW_UNSIGNED(
        BYTES,
        NUMBER,
        NUMBER,
        NUMBER,
        NUMBER,
        NUMBER,
        _samples,
        UNSIGNED,
        _ranks,
    )
)
def sampled_positions(
    data: Bytes,
    place: int,
    behind: int,
    count: int,
    total: int,
    universe: int,
    samples: Samples,
    position_starts: Unsigned,
    ranks: Ranks,
) -> Unsigned:
    """As ``compiled_ranks.positions_at``."""
    last = samples.shape[0] - 1
    all_space = samples[last, 1]
    width = low_width(total, max(all_space, 1))
    high = behind + ((total + 7) >> 3 if total > count else 0)
    planes = high + ((total + ((all_space - 1) >> width) + 7) >> 3)
    positions = np.empty(4 * ranks.size + 16, np.uint32)
    if planes < high or planes + packed_size(total, width) > data.size:
        return positions[:0]
    written, end = 0, 8 * data.size
    for n in range(ranks.size):
        document, space, first, stop = _before(
            data, place, behind, count, total, universe, samples, position_starts, ranks[n]
        )
        shift = np.int64(position_starts[document]) - space
        byte, number = samples[ranks[n] // SPACING, 3], samples[ranks[n] // SPACING, 4]
        while byte < data.size and number + COUNTS[data[byte]] <= first:
            number += COUNTS[data[byte]]
            byte += 1
        stop = min(stop, total)
        if written + stop - first > positions.size:
            larger = np.empty(2 * (written + stop - first), np.uint32)
            larger[:written] = positions[:written]
            positions = larger
        bit = 8 * byte
        while bit < end and number < stop:
            if data[bit >> 3] >> (bit & 7) & 1:
                if number >= first:
                    value = (bit - 8 * high - number) << width
                    value |= np.int64(low_bits(data, planes, total, width, number))
                    positions[written] = value + shift
                    written += 1
                number += 1
            bit += 1
    return positions[:written]
