"""Who may do what: an API key's scope against what a view takes.

A view says what it takes by ``needs``; others read. Reading is open unless the setting
``require_read_key`` is on; writing takes a key, and without any key for it is switched off. Programs give
their key as ``Authorization: Bearer KEY``; where reading takes a key, browsers ask for it as the password
of basic authentication, which never writes: a browser sends it along with what other sites make it ask for.

``g.key_id`` is the id of the key of this request, None where none was given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, request

from searchsvc.errors import ForbiddenError, KeyMissingError, SearchsvcError
from searchsvc.keys import Key, Keys
from searchsvc.web.context import settings

READ, WRITE, ADMIN, NOTHING = "read", "write", "admin", ""
_REALM = 'realm="searchsvc"'

View = TypeVar("View", bound=Callable[..., Any])


def needs(scope: str) -> Callable[[View], View]:
    """Says which scope a view takes: ``write``, ``admin``, or nothing at all, not even to read."""

    def mark(view: View) -> View:
        view.__dict__["needs"] = scope
        return view

    return mark


def scope_of(app: Flask, endpoint: str | None) -> str:
    """The scope that an endpoint takes; nothing for files that belong to pages, and for no endpoint."""
    view = app.view_functions.get(endpoint or "")
    if view is None or endpoint == "static":
        return NOTHING
    scope: str = getattr(view, "needs", READ)
    return scope


def register(app: Flask, keys: Keys) -> None:
    """Has every request checked before anything else is done for it."""
    app.extensions["searchsvc.keys"] = keys
    app.before_request(_check)


def challenge(error: SearchsvcError) -> str | None:
    """The ``WWW-Authenticate`` header of an answer to this error (RFC 6750, 3)."""
    if isinstance(error, KeyMissingError):
        if not request.path.startswith("/api/"):
            return f'Basic {_REALM}, charset="UTF-8"'
        return f"Bearer {_REALM}" + (', error="invalid_token"' if error.code == "key.wrong" else "")
    if error.code == "key.scope":
        scope = error.params["scope"]
        return f'Bearer {_REALM}, error="insufficient_scope", scope="{scope}"'
    return None


def _check() -> None:
    """Raises KeyMissingError and ForbiddenError."""
    g.key_id = None
    scope = scope_of(current_app, request.endpoint)
    if scope == NOTHING or request.method == "OPTIONS":
        return
    keys: Keys = current_app.extensions["searchsvc.keys"]
    writes = scope != READ
    if writes and not keys.any_reaches(scope):
        raise ForbiddenError("key.not_configured", scope=scope)
    token = _token(writes)
    if token is None:
        if writes or settings().require_read_key:
            raise KeyMissingError("key.missing", scope=scope)
        return
    key: Key | None = keys.find(token)
    if key is None:
        raise KeyMissingError("key.wrong")
    g.key_id = key.id
    if not key.reaches(scope):
        raise ForbiddenError("key.scope", scope=scope, held=key.scope)


def _token(writes: bool) -> str | None:
    """The key that the request gives; a password counts only where reading takes a key."""
    given = request.authorization
    if given is None:
        return None
    if given.type == "bearer":
        return given.token or ""
    if given.type == "basic" and not writes and settings().require_read_key:
        return given.password or ""
    return None
