"""Measures of one ranked list, and a paired test of two systems.

``measure`` takes the ids found, best first (at most 100), and the grades of the right ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2

import numpy as np
from numpy.typing import NDArray

MEASURES = ("MRR@10", "nDCG@10", "success@1", "recall@100")
FLIPS = 10_000
SEED = 20261125


def measure(found: Sequence[str], grades: Mapping[str, float]) -> tuple[float, ...]:
    """The four measures in the order of ``MEASURES``."""
    gains = [grades.get(i, 0.0) for i in found[:100]]
    reciprocal = next((1 / n for n, gain in enumerate(gains[:10], 1) if gain > 0), 0.0)
    ideal = _dcg(sorted(grades.values(), reverse=True)[:10])
    right = sum(grade > 0 for grade in grades.values())
    return (
        reciprocal,
        _dcg(gains[:10]) / ideal if ideal else 0.0,
        float(bool(gains) and gains[0] > 0),
        sum(gain > 0 for gain in gains) / right if right else 0.0,
    )


def p_value(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Two-sided randomisation test on the mean of paired differences (Fisher; Smucker 2007).

    The signs of the differences are flipped 10,000 times with a fixed seed.
    """
    differences = ours - theirs
    differences = differences[differences != 0]
    if not differences.size:
        return 1.0
    rng = np.random.default_rng(SEED)
    observed, at_least = abs(differences.sum()), 1
    for _ in range(FLIPS // 500):
        signs = rng.integers(0, 2, (500, differences.size)) * 2 - 1
        at_least += int(np.count_nonzero(abs(signs @ differences) >= observed - 1e-12))
    return at_least / (FLIPS + 1)


def _dcg(gains: Sequence[float]) -> float:
    return sum((2**gain - 1) / log2(n + 1) for n, gain in enumerate(gains, 1))
