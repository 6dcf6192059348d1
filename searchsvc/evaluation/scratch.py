"""Arrays that are zero and as long as a segment, used again and again instead of allocated.

A fresh array of a million entries costs more in page faults than the work done in it. Each thread
has its own, so readers need no lock. Called wherever documents are marked or scores added up.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

KEPT = 4
"""Arrays kept per thread, size and dtype; a nested query marks few sets at a time."""


class _Pool(threading.local):
    def __init__(self) -> None:
        self.arrays: dict[tuple[int, type], list[NDArray[Any]]] = {}


_pool = _Pool()


def borrow(size: int, dtype: type) -> NDArray[Any]:
    """(size,) zeros. Whoever borrows an array returns it; one that is lost is simply collected."""
    kept = _pool.arrays.get((size, dtype))
    return kept.pop() if kept else np.zeros(size, dtype)


def give_back(array: NDArray[Any], used: NDArray[Any] | None = None) -> None:
    """Zeroes a borrowed array and keeps it; ``used`` (intp) are the entries that were set, if few."""
    if used is not None and used.size * 8 < array.size:
        array[used] = 0
    else:
        array.fill(0)
    keep_zeros(array)


def keep_zeros(array: NDArray[Any]) -> None:
    """Keeps a borrowed array that is zero again."""
    if len(_pool.arrays) > 4 * KEPT:
        _pool.arrays.clear()
    kept = _pool.arrays.setdefault((array.size, array.dtype.type), [])
    if len(kept) < KEPT:
        kept.append(array)
