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
