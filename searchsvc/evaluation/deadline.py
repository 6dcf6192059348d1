"""A time limit for one search, looked at between the steps of its evaluation.

Called by the plans before each list they read. A step is one array operation or a few, so a search
ends within the length of its longest step after the limit.
"""

from __future__ import annotations

from time import monotonic

from searchsvc.errors import QueryCostError


class Deadline:
    """``check`` raises QueryCostError once ``timeout_s`` seconds have passed; None: never."""

    __slots__ = ("_end", "_timeout_s")

    def __init__(self, timeout_s: float | None = None) -> None:
        self._timeout_s = timeout_s
        self._end = None if timeout_s is None else monotonic() + timeout_s

    def check(self) -> None:
        """Raises QueryCostError when the time is up."""
        if self._end is not None and monotonic() > self._end:
            raise QueryCostError("search.deadline", timeout_s=self._timeout_s)
