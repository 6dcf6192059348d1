"""Errors as answers: RFC 9457 problem details for programs, a page for readers."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from searchsvc.errors import BusyError, DeveloperError, IndexLockedError, QueryError, SearchsvcError
from searchsvc.web import access
from searchsvc.web.context import language, say

LOCKED_RETRY_S = 5
"""After so many seconds a write is worth another attempt that another writer kept waiting."""

_DETAILS = ("position", "parameter", "job")


def register(app: Flask) -> None:
    """Makes every error of the app one answer of this form."""
    app.register_error_handler(SearchsvcError, answer_to)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def answer_to(error: SearchsvcError) -> Response:
    """The answer that says an error of ours."""
    if error.status >= 500 and not isinstance(error, BusyError):
        current_app.logger.error("%s: %s", error.code, error.message("en"))
    answer = _answer(error.status, error.code, error.message(language()), error)
    if (challenge := access.challenge(error)) is not None:
        answer.headers["WWW-Authenticate"] = challenge
    if isinstance(error, IndexLockedError):
        answer.headers["Retry-After"] = str(LOCKED_RETRY_S)
    if "retry_after_s" in error.params:
        answer.headers["Retry-After"] = str(error.params["retry_after_s"])
    return answer


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    known = {
        404: "not_found",
        405: "method_not_allowed",
        413: "too_large",
        415: "media_type",
    }
    code = known.get(status, "bad_request" if status < 500 else "internal")
    answer = _answer(status, f"http.{code}", say(f"problem.{code}"))
    for name, value in error.get_headers():
        if name == "Allow":
            answer.headers[name] = value
    return answer


def _unexpected(error: Exception) -> Response:
    current_app.logger.exception("unexpected error", exc_info=error)
    return _answer(DeveloperError.status, "http.internal", say("problem.internal"))


def _answer(status: int, code: str, detail: str, error: SearchsvcError | None = None) -> Response:
    if not is_for_programs(request.path):
        return _page(status, detail, error)
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": _title(status),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if error is not None:
        problem |= {name: error.params[name] for name in _DETAILS if name in error.params}
    answer = jsonify(problem)
    answer.status_code = status
    answer.mimetype = "application/problem+json"
    return answer


def is_for_programs(path: str) -> bool:
    """Whether what lies at this path is asked for by programs."""
    return path.startswith(("/api/", "/health", "/ready", "/metrics"))


def _title(status: int) -> str:
    return Response(status=status).status.partition(" ")[2].title()


def _page(status: int, detail: str, error: SearchsvcError | None) -> Response:
    pointed = None
    if isinstance(error, QueryError) and 0 < len(error.query) <= 200:
        at = error.position
        pointed = (error.query[:at], error.query[at : at + 1], error.query[at + 1 :])
    known = status if status in (400, 404, 503) else 500 if status >= 500 else 400
    title = say(f"problem.title.{known}")
    body = render_template("error.html", status=status, title=title, detail=detail, pointed=pointed)
    return Response(body, status=status, mimetype="text/html")
