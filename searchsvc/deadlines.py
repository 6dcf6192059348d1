"""How long answering may still take: one time limit for everything that a request does.

Whoever answers a request sets the limit (``time_limit``); whatever may take long looks at it between
its steps (``check``), be it evaluation, verification against stored texts, highlighting or export.
The limit belongs to the thread's context, so that no function between needs to hand it on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

from searchsvc.errors import QueryCostError

_limit: ContextVar[tuple[float, float] | None] = ContextVar("time limit", default=None)
"""When the time is up, by the monotonic clock, and how many seconds were given; None: never."""


@contextmanager
def time_limit(seconds: float, since: float | None = None) -> Iterator[None]:
    """Gives what is called inside so many seconds, counted ``since`` then (default: now).

    ``since`` is a time of the monotonic clock. Limits nest: what is inside may have less time than
    what is around it, never more.
    """
    end = (monotonic() if since is None else since) + seconds
    around = _limit.get()
    token = _limit.set((end, seconds) if around is None or end < around[0] else around)
    try:
        yield
    finally:
        _limit.reset(token)


def end_within(seconds: float | None) -> tuple[float, float] | None:
    """When the time is up for a step that may take ``seconds`` (None: any time) of what is left.

    Also how many seconds had been given; None where nothing limits it.
    """
    around = _limit.get()
    if seconds is None:
        return around
    end = monotonic() + seconds
    return around if around is not None and around[0] < end else (end, seconds)


def left_s() -> float | None:
    """How many seconds are left, at least 0; None where there is no limit."""
    limit = _limit.get()
    return None if limit is None else max(0.0, limit[0] - monotonic())


def check() -> None:
    """Raises QueryCostError when the time is up."""
    limit = _limit.get()
    if limit is not None and monotonic() > limit[0]:
        raise QueryCostError("search.deadline", timeout_s=limit[1])
