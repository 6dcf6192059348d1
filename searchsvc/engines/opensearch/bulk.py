"""Documents to the cluster, many at a time: bounded in flight, and patient.

Takes operations, gives those that were refused because the document is not as expected. A batch
that the cluster is too busy for is sent again after a random time that grows, item by item as needed;
meanwhile whoever adds waits, so that nothing piles up. Called by ``writer`` and ``parts``.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from tenacity import (
    RetryError,
    Retrying,
    retry_if_result,
    stop_after_delay,
    wait_random_exponential,
)

from searchsvc.engines.opensearch.connection import BUSY, Connection, RequestRefusedError
from searchsvc.errors import DeveloperError, EngineUnavailableError

BATCH_BYTES: Final = 4_000_000
"""A batch goes when it has so many bytes. OpenSearch's guide says 5 to 15 MB for heaps of several GB;
nodes of 512 MB take these."""

BATCH_DOCUMENTS: Final = 1_000

IN_FLIGHT: Final = 3
"""Batches under way at once; one more waits to be sent."""

PATIENCE_S: Final = 90.0
"""For so long a batch is sent again before the build gives up: a node that restarts is back sooner."""

_SHARD_WAIT: Final = "5s"
"""For so long a node waits for a lost primary before it answers; the wait is better had here."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One change: what to do (the action line's content), and the document's JSON line, if any."""

    action: str
    article_id: str
    options: dict[str, Any]
    source: bytes | None = None

    def lines(self, index: str) -> bytes:
        """As the bulk request has it."""
        what = {self.action: {"_index": index, "_id": self.article_id, **self.options}}
        head = json.dumps(what, ensure_ascii=False, separators=(",", ":")).encode()
        return head + b"\n" if self.source is None else head + b"\n" + self.source + b"\n"


class Bulk:
    """Sends operations on one index from a few threads; used by one thread."""

    def __init__(self, connection: Connection, index: str, patience_s: float | None = None) -> None:
        self._connection = connection
        self._index = index
        self._patience_s = PATIENCE_S if patience_s is None else patience_s
        self._pool = ThreadPoolExecutor(IN_FLIGHT)
        self._room = threading.BoundedSemaphore(IN_FLIGHT + 1)
        self._sent: list[Future[list[Operation]]] = []
        self._batch: list[Operation] = []
        self._batch_bytes = 0
        self._conflicts: list[Operation] = []
        self.waited_s = 0.0
        """How long the adding thread was held back."""

    def add(self, operation: Operation) -> None:
        """Takes one operation; waits where too many are under way.

        Raises what an earlier batch failed with.
        """
        self._batch.append(operation)
        self._batch_bytes += len(operation.source or b"") + 100
        if self._batch_bytes >= BATCH_BYTES or len(self._batch) >= BATCH_DOCUMENTS:
            self._submit()

    def finish(self) -> list[Operation]:
        """Sends the rest and waits for all; gives the operations whose document was not as expected.

        Raises EngineUnavailableError, and DeveloperError where the cluster refuses a document.
        """
        self._submit()
        self._gather(all_of_them=True)
        self._pool.shutdown()
        found, self._conflicts = self._conflicts, []
        return found

    def cancel(self) -> None:
        """Sends nothing more."""
        self._batch = []
        self._pool.shutdown(cancel_futures=True)

    def _submit(self) -> None:
        if not self._batch:
            return
        batch, self._batch, self._batch_bytes = self._batch, [], 0
        started = time.monotonic()
        self._room.acquire()
        self.waited_s += time.monotonic() - started
        future = self._pool.submit(self._send, batch)
        future.add_done_callback(lambda _: self._room.release())
        self._sent.append(future)
        self._gather(all_of_them=False)

    def _gather(self, *, all_of_them: bool) -> None:
        kept = []
        for future in self._sent:
            if all_of_them or future.done():
                self._conflicts += future.result()
            else:
                kept.append(future)
        self._sent = kept

    def _send(self, batch: list[Operation]) -> list[Operation]:
        """Sends until every operation has its answer; gives those in conflict."""
        state = _Batch(self._connection, self._index, batch)
        tries = Retrying(
            stop=stop_after_delay(self._patience_s),
            wait=wait_random_exponential(multiplier=0.2, max=5.0),
            retry=retry_if_result(bool),
        )
        try:
            tries(state.send)
        except RetryError as error:
            raise EngineUnavailableError(
                "engine.unavailable",
                hosts=", ".join(self._connection.hosts),
                reason=state.reason,
                retry_after_s=5,
            ) from error
        return state.conflicts


class _Batch:
    """A batch on its way: what is still to be sent, and what was in conflict."""

    def __init__(self, connection: Connection, index: str, operations: Sequence[Operation]) -> None:
        self._connection, self._index = connection, index
        self._left = list(operations)
        self.conflicts: list[Operation] = []
        self.reason = ""

    def send(self) -> bool:
        """Sends what is left; whether something must be sent again."""
        lines = (operation.lines(self._index) for operation in self._left)
        try:
            answer = self._connection.request(
                "POST", "/_bulk", lines=lines, retries=0,
                params={"timeout": _SHARD_WAIT, "filter_path": _ANSWERED},
            )  # fmt: skip
        except EngineUnavailableError as error:
            self.reason = str(error.params["reason"])
            return True
        except RequestRefusedError as error:
            if error.answered == 413 and len(self._left) > 1:
                return self._send_halves()
            raise
        if answer.get("errors"):
            self._left = list(self._failed(answer["items"]))
        else:
            self._left = []
        return bool(self._left)

    def _send_halves(self) -> bool:
        middle = len(self._left) // 2
        halves = [
            _Batch(self._connection, self._index, part)
            for part in (self._left[:middle], self._left[middle:])
        ]
        again = [half.send() for half in halves]
        self.conflicts += [each for half in halves for each in half.conflicts]
        self._left = [each for half in halves for each in half._left]
        return any(again)

    def _failed(self, items: Sequence[dict[str, Any]]) -> Iterator[Operation]:
        """The operations to send again; notes conflicts, raises what cannot be mended."""
        for operation, item in zip(self._left, items, strict=True):
            result = item[operation.action]
            status = int(result["status"])
            if status < 300 or (status == 404 and operation.action == "delete"):
                continue
            reason = result.get("error", {})
            if status in BUSY:
                self.reason = f"{status} {reason.get('type')}"
                yield operation
            elif status == 409:
                self.conflicts.append(operation)
            else:
                raise DeveloperError(
                    "engine.document", id=operation.article_id, status=status,
                    reason=f"{reason.get('type')}: {reason.get('reason')}",
                )  # fmt: skip


_ANSWERED: Final = "errors,items.*.status,items.*.error.type,items.*.error.reason"
