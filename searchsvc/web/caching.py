"""What has not changed is not sent again: validators tied to the version of the index.

An answer depends on the request, the index, and how the server was started. Its entity tag names
all but the first; one that a client has already is answered by 304 without a search. All that goes into an
answer, its tag too, is of one version, which is looked up once.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from searchsvc.errors import SearchsvcError
from searchsvc.service import SearchService
from searchsvc.web.context import language, service

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_READING = ("GET", "HEAD")

_NEVER_KEPT = (
    "static",
    "api.health",
    "api.ready",
    "metrics.metrics",
    "writing.reindexes",
    "writing.reindex",
)


def register(app: Flask) -> None:
    """Gives every answer to a GET its validators, and answers by 304 where they still hold."""
    app.wsgi_app = _OfOneVersion(  # type: ignore[method-assign]
        app.wsgi_app, app.extensions["searchsvc.service"]
    )
    started = f"{time.time():.0f}"

    def tag() -> str | None:
        if request.method not in _READING or request.endpoint in (None, *_NEVER_KEPT):
            return None
        try:
            return f"{service().index_version}-{started}-{language()}"
        except SearchsvcError:
            return None

    def answered_before() -> Response | None:
        held = tag()
        if held is None or not request.if_none_match.contains_weak(held):
            return None
        return _validated(Response(status=304), held)

    def tagged(response: Response) -> Response:
        held = tag() if response.status_code == 200 else None
        return response if held is None else _validated(response, held)

    app.before_request(answered_before)
    app.after_request(tagged)


class _OfOneVersion:
    """The application, whose answers to GET are each of one version of the index."""

    def __init__(self, inner: WSGIApplication, service: SearchService) -> None:
        self._inner = inner
        self._service = service

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in _READING:
            return self._inner(environ, start_response)
        with self._service.one_version():
            return self._inner(environ, start_response)


def _validated(response: Response, tag: str) -> Response:
    response.set_etag(tag, weak=True)
    response.last_modified = datetime.fromtimestamp(service().changed_at, UTC)
    response.cache_control.no_cache = True
    return response
