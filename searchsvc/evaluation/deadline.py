"""A time limit for one search, looked at between the steps of its evaluation.

Called by the plans before each list they read. A step is one array operation or a few, so a search
ends within the length of its longest step after the limit.
"""

from __future__ import annotations

from math import inf
from time import monotonic

from searchsvc.deadlines import end_within
from searchsvc.errors import QueryCostError


class Deadline:
    """``check`` raises QueryCostError once ``timeout_s`` seconds have passed; None: never.

    The request's own limit (``searchsvc.deadlines``) holds where it ends earlier.
    """

    __slots__ = ("_end", "_timeout_s")

    def __init__(self, timeout_s: float | None = None) -> None:
        self._end, self._timeout_s = end_within(timeout_s) or (inf, 0.0)

    def check(self) -> None:
        """Raises QueryCostError when the time is up."""
        if monotonic() > self._end:
            raise QueryCostError("search.deadline", timeout_s=self._timeout_s)
