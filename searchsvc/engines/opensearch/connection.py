"""The one way to the cluster: requests with retry, several hosts and a circuit breaker.

Takes settings, gives parsed JSON. A request that finds no node goes to the next host at once, then
waits with jitter; when all tries fail it is ``EngineUnavailableError``, and after a few of those the
breaker answers so without asking, until ``OPEN_S`` have passed. Called by everything in this package.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from itertools import islice
from typing import Any, Final
from urllib.parse import quote

from circuitbreaker import CircuitBreaker
from opensearchpy import OpenSearch
from opensearchpy import exceptions as failures
from tenacity import (
    RetryError,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    wait_chain,
    wait_none,
    wait_random_exponential,
)

from searchsvc.errors import DeveloperError, EngineUnavailableError, SettingsError
from searchsvc.settings import Settings

OPEN_AFTER: Final = 3
"""So many requests in a row that no node answered open the circuit breaker."""

OPEN_S: Final = 5
"""For so long it then answers by itself; the next request tries again."""

BUSY: Final = frozenset({429, 502, 503, 504})
"""Statuses that pass: too many requests, no cluster manager, shards that are moving."""

LOST_NODE: Final = frozenset({"node_disconnected_exception", "node_not_connected_exception"})
"""Causes of an error that pass: a node went while it worked at its part of a search. OpenSearch (2.19) asks
no other copy then, since what follows hangs on what that node began; begun anew, the search finds one.
"""

DOCUMENTS_AT_ONCE: Final = 500

_FIRST_WAIT_S: Final = 0.1
_LONGEST_WAIT_S: Final = 3.0


class RequestRefusedError(DeveloperError):
    """The cluster answered that a request is wrong, or names what is not there.

    ``status`` of HTTP, ``reason`` the type that the cluster names, ``body`` its whole answer.
    """

    def __init__(self, error: failures.TransportError, path: str) -> None:
        self.answered = int(error.status_code)
        self.reason = str(error.error)
        self.body = error.info
        super().__init__("engine.refused", path=path, answer=self.answered, reason=self.reason)


class Connection:
    """Requests to one cluster; safe to use from several threads, not across a fork."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError where hosts, certificates or credentials cannot be used."""
        self.hosts = settings.opensearch_hosts
        self._retries = settings.opensearch_retries
        self._timeout_s = settings.opensearch_timeout_s
        self._client = _client(settings)
        self._breaker = CircuitBreaker(OPEN_AFTER, OPEN_S, EngineUnavailableError)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        *,
        lines: Iterable[bytes] | None = None,
        timeout_s: float | None = None,
        retries: int | None = None,
        passing: Set[str] = LOST_NODE,
    ) -> Any:
        """The answer to a request, parsed; ``lines`` are sent as newline-delimited JSON, ``passing`` are
        causes of an error for which it is tried again, beside those that HTTP tells (``BUSY``).

        It may arrive twice where a connection breaks: whoever writes uses ids or sequence numbers.
        Raises EngineUnavailableError, RequestRefusedError, SettingsError (access denied).
        """
        if self._breaker.opened:
            raise self._unavailable(self._breaker.last_failure, self._breaker.open_remaining)
        with self._breaker:
            return self._tried(method, path, body, params, lines, timeout_s, retries, passing)

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """As ``request``; None where the cluster says that there is no such thing (404)."""
        try:
            with _expecting(HTTPStatus.NOT_FOUND):
                return self.request(method, path, body, **options)
        except RequestRefusedError as error:
            if error.answered == HTTPStatus.NOT_FOUND:
                return None
            raise

    def put_if(self, path: str, body: Any, condition: Mapping[str, Any]) -> dict[str, Any] | None:
        """Writes a document where a condition holds (``op_type=create``, or sequence numbers).

        None where it does not; also where it held, but the answer was lost and it was sent again.
        """
        try:
            with _expecting(HTTPStatus.CONFLICT):
                done: dict[str, Any] = self.request("PUT", path, body, params=condition)
        except RequestRefusedError as error:
            if error.answered != HTTPStatus.CONFLICT:
                raise
            return None
        return done

    def health(self) -> dict[str, Any]:
        """The state of the cluster: name, ``green``, ``yellow`` or ``red``, nodes, shards."""
        found = self.request("GET", "/_cluster/health")
        return {
            "name": found["cluster_name"],
            "status": found["status"],
            "nodes": found["number_of_nodes"],
            "data_nodes": found["number_of_data_nodes"],
            "active_shards": found["active_shards"],
            "unassigned_shards": found["unassigned_shards"],
        }

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _tried(
        self,
        method: str,
        path: str,
        body: Any,
        params: Mapping[str, Any] | None,
        lines: Iterable[bytes] | None,
        timeout_s: float | None,
        retries: int | None,
        passing: Set[str],
    ) -> Any:
        content: Any = body
        headers = {"content-type": "application/json"}
        if lines is not None:
            content, headers = b"".join(lines), {"content-type": "application/x-ndjson"}
        elif body is not None and not isinstance(body, bytes):
            content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        tries = Retrying(
            stop=stop_after_attempt(1 + (self._retries if retries is None else retries)),
            wait=_WAIT,
            retry=retry_if_exception(lambda error: _passes(error, passing)),
        )
        try:
            return tries(
                self._client.transport.perform_request,
                method,
                path,
                params=dict(params or {}),
                body=content,
                headers=headers,
                timeout=timeout_s or self._timeout_s,
            )
        except RetryError as error:
            last = error.last_attempt.exception()
            raise self._unavailable(last, OPEN_S) from last
        except (failures.AuthenticationException, failures.AuthorizationException) as error:
            raise SettingsError(
                "engine.denied", hosts=", ".join(self.hosts), status=error.status_code
            ) from error
        except failures.TransportError as error:
            raise RequestRefusedError(error, path) from error

    def _unavailable(self, cause: object, retry_after_s: float) -> EngineUnavailableError:
        reason = _reason(cause)
        return EngineUnavailableError(
            "engine.unavailable",
            hosts=", ".join(self.hosts),
            reason=reason,
            retry_after_s=max(1, int(retry_after_s)),
        )


_expected: ContextVar[int] = ContextVar("expected", default=0)


@contextmanager
def _expecting(status: HTTPStatus) -> Iterator[None]:
    """Lets a status be no matter for a warning."""
    before = _expected.set(status)
    try:
        yield
    finally:
        _expected.reset(before)


def _is_worth_telling(record: logging.LogRecord) -> bool:
    """opensearch-py (3.2) warns of every status that is an error, with it as the third of four arguments."""
    told = record.args
    return not (isinstance(told, tuple) and len(told) == 4 and told[2] == _expected.get())


logging.getLogger("opensearch").addFilter(_is_worth_telling)


def document_path(index: str, document_id: str) -> str:
    """The path of a document; an id may hold any character."""
    return f"/{index}/_doc/{quote(document_id, safe='')}"


def stored_documents(
    connection: Connection, index: str, ids: Iterable[str], params: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """The documents with these ids, those that there are, in their order; read some at a time.

    One that its shard does not give (it is moving, its node is gone) is asked for by itself, which is tried
    again as every request is.
    """
    rest = iter(ids)
    while batch := list(islice(rest, DOCUMENTS_AT_ONCE)):
        answer = connection.request("POST", f"/{index}/_mget", {"ids": batch}, params)
        for found in answer["docs"]:
            document = found
            if "error" in found:
                document = connection.ask("GET", document_path(index, found["_id"]), params=params)
            if document is not None and document["found"]:
                yield document


_WAIT = wait_chain(
    wait_none(), wait_random_exponential(multiplier=_FIRST_WAIT_S, max=_LONGEST_WAIT_S)
)
"""At once to the next host, then after random times of a bound that doubles (full jitter)."""


def _passes(error: BaseException, passing: Set[str]) -> bool:
    if isinstance(error, failures.ConnectionError):
        return True
    if not isinstance(error, failures.TransportError):
        return False
    return error.status_code in BUSY or any(cause in passing for cause in _causes(error.info))


def _causes(answer: Any) -> Iterator[str]:
    """The types of what the cluster says an error came of: the failures of shards, or of all of it."""
    said = answer.get("error") if isinstance(answer, dict) else None
    while isinstance(said, dict):
        yield from (cause["type"] for cause in said.get("root_cause", ()))
        said = said.get("caused_by")
        if isinstance(said, dict):
            yield said["type"]


def _reason(cause: object) -> str:
    if isinstance(cause, EngineUnavailableError):
        return str(cause.params["reason"])
    if isinstance(cause, failures.ConnectionError):
        return str(cause.error)
    if isinstance(cause, failures.TransportError):
        return f"{cause.status_code} {cause.error}"
    return repr(cause)


def _client(settings: Settings) -> OpenSearch:
    headers, user = {}, None
    if settings.opensearch_api_key:
        headers["authorization"] = f"ApiKey {settings.opensearch_api_key}"
    elif settings.opensearch_user:
        user = (settings.opensearch_user, settings.opensearch_password)
    authority = settings.opensearch_ca_file
    if authority is not None and not authority.is_file():
        raise SettingsError(
            "settings.unreadable", path=authority, reason="opensearch_ca_file: no such file"
        )
    try:
        return OpenSearch(
            list(settings.opensearch_hosts),
            http_auth=user,
            headers=headers,
            verify_certs=settings.opensearch_verify,
            ssl_show_warn=settings.opensearch_verify,
            ca_certs=None if authority is None else str(authority),
            max_retries=0,  # tries are counted here, with jitter between them
            pool_maxsize=16,
        )
    except (failures.ImproperlyConfigured, ValueError, OSError) as error:
        raise SettingsError(
            "settings.invalid", name="opensearch_hosts", value=repr(settings.opensearch_hosts)
        ) from error
