"""Every request is seen: given an id, counted, timed, and, where it is slow or asked for, logged.

Stands around everything else, so that what is refused is seen as well.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request

from searchsvc.errors import StorageError
from searchsvc.query_statistics import QueryStatistics
from searchsvc.results import ResultPage
from searchsvc.settings import Settings
from searchsvc.web import logs, timing
from searchsvc.web.admission import Admission
from searchsvc.web.metrics import Metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SEEN = "searchsvc.seen"

request_id: ContextVar[str] = ContextVar("request id", default="-")
"""The id of the request that this thread answers, for every line of the log."""


class Observed:
    """The application behind its gate, watched."""

    def __init__(self, inner: Admission, settings: Settings, metrics: Metrics) -> None:
        self.gate = inner.gate
        self._inner = inner
        self._settings = settings
        self._metrics = metrics

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        own = given if _ID.fullmatch(given) else secrets.token_hex(8)
        seen: dict[str, Any] = {"endpoint": "", "status": "500"}
        environ[_SEEN] = seen

        def begin(status: str, fields: list[tuple[str, str]], *rest: Any) -> Any:
            seen["status"] = status[:3]
            return start_response(status, [*fields, ("X-Request-ID", own)], *rest)

        token = request_id.set(own)
        began = time.perf_counter()
        try:
            return self._inner(environ, begin)
        finally:
            self._tell(environ, seen, time.perf_counter() - began)
            request_id.reset(token)

    def _tell(self, environ: WSGIEnvironment, seen: dict[str, Any], seconds: float) -> None:
        endpoint, status, metrics = seen["endpoint"], seen["status"], self._metrics
        metrics.requests.labels(endpoint or "none", status).inc()
        metrics.waiting.set(self.gate.waiting)
        metrics.inside.set(self.gate.inside)
        if endpoint:
            metrics.seconds.labels(endpoint).observe(seconds)
            for name, taken in seen.get("steps", {}).items():
                metrics.steps.labels(name).observe(taken)
        elif status == "503":
            metrics.refused.labels("busy").inc()
        if status == "429":
            metrics.refused.labels("rate").inc()
        slow = seconds * 1_000 >= self._settings.slow_query_ms
        if slow or self._settings.log_requests:
            steps = {name: round(1_000 * s, 1) for name, s in seen.get("steps", {}).items()}
            logs.request_line(
                slow=slow,
                method=environ.get("REQUEST_METHOD", ""),
                path=environ.get("PATH_INFO", ""),
                # Queries can tell who looks for what: they are written where that was asked for,
                # and where a search was slow and its keeper needs to know which.
                query=environ.get("QUERY_STRING", ""),
                status=int(status),
                ms=round(seconds * 1_000, 1),
                key=seen.get("key") or "",
                steps_ms=steps,
            )


def register(app: Flask, settings: Settings, metrics: Metrics) -> None:
    """Has the application tell what it did, and counts its queries where that is switched on."""
    app.extensions["searchsvc.metrics"] = metrics
    statistics = QueryStatistics(settings.index_dir) if settings.query_statistics else None

    def tell(response: Response) -> Response:
        seen = request.environ.get(_SEEN)
        if seen is not None:
            seen["endpoint"] = request.endpoint or "none"
            seen["steps"] = timing.stopwatch().seconds
            seen["key"] = g.get("key_id")
        found: tuple[str, int] | None = g.get("searched")
        if statistics is not None and found is not None:
            try:
                statistics.note(*found)
            except StorageError as error:  # a search is answered although nobody can count it
                app.logger.warning("%s: %s", error.code, error.message("en"))
        return response

    app.after_request(tell)


def searched(results: ResultPage) -> ResultPage:
    """Notes what a reader asked for and how much was found; gives the results back."""
    asked = results.request
    if asked.query and asked.page == 1 and asked.cursor is None:
        g.searched = (asked.query, results.total)
    return results
