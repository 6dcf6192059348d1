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


def pair_ids(codes: NDArray[np.uint32], content: NDArray[np.bool_]) -> tuple[Places, Places]:
    """For every place the number of the bigram of ``content`` characters that begins there, -1 where
    none does; and of each number its bigram, as ``first << 16 | second``. Numbers are in any order.
    """
    places = np.flatnonzero(content[:-1] & content[1:])
    wide = codes.astype(np.int64)
    keys, numbers = np.unique(wide[places] << 16 | wide[places + 1], return_inverse=True)
    ids = np.full(len(codes), -1, np.int64)
    ids[places] = numbers
    return ids, keys


def window_cosines(told: Places, weights: Floats, gaps: Places, back: int, ahead: int) -> Floats:
    """The cosine of the sets of the ``back`` numbers of ``told`` before each gap and of the ``ahead``
    from it on, each number with its weight; -1 where one of them weighs nothing. ``gaps`` ascend.
    """
    found = np.full(len(gaps), -1.0)
    for n, gap in enumerate(gaps.tolist()):
        before = np.unique(told[max(0, gap - back) : gap])
        behind = np.unique(told[gap : gap + ahead])
        whole = weights[before].sum() * weights[behind].sum()
        if whole > 0:
            both = np.intersect1d(before, behind, assume_unique=True)
            found[n] = weights[both].sum() / np.sqrt(whole)
    return found


def heading_shares(
    ids: Places,
    starts: Places,
    heads: Places,
    told: Places,
    weights: Floats,
    gaps: Places,
    window: int,
) -> Floats:
    """The weighted share of the bigrams of lines ``heads`` that is among the ``window`` numbers of
    ``told`` before the line's gap, and after it: ``(2, heads)``. ``starts`` are those of all lines,
    and the end.
    """
    found = np.zeros((2, len(heads)))
    for n, head in enumerate(heads.tolist()):
        words = _words(ids, starts, head)
        gap = int(gaps[head])
        for side, window_ids in enumerate(
            (told[max(0, gap - window) : gap], told[gap : gap + window])
        ):
            found[side, n] = _share(words, window_ids, weights)
    return found


def pulls(
    ids: Places,
    starts: Places,
    running: NDArray[np.bool_],
    heads: Places,
    weights: Floats,
    reach: int,
    memory: int,
) -> Floats:
    """For every line that is ``running``, the weighted share of the bigrams of one of ``heads`` at
    most ``reach`` characters below that it has, less the highest of the ``memory`` lines before; of
    several heads the highest, and nothing below 0.
    """
    found = np.zeros(len(starts) - 1)
    for head in heads.tolist():
        words = _words(ids, starts, head)
        shares = [
            _share(words, _words(ids, starts, line), weights) if running[line] else 0.0
            for line in range(head)
        ]
        for line in range(head):
            if starts[head] - starts[line] <= reach:
                former = max(shares[max(0, line - memory) : line], default=0.0)
                found[line] = max(found[line], shares[line] - former)
    return found


def _words(ids: Places, starts: Places, line: int) -> Places:
    """The bigrams inside a line, each once."""
    within = ids[starts[line] : starts[line + 1] - 1]
    return np.unique(within[within >= 0])


def _share(words: Places, others: Places, weights: Floats) -> float:
    whole = float(weights[words].sum())
    return float(weights[np.intersect1d(words, others)].sum()) / whole if whole else 0.0
