"""Who is answered now, who waits, who is refused: a gate before the application of each worker.

Python evaluates one search at a time, whatever the number of threads: two together were measured to
be answered a quarter slower than one after the other. So one follows the other, except past one that
takes long; some more wait their turn for a short time, and all others are told at once to come back later (503 with ``Retry-After``), before any work
is done for them. What a request may take in all is counted from its arrival.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.wrappers import Request

from searchsvc.deadlines import time_limit
from searchsvc.errors import BusyError
from searchsvc.messages import LANGUAGES
from searchsvc.settings import Settings
from searchsvc.web import headers, problems
from searchsvc.web.context import language_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

RETRY_AFTER_S = 2
PATIENCE_S = 0.1
"""How long a request has a worker for itself; all but one in a hundred are done sooner."""
NEVER_WAITING = ("/health", "/ready", "/metrics", "/static/")
"""What costs next to nothing, and must be answered most of all when everything else waits."""


class Turn:
    """One that came to a gate; ``entered`` is when it was let in, by the monotonic clock."""

    __slots__ = ("entered", "lock")

    def __init__(self) -> None:
        self.entered = 0.0
        self.lock = threading.Lock()


class Gate:
    """Lets ``at_once`` through at a time; ``most_waiting`` more wait, first come, first let in.

    One by one at that: the next follows when the one before has left, or has been inside for
    ``patience_s`` seconds and so must not keep all others.
    """

    def __init__(self, at_once: int, most_waiting: int, patience_s: float = 0.0) -> None:
        self._at_once = at_once
        self._most_waiting = most_waiting
        self._patience_s = patience_s
        self._inside: list[Turn] = []
        self._waiting: deque[Turn] = deque()
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    @property
    def inside(self) -> int:
        """How many are inside."""
        return len(self._inside)

    def enter(self, wait_s: float = 0.0) -> Turn | None:
        """Lets the caller in, now or within the time, to ``leave`` later; None where it is refused."""
        turn = Turn()
        came = now = monotonic()
        with self._lock:
            if not self._waiting and self._has_room(now):
                self._let_in(turn, now)
                return turn
            if len(self._waiting) >= self._most_waiting:
                return None
            self._waiting.append(turn)
            turn.lock.acquire()
        step = self._patience_s or wait_s
        while not turn.lock.acquire(timeout=max(0.0, min(step, came + wait_s - now))):
            now = monotonic()
            with self._lock:
                if turn.entered:
                    break
                if self._waiting[0] is turn and self._has_room(now):
                    self._waiting.popleft()
                    self._let_in(turn, now)
                    break
                if now >= came + wait_s:
                    self._waiting.remove(turn)
                    return None
        return turn

    def leave(self, turn: Turn) -> None:
        """Makes room for the one that has waited longest. To leave twice does no harm."""
        now = monotonic()
        with self._lock:
            if turn not in self._inside:
                return
            self._inside.remove(turn)
            if self._waiting and self._has_room(now):
                following = self._waiting.popleft()
                self._let_in(following, now)
                following.lock.release()

    def _let_in(self, turn: Turn, now: float) -> None:
        turn.entered = now
        self._inside.append(turn)

    def _has_room(self, now: float) -> bool:
        inside = self._inside
        if not inside:
            return True
        return len(inside) < self._at_once and all(
            now - turn.entered >= self._patience_s for turn in inside
        )


class Admission:
    """The application behind a gate."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app: WSGIApplication = app.wsgi_app
        self._settings = settings
        self._refusals = {
            (path, spoken): _refusal(app, path, spoken)
            for path in ("/api/", "/")
            for spoken in LANGUAGES
        }
        self.gate = Gate(settings.max_at_once, settings.max_waiting, PATIENCE_S)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        if path.startswith(NEVER_WAITING):
            return self._app(environ, start_response)
        arrived = monotonic()
        turn = self.gate.enter(self._settings.max_wait_s)
        if turn is None:
            kind = "/api/" if problems.is_for_programs(path) else "/"
            status, fields, body = self._refusals[kind, language_of(Request(environ))]
            start_response(status, fields)
            return [body]
        try:
            with time_limit(self._settings.max_query_s, since=arrived):
                return self._app(environ, start_response)
        finally:
            # An answer is whole by now, or a file that is streamed, which has limits of its own:
            # who reads slowly takes nobody's place.
            self.gate.leave(turn)


def _refusal(app: Flask, path: str, spoken: str) -> tuple[str, list[Any], bytes]:
    """The answer to a request that is refused, made once: status, headers, body."""
    with app.test_request_context(path, headers={"Accept-Language": spoken}):
        busy = BusyError("server.busy", retry_after_s=RETRY_AFTER_S)
        answer = headers.secured(problems.answer_to(busy))
        return answer.status, answer.headers.to_wsgi_list(), answer.get_data()
