"""The loops of ``compiled_kernels`` in NumPy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


def state_scores(values: Floats, cues: Floats) -> Floats:
    """How much the values of cues ``(lines, cues)`` speak for each state, by weights ``(cues,
    states)``.
    """
    scores: Floats = values @ cues
    return scores


def best_path(scores: Floats, transitions: Floats, may_begin: NDArray[np.bool_]) -> Places:
    """The states of the best path (Viterbi): ``scores`` is (lines, states), ``transitions`` (states,
    states); of equals the first.
    """
    columns = np.arange(scores.shape[1])
    steps = np.zeros(scores.shape, np.int64)
    best = np.where(may_begin, scores[0], -1e9)
    for n in range(1, len(scores)):
        ways = best[:, None] + transitions
        steps[n] = ways.argmax(axis=0)
        best = ways[steps[n], columns] + scores[n]
    path = np.empty(len(scores), np.int64)
    path[-1] = best.argmax()
    for n in range(len(scores) - 1, 0, -1):
        path[n - 1] = steps[n, path[n]]
    return path


def recurring(
    codes: NDArray[np.uint32], content: NDArray[np.bool_]
) -> tuple[Places, Places, Places, Places]:
    """Of the bigrams of ``content`` characters that come more than once the places, in any order,
    those of the same bigram next before (-1) and behind (``len(codes)``), how often it comes.
    """
    places = np.flatnonzero(content[:-1] & content[1:])
    if not len(places):
        return places, places, places, places
    wide = codes.astype(np.int64)
    keys = wide[places] << 47 | wide[places + 1] << 31 | places  # content lies below 1 << 16
    keys.sort()
    bigrams, places = keys >> 31, keys & (1 << 31) - 1
    starts = np.concatenate([[0], np.flatnonzero(bigrams[1:] != bigrams[:-1]) + 1])
    sizes = np.diff(starts, append=len(keys))
    before = np.concatenate([[-1], places[:-1]])
    before[starts] = -1
    behind = np.concatenate([places[1:], [len(codes)]])
    behind[starts[1:] - 1] = len(codes)
    counts = np.repeat(sizes, sizes)
    recurs = counts > 1
    return places[recurs], before[recurs], behind[recurs], counts[recurs]


def covered(
    gaps: Places,
    length: int,
    begin: Places,
    asked_end: Places,
    held_begin: Places,
    held_end: Places,
    weights: Floats,
) -> tuple[Floats, Floats]:
    """For every gap, which ascend, the sums of the weights of the spans ``(held_begin, held_end]``
    and of ``(begin, asked_end]`` that hold it.
    """
    before = np.zeros(length + 2, np.int64)
    before[gaps + 1] = 1
    rank = np.cumsum(before)

    def sums(begins: Places, ends: Places) -> Floats:
        rising = np.bincount(rank[begins + 1], weights, len(gaps) + 1)
        falling = np.bincount(rank[np.maximum(begins, ends) + 1], weights, len(gaps) + 1)
        return np.cumsum(rising - falling)[:-1]

    return sums(held_begin, held_end), sums(begin, asked_end)
