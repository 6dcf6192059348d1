"""The best few of many scores, best first, ties by document.

Called by the collector for every segment.
"""

from __future__ import annotations

import numpy as np

from searchsvc.evaluation.types import Column, Documents, Indices, Scores

GROUPS = 1_024
"""Groups whose best scores give a first threshold: the k-th best group holds one of the best k."""


def best(documents: Documents, scores: Scores, count: int) -> tuple[Documents, Scores]:
    """The ``count`` best by falling score, then rising document; ``documents`` ascend."""
    if scores.size > 4 * count:
        chosen = np.flatnonzero(scores >= threshold(scores, count))
        documents, scores = documents.take(chosen), scores.take(chosen)
    order = np.argsort(-scores, kind="stable")[:count]
    return documents.take(order), scores.take(order)


def threshold(scores: Scores, count: int) -> float:
    """A score that at least ``count`` of the scores reach, and hardly more than these."""
    if scores.size > 8 * GROUPS and count < GROUPS // 4:
        rows = scores.size // GROUPS
        tops = scores[: rows * GROUPS].reshape(rows, GROUPS).max(axis=0)
        first = _kth_largest(tops, count)
        scores = scores[scores >= first]
    return _kth_largest(scores, count)


def candidates(totals: Scores, count: int) -> Indices:
    """Documents that can be among the ``count`` best of ``totals``, (segment.size,).

    What is not above zero is no match.
    """
    rows = totals.size // GROUPS
    if rows >= 4 and count < GROUPS // 4:
        tops = totals[: rows * GROUPS].reshape(rows, GROUPS).max(axis=0)
        first = _kth_largest(tops, count)
        if first > 0:
            return np.flatnonzero(totals >= first)
    return np.flatnonzero(totals > 0)


def first_by_key(key: Column, count: int) -> Indices:
    """Indices that can be among the ``count`` lowest of a sort key."""
    if key.size <= 4 * count:
        return np.arange(key.size)
    limit = np.partition(key, count - 1)[count - 1]
    return np.flatnonzero(key <= limit)


def _kth_largest(values: Scores, count: int) -> float:
    return float(np.partition(values, values.size - count)[values.size - count])
