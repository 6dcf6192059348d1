"""Loops over a page compiled by numba: cohesion at every gap, the best path of states.

``array_kernels`` has the same in NumPy. Every function stands alone, so that numba sees
whether the code that it kept still holds. Raises ImportError where numba is missing.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

_CODES = types.Array(types.uint32, 1, "C", readonly=True)
Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@njit("float64[:, ::1](float64[:, ::1], float64[:, ::1])", cache=True, nogil=True)
def state_scores(values: Floats, cues: Floats) -> Floats:
    """See ``array_kernels.state_scores``. Most values are 0; and a product of matrices would start
    the threads of a library for each page, which takes twice the processor time.
    """
    scores = np.zeros((values.shape[0], cues.shape[1]))
    for line in range(values.shape[0]):
        for cue in range(values.shape[1]):
            value = values[line, cue]
            if value != 0.0:
                for state in range(cues.shape[1]):
                    scores[line, state] += value * cues[cue, state]
    return scores


@njit("int64[::1](float64[:, ::1], float64[:, ::1], boolean[::1])", cache=True, nogil=True)
def best_path(scores: Floats, transitions: Floats, may_begin: NDArray[np.bool_]) -> Places:
    """See ``array_kernels.best_path``."""
    lines, states = scores.shape
    best = np.where(may_begin, scores[0], -1e9)
    steps = np.zeros((lines, states), np.int64)
    for line in range(1, lines):
        here = np.empty(states)
        for state in range(states):
            highest, place = best[0] + transitions[0, state], 0
            for former in range(1, states):
                value = best[former] + transitions[former, state]
                if value > highest:
                    highest, place = value, former
            here[state] = highest + scores[line, state]
            steps[line, state] = place
        best = here
    found = np.empty(lines, np.int64)
    found[-1] = best.argmax()
    for line in range(lines - 1, 0, -1):
        found[line - 1] = steps[line, found[line]]
    return found


@njit(
    types.UniTuple(types.int64[::1], 4)(_CODES, types.boolean[::1]),  # type: ignore[no-untyped-call]
    cache=True,
    nogil=True,
)
def recurring(
    codes: NDArray[np.uint32], content: NDArray[np.bool_]
) -> tuple[Places, Places, Places, Places]:
    """See ``array_kernels.recurring``; by open addressing instead of sorting."""
    size = codes.size
    width = 64
    while width < 2 * size:
        width *= 2
    keys = np.zeros(width, np.uint64)
    last = np.zeros(width, np.int64)
    counts = np.zeros(width, np.int64)
    slots = np.full(size, -1, np.int64)
    before = np.full(size, -1, np.int64)
    behind = np.full(size, size, np.int64)
    for place in range(size - 1):
        if not (content[place] and content[place + 1]):
            continue
        key = np.uint64(codes[place]) << np.uint64(32) | np.uint64(codes[place + 1])
        slot = np.int64((key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)) & (width - 1)
        while counts[slot] and keys[slot] != key:
            slot = (slot + 1) & (width - 1)
        if counts[slot]:
            before[place] = last[slot]
            behind[last[slot]] = place
        keys[slot], last[slot] = key, place
        counts[slot] += 1
        slots[place] = slot
    number = 0
    found = np.empty((4, size), np.int64)
    for place in range(size):
        if slots[place] >= 0 and counts[slots[place]] > 1:
            found[0, number], found[1, number] = place, before[place]
            found[2, number], found[3, number] = behind[place], counts[slots[place]]
            number += 1
    return (
        found[0, :number].copy(), found[1, :number].copy(),
        found[2, :number].copy(), found[3, :number].copy(),
    )  # fmt: skip


@njit(
    "Tuple((float64[::1], float64[::1]))"
    "(int64[::1], int64, int64[::1], int64[::1], int64[::1], int64[::1], float64[::1])",
    cache=True, nogil=True,
)  # fmt: skip
def covered(
    gaps: Places,
    length: int,
    begin: Places,
    asked_end: Places,
    held_begin: Places,
    held_end: Places,
    weights: Floats,
) -> tuple[Floats, Floats]:
    """See ``array_kernels.covered``."""
    rank = np.zeros(length + 2, np.int64)
    for gap in gaps:
        rank[gap + 1] = 1
    for place in range(length + 1):
        rank[place + 1] += rank[place]
    asked = np.zeros(gaps.size + 1)
    held = np.zeros(gaps.size + 1)
    for n in range(weights.size):
        if asked_end[n] > begin[n]:
            asked[rank[begin[n] + 1]] += weights[n]
            asked[rank[asked_end[n] + 1]] -= weights[n]
        if held_end[n] > held_begin[n]:
            held[rank[held_begin[n] + 1]] += weights[n]
            held[rank[held_end[n] + 1]] -= weights[n]
    return held[:-1].cumsum(), asked[:-1].cumsum()


@njit(
    types.Tuple((types.int64[::1], types.int64[::1]))(_CODES, types.boolean[::1]),  # type: ignore[no-untyped-call]
    cache=True,
    nogil=True,
)
def pair_ids(codes: NDArray[np.uint32], content: NDArray[np.bool_]) -> tuple[Places, Places]:
    """See ``array_kernels.pair_ids``."""
    size = codes.size
    width = 64
    while width < 2 * size:
        width *= 2
    slots = np.full(width, -1, np.int64)
    keys = np.empty(size, np.int64)
    ids = np.full(size, -1, np.int64)
    number = 0
    for place in range(size - 1):
        if not (content[place] and content[place + 1]):
            continue
        key = np.int64(codes[place]) << 16 | np.int64(codes[place + 1])
        slot = ((key * 0x9E3779B1) >> 12) & (width - 1)
        while slots[slot] >= 0 and keys[slots[slot]] != key:
            slot = (slot + 1) & (width - 1)
        if slots[slot] < 0:
            slots[slot] = number
            keys[number] = key
            number += 1
        ids[place] = slots[slot]
    return ids, keys[:number].copy()


@njit("float64[::1](int64[::1], float64[::1], int64[::1], int64, int64)", cache=True, nogil=True)
def window_cosines(told: Places, weights: Floats, gaps: Places, back: int, ahead: int) -> Floats:
    """See ``array_kernels.window_cosines``."""
    found = np.empty(gaps.size)
    before = np.full(weights.size, -1, np.int64)
    behind = np.full(weights.size, -1, np.int64)
    for n in range(gaps.size):
        gap = gaps[n]
        if n and gap == gaps[n - 1]:
            found[n] = found[n - 1]
            continue
        first = second = both = 0.0
        for place in range(max(0, gap - back), gap):
            pair = told[place]
            if before[pair] != gap:
                before[pair] = gap
                first += weights[pair]
        for place in range(gap, min(told.size, gap + ahead)):
            pair = told[place]
            if behind[pair] != gap:
                behind[pair] = gap
                second += weights[pair]
                if before[pair] == gap:
                    both += weights[pair]
        found[n] = both / np.sqrt(first * second) if first > 0 and second > 0 else -1.0
    return found


@njit(
    "float64[:, ::1](int64[::1], int64[::1], int64[::1], int64[::1], float64[::1], int64[::1], int64)",
    cache=True,
    nogil=True,
)
def heading_shares(
    ids: Places,
    starts: Places,
    heads: Places,
    told: Places,
    weights: Floats,
    gaps: Places,
    window: int,
) -> Floats:
    """See ``array_kernels.heading_shares``."""
    found = np.zeros((2, heads.size))
    asked = np.full(weights.size, -1, np.int64)
    for n in range(heads.size):
        whole = 0.0
        for place in range(starts[heads[n]], starts[heads[n] + 1] - 1):
            pair = ids[place]
            if pair >= 0 and asked[pair] != 3 * n:
                asked[pair] = 3 * n
                whole += weights[pair]
        if whole == 0.0:
            continue
        gap = gaps[heads[n]]
        for side in range(2):
            begin = max(0, gap - window) if side == 0 else gap
            end = gap if side == 0 else min(told.size, gap + window)
            for place in range(begin, end):
                pair = told[place]
                if 3 * n <= asked[pair] <= 3 * n + side:
                    asked[pair] = 3 * n + side + 1
                    found[side, n] += weights[pair] / whole
    return found


@njit(
    "float64[::1](int64[::1], int64[::1], boolean[::1], int64[::1], float64[::1], int64, int64)",
    cache=True,
    nogil=True,
)
def pulls(
    ids: Places,
    starts: Places,
    running: NDArray[np.bool_],
    heads: Places,
    weights: Floats,
    reach: int,
    memory: int,
) -> Floats:
    """See ``array_kernels.pulls``."""
    lines = starts.size - 1
    found = np.zeros(lines)
    asked = np.full(weights.size, -1, np.int64)
    met = np.full(weights.size, -1, np.int64)
    shares = np.zeros(lines)
    for n in range(heads.size):
        whole = 0.0
        for place in range(starts[heads[n]], starts[heads[n] + 1] - 1):
            pair = ids[place]
            if pair >= 0 and asked[pair] != n:
                asked[pair] = n
                whole += weights[pair]
        if whole == 0.0:
            continue
        first = heads[n]
        while first > 0 and starts[heads[n]] - starts[first - 1] <= reach:
            first -= 1
        earliest = max(0, first - memory)
        for line in range(earliest, heads[n]):
            shares[line] = 0.0
            if not running[line]:
                continue
            mark = n * lines + line
            for place in range(starts[line], starts[line + 1] - 1):
                pair = ids[place]
                if pair >= 0 and asked[pair] == n and met[pair] != mark:
                    met[pair] = mark
                    shares[line] += weights[pair] / whole
        for line in range(first, heads[n]):
            if shares[line] > 0.0:
                former = 0.0
                for other in range(max(earliest, line - memory), line):
                    former = max(former, shares[other])
                found[line] = max(found[line], shares[line] - former)
    return found
