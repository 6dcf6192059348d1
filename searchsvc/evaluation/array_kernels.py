"""The innermost loops in NumPy: sets of documents, scores, the best few.

``compiled_kernels`` has the same functions in compiled form; ``kernels`` chooses. Arrays are
one-dimensional; documents are ascending uint32. NumPy writes by ``intp`` numbers three times as
fast as by ``uint32``, the conversion included.
"""

from __future__ import annotations

import numpy as np

from searchsvc.evaluation.scratch import borrow, give_back
from searchsvc.evaluation.types import Column, Documents, Indices, Mask, Positions, Scores

SEARCH_COST = 24.0
MARK_COST = 3.0
CLEAR_COST = 0.05
"""Nanoseconds per candidate searched, per document marked, per document of the segment cleared;
measured with NumPy 2.4 on lists of 2,000 and 20,000 documents among 74,542."""

GROUPS = 1_024
"""Groups whose best scores give a first threshold: the k-th best group holds one of the best k."""


def members(candidates: Documents, documents: Documents, size: int) -> Mask:
    """Which ``candidates`` are among ``documents``; ``size`` is that of the segment.

    By binary search or by marking the documents in an array, whichever costs less.
    """
    if not documents.size:
        return np.zeros(candidates.size, np.bool_)
    if candidates.size * SEARCH_COST < documents.size * MARK_COST + size * CLEAR_COST:
        where = np.searchsorted(documents, candidates)
        np.minimum(where, documents.size - 1, out=where)
        found: Mask = documents.take(where) == candidates
        return found
    marks = borrow(size, np.bool_)
    numbers = documents.astype(np.intp)
    marks[numbers] = True
    found = marks.take(candidates)
    give_back(marks, numbers)
    return found


def common_places(documents: Documents, wanted: Documents) -> tuple[Indices, Indices]:
    """Which of ``wanted`` are among ``documents``, as indices into it, and where these stand there.

    By binary search or by a table of the places, whichever costs less.
    """
    if not documents.size or not wanted.size:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    size = 1 << int(max(documents[-1], wanted[-1])).bit_length()
    if wanted.size * SEARCH_COST < documents.size * MARK_COST + size * CLEAR_COST:
        where = np.searchsorted(documents, wanted)
        np.minimum(where, documents.size - 1, out=where)
        hits = np.flatnonzero(documents.take(where) == wanted)
        return hits, where.take(hits)
    table = borrow(size, np.int32)
    numbers = documents.astype(np.intp)
    table[numbers] = np.arange(1, documents.size + 1, dtype=np.int32)
    places = table.take(wanted)
    give_back(table, numbers)
    hits = np.flatnonzero(places)
    return hits, places.take(hits).astype(np.intp) - 1


def common_positions(first: Positions, second: Positions) -> Positions:
    """The values that two ascending int64 arrays share, each without repetitions."""
    if first.size > second.size:
        first, second = second, first
    if not first.size:
        return first
    if first.size * 8 < second.size:
        where = np.searchsorted(second, first)
        np.minimum(where, second.size - 1, out=where)
        shared: Positions = first[second.take(where) == first]
        return shared
    merged = np.concatenate([first, second])
    merged.sort(kind="stable")  # two runs: one merge
    shared = merged[:-1][merged[1:] == merged[:-1]]
    return shared  # noqa: RET504 - mypy wants the type


def merge(first: Documents, second: Documents) -> Documents:
    """The documents of either."""
    merged = np.concatenate([first, second])
    merged.sort(kind="stable")
    new = np.ones(merged.size, np.bool_)
    np.not_equal(merged[1:], merged[:-1], out=new[1:])
    return merged[new]


def bm25(
    documents: Documents,
    frequencies: Documents | None,
    lengths: Documents,
    saturation: Scores,
    factor: float,
) -> Scores:
    """``factor * tf / (tf + saturation[length])`` of every posting; None: all frequencies are 1.

    ``lengths`` (segment size,) are looked up by document, ``saturation`` by length.
    """
    below = saturation.take(lengths.take(documents))
    if frequencies is None:
        below += 1.0
        np.divide(1.0, below, out=below)
        below *= factor
        return below
    scores = frequencies.astype(np.float64)
    below += scores
    scores /= below
    scores *= factor
    return scores


def add_bm25(
    documents: Documents,
    frequencies: Documents | None,
    lengths: Documents,
    saturation: Scores,
    factor: float,
    totals: Scores,
) -> None:
    """Adds the scores of ``bm25`` to ``totals``, (segment size,)."""
    scores = bm25(documents, frequencies, lengths, saturation, factor)
    np.add.at(totals, documents.astype(np.intp), scores)


def best(documents: Documents, scores: Scores, count: int) -> tuple[Documents, Scores]:
    """The ``count`` best by falling score, then rising document."""
    if scores.size > 4 * count:
        chosen = np.flatnonzero(scores >= _threshold(scores, count))
        documents, scores = documents.take(chosen), scores.take(chosen)
    order = np.argsort(-scores, kind="stable")[:count]
    return documents.take(order), scores.take(order)


def best_of_all(totals: Scores, count: int) -> tuple[Documents, Scores, int]:
    """The best of the documents with a total above zero, their totals, and how many these are."""
    matches = int(np.count_nonzero(totals > 0))
    chosen = None
    rows = totals.size // GROUPS
    if rows >= 4 and count < GROUPS // 4:
        tops = totals[: rows * GROUPS].reshape(rows, GROUPS).max(axis=0)
        least = _kth_largest(tops, count)
        if least > 0:
            chosen = np.flatnonzero(totals >= least)
    if chosen is None:
        chosen = np.flatnonzero(totals > 0)
    return *best(chosen.astype(np.uint32), totals.take(chosen), count), matches


def matching(totals: Scores, matches: int) -> Documents:
    """The documents with a total above zero, of which there are ``matches``."""
    return np.flatnonzero(totals > 0).astype(np.uint32)


def lowest(values: Column, count: int) -> Indices:
    """Indices, ascending, of all values that are not above the ``count`` lowest."""
    if values.size <= count:
        return np.arange(values.size)
    limit = np.partition(values, count - 1)[count - 1]
    return np.flatnonzero(values <= limit)


def _threshold(scores: Scores, count: int) -> float:
    """A score that at least ``count`` of the scores reach, and hardly more than these."""
    if scores.size > 8 * GROUPS and count < GROUPS // 4:
        rows = scores.size // GROUPS
        tops = scores[: rows * GROUPS].reshape(rows, GROUPS).max(axis=0)
        scores = scores[scores >= _kth_largest(tops, count)]
    return _kth_largest(scores, count)


def _kth_largest(values: Scores, count: int) -> float:
    return float(np.partition(values, values.size - count)[values.size - count])
