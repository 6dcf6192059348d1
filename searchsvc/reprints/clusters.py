"""Signatures to clusters: which texts are reprints of one another.

Locality-sensitive hashing (Indyk, Motwani 1998): 16 bands of 4 bytes each; texts that agree in a
band are held against each other, and joined where their signatures agree enough. A band finds a
pair of similarity s with probability s^4, so all together find 99 % of those at 0.7.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.reprints.signatures import BINS, similarity

MIN_SIMILARITY: Final = 0.65
BAND_BYTES: Final = 4
_PAIRS_AT_ONCE = 1 << 16


def cluster_labels(signatures: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """For each row of ``(n, BINS)`` its cluster, 1 + the first row of it; 0 for a text alone."""
    signed = np.flatnonzero(signatures.any(axis=1))
    parent = np.arange(len(signatures))
    for left, right in _pairs(signatures, signed):
        for start in range(0, left.size, _PAIRS_AT_ONCE):
            a, b = left[start : start + _PAIRS_AT_ONCE], right[start : start + _PAIRS_AT_ONCE]
            close = similarity(signatures[a], signatures[b]) >= MIN_SIMILARITY
            _join(parent, a[close], b[close])
    roots = _roots(parent)
    sizes = np.bincount(roots, minlength=len(parent))
    return np.where(sizes[roots] > 1, roots + 1, 0).astype(np.uint32)


def _pairs(
    signatures: NDArray[np.uint8], signed: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Rows that agree in a band: each with the one before it and with the first of its kind."""
    if signed.size < 2:
        return
    for band in range(0, BINS, BAND_BYTES):
        bands = np.ascontiguousarray(signatures[signed, band : band + BAND_BYTES])
        keys = bands.view(np.uint32).ravel()
        order = np.argsort(keys, kind="stable")
        same = np.flatnonzero(keys[order[1:]] == keys[order[:-1]])
        if not same.size:
            continue
        yield signed[order[same]], signed[order[same + 1]]
        begins = np.ones(order.size, bool)
        begins[same + 1] = False
        first = np.maximum.accumulate(np.where(begins, np.arange(order.size), 0))
        far = same[first[same + 1] < same]
        yield signed[order[first[far + 1]]], signed[order[far + 1]]


def _join(parent: NDArray[np.int64], left: NDArray[np.int64], right: NDArray[np.int64]) -> None:
    """Union-find; the lower row is the root."""
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        low, high = sorted((_root(parent, a), _root(parent, b)))
        parent[high] = low


def _root(parent: NDArray[np.int64], row: int) -> int:
    while (above := int(parent[row])) != row:
        parent[row] = parent[above]
        row = above
    return row


def _roots(parent: NDArray[np.int64]) -> NDArray[np.int64]:
    roots = parent
    while not np.array_equal(above := roots[roots], roots):
        roots = above
    return roots
