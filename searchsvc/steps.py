"""How long each step of an answer takes, told to whoever listens.

``step`` marks a part of the work wherever it is done, ``listening`` collects the times of what is
done within it, in this thread or task. Where nobody listens a step costs less than a microsecond.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import Final

STEPS: Final = ("parse", "match", "facets", "read", "highlight", "correct", "serialise", "template")
"""Query text to tree; hits and their scores; counts; stored articles; marks and fragments; what was
probably meant; JSON; HTML."""


class Stopwatch:
    """Seconds by step. What a step does within another counts for itself alone."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._running: list[str] = []
        self._since = 0.0

    def enter(self, name: str) -> None:
        """Goes over to a step from the one around it."""
        self._lap()
        self._running.append(name)

    def leave(self) -> None:
        """Goes back to the step around."""
        self._lap()
        self._running.pop()

    def _lap(self) -> None:
        now = time.perf_counter()
        if self._running:
            name = self._running[-1]
            self.seconds[name] = self.seconds.get(name, 0.0) + now - self._since
        self._since = now


_listening: ContextVar[Stopwatch | None] = ContextVar("searchsvc.steps", default=None)


def listen() -> Stopwatch:
    """A new stopwatch for what this thread or task does from now on, in place of any before it."""
    stopwatch = Stopwatch()
    _listening.set(stopwatch)
    return stopwatch


class step:  # noqa: N801 - used like a function
    """``with step("match"):`` counts what is done within as this step, one of ``STEPS``."""

    __slots__ = ("_name", "_stopwatch")

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._stopwatch = _listening.get()
        if self._stopwatch is not None:
            self._stopwatch.enter(self._name)

    def __exit__(self, *_: object) -> None:
        if self._stopwatch is not None:
            self._stopwatch.leave()
