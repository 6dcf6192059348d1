"""Requests to a server and its answers as JSON; what goes wrong as this package's errors.

A server that has too much to do (429, 503) is asked again, after what its ``Retry-After`` says or else a
growing time with jitter; so is one that cannot be reached. What is asked may be asked twice: articles are put
under their ids, and a reindex that runs already is told as such.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from urllib3 import BaseHTTPResponse, PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from searchsvc import __version__
from searchsvc.errors import (
    CallerError,
    ConflictError,
    ForbiddenError,
    KeyMissingError,
    NotFoundError,
    OperatorError,
    QueryError,
    SearchsvcError,
)

Pairs = Sequence[tuple[str, str]]

RETRIED = (429, 503)
_KINDS = {
    401: KeyMissingError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
}


class Transport:
    """Connections to one server, kept for the next request."""

    def __init__(
        self, url: str, key: str | None, language: str | None, timeout_s: float, retries: int
    ) -> None:
        """Raises CallerError for an address that is none."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise CallerError("client.url", url=url)
        self._url = url.rstrip("/")
        headers = {"User-Agent": f"searchsvc/{__version__}", "Accept-Encoding": "gzip"}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        if language is not None:
            headers["Accept-Language"] = language
        self._pool = PoolManager(
            headers=headers,
            timeout=Timeout(connect=timeout_s, read=timeout_s),
            retries=Retry(
                retries, read=1, redirect=0, status_forcelist=RETRIED, allowed_methods=None,
                backoff_factor=0.25, backoff_jitter=0.25, raise_on_status=False,
            ),
        )  # fmt: skip

    def json(
        self,
        method: str,
        path: str,
        pairs: Pairs = (),
        body: object = None,
        lines: bytes | None = None,
    ) -> Any:
        """The answer to a request, whose body is JSON or JSON Lines. Raises SearchsvcError."""
        headers, data = {}, lines
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body, ensure_ascii=False).encode()
        elif lines is not None:
            headers["Content-Type"] = "application/x-ndjson"
        answer = self._request(method, path, pairs, data, headers, streamed=False)
        return self._parsed(answer.data)

    def lines(self, path: str, pairs: Pairs) -> Iterator[Any]:
        """The answer as JSON Lines, read as it comes. Raises SearchsvcError."""
        answer = self._request("GET", path, pairs, None, {}, streamed=True)
        rest = b""
        try:
            for chunk in answer.stream(1 << 16, decode_content=True):
                *whole, rest = (rest + chunk).split(b"\n")
                yield from map(self._parsed, whole)
        except HTTPError as error:
            raise self._unreachable(error) from error
        finally:
            answer.release_conn()
        if rest:
            raise OperatorError("client.answer", url=self._url, found=repr(rest[:80]))

    def close(self) -> None:
        """Closes the connections."""
        self._pool.clear()

    def _request(
        self,
        method: str,
        path: str,
        pairs: Pairs,
        data: bytes | None,
        headers: Mapping[str, str],
        *,
        streamed: bool,
    ) -> BaseHTTPResponse:
        url = f"{self._url}{path}" + (f"?{urlencode(pairs)}" if pairs else "")
        try:
            answer = self._pool.request(
                method,
                url,
                body=data,
                headers={**self._pool.headers, **headers},
                redirect=False,
                preload_content=not streamed,
            )
            if answer.status >= 300:
                raise self._problem(answer.status, answer.read() if streamed else answer.data)
        except HTTPError as error:
            raise self._unreachable(error) from error
        return answer

    def _problem(self, status: int, content: bytes) -> SearchsvcError:
        try:
            problem = json.loads(content)
            return problem_error(status, problem)
        except (ValueError, KeyError, TypeError):
            found = f"{status} {content[:80]!r}"
            return OperatorError("client.answer", url=self._url, found=found)

    def _parsed(self, content: bytes) -> Any:
        try:
            return json.loads(content)
        except ValueError as error:
            found = repr(content[:80])
            raise OperatorError("client.answer", url=self._url, found=found) from error

    def _unreachable(self, error: HTTPError) -> OperatorError:
        reason = getattr(error, "reason", None) or error
        return OperatorError("client.unreachable", url=self._url, reason=reason)


def problem_error(status: int, problem: Mapping[str, Any]) -> SearchsvcError:
    """The error that a problem of the API tells of: with its code, its text, and what it names.

    Raises KeyError and TypeError for what is no such problem.
    """
    told = {n: problem[n] for n in ("parameter", "job") if n in problem}
    error: SearchsvcError
    if "position" in problem:
        error = QueryError(problem["code"], position=problem["position"], **told)
    else:
        default = CallerError if status < 500 else OperatorError
        error = _KINDS.get(status, default)(problem["code"], **told)
    error.told = str(problem["detail"])
    return error
