"""A small cache of arrays, bounded in bytes. Called by open segments."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from numpy.typing import NDArray


class ArrayCache:
    """Keeps the arrays used last, read-only. Safe to use from several threads."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._used = 0
        self._arrays: OrderedDict[Any, NDArray[Any]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any) -> NDArray[Any] | None:
        """The array kept under this key."""
        with self._lock:
            array = self._arrays.get(key)
            if array is not None:
                self._arrays.move_to_end(key)
            return array

    def put(self, key: Any, array: NDArray[Any]) -> None:
        """Keeps an array, which becomes read-only, and drops those unused for longest."""
        array.setflags(write=False)
        if array.nbytes > self._limit // 4:
            return
        with self._lock:
            if key in self._arrays:
                return
            self._arrays[key] = array
            self._used += array.nbytes
            while self._used > self._limit:
                self._used -= self._arrays.popitem(last=False)[1].nbytes
