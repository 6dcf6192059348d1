"""What one process at a time may do: documents that it keeps changing while it lives.

A lease is a document of the index ``<prefix>-work`` whose sequence number rises with every beat. No
clock is compared with another: who wants a lease that is taken watches it for ``LEASE_S``, and takes
it over where it has not changed, by a conditional write that only one of several can win. Called by
``generation`` (the write lock) and ``parts`` (shared reindexing).
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from searchsvc.engines.opensearch.connection import Connection, RequestRefusedError, document_path
from searchsvc.errors import EngineUnavailableError, IndexLockedError

LEASE_S: Final = 12.0
"""A holder that has not been heard of for so long is taken for dead."""

BEAT_S: Final = 3.0

_AT_ONCE: Final = 1_000

_BODY: Final = {
    "settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}},
    "mappings": {
        "dynamic": False,
        "properties": {
            "loss_of": {"type": "keyword"},
            "id": {"type": "keyword"},
            "part": {"type": "integer"},
        },
    },
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A document as it was read, with what a conditional write names."""

    content: dict[str, Any]
    seq_no: int
    primary_term: int

    @property
    def condition(self) -> dict[str, int]:
        """Parameters by which a write holds only where nobody wrote since."""
        return {"if_seq_no": self.seq_no, "if_primary_term": self.primary_term}


class WorkIndex:
    """The coordination index: small documents, read in real time, written on conditions."""

    def __init__(self, connection: Connection, prefix: str) -> None:
        self.connection = connection
        self.index = f"{prefix}-work"

    def create(self) -> None:
        """Makes the index, where it is not there."""
        if (
            self.connection.ask("GET", f"/{self.index}", params={"filter_path": "*.aliases"})
            is None
        ):
            try:
                self.connection.request("PUT", f"/{self.index}", _BODY)
            except RequestRefusedError as error:
                if error.reason != "resource_already_exists_exception":
                    raise

    def read(self, name: str) -> Kept | None:
        """A document; None where there is none."""
        found = self.connection.ask("GET", document_path(self.index, name))
        if found is None:
            return None
        return Kept(found["_source"], found["_seq_no"], found["_primary_term"])

    def read_all(self, names: list[str]) -> list[Kept | None]:
        """Several documents, in this order."""
        if not names:
            return []
        found = self.connection.request("POST", f"/{self.index}/_mget", {"ids": names})["docs"]
        return [
            Kept(d["_source"], d["_seq_no"], d["_primary_term"]) if d.get("found") else None
            for d in found
        ]

    def write(self, name: str, content: Mapping[str, Any], before: Kept | None) -> Kept | None:
        """Writes a document where it is as it was read (``before`` None: where there is none).

        None where somebody else was first. A write is recognised by its ``token`` where its answer
        was lost and it was sent again.
        """
        marked = {**content, "token": uuid.uuid4().hex}
        params = {"op_type": "create"} if before is None else before.condition
        done = self.connection.put_if(document_path(self.index, name), marked, params)
        if done is None:
            found = self.read(name)
            return found if found and found.content["token"] == marked["token"] else None
        return Kept(marked, done["_seq_no"], done["_primary_term"])

    def remove(self, name: str, before: Kept | None = None) -> None:
        """Removes a document; where ``before`` is given, only as it was read."""
        try:
            self.connection.ask(
                "DELETE", document_path(self.index, name), params=before.condition if before else {}
            )
        except RequestRefusedError as error:
            if error.answered != 409:
                raise

    def losses(self, generation: str) -> list[dict[str, Any]]:
        """The documents of a build that say which part lost an article (``parts``)."""
        self.connection.request("POST", f"/{self.index}/_refresh")
        query = {"query": {"term": {"loss_of": generation}}, "size": _AT_ONCE}
        body: dict[str, Any] = {**query, "sort": ["id", "part"]}
        found: list[dict[str, Any]] = []
        while True:
            hits = self.connection.request("POST", f"/{self.index}/_search", body)["hits"]["hits"]
            found += [hit["_source"] for hit in hits]
            if len(hits) < _AT_ONCE:
                return found
            body["search_after"] = hits[-1]["sort"]

    def remove_losses(self, generation: str) -> None:
        """Removes what ``losses`` gives."""
        body = {"query": {"term": {"loss_of": generation}}}
        path = f"/{self.index}/_delete_by_query"
        self.connection.request("POST", path, body, params={"conflicts": "proceed"})


class Lease:
    """A lease that this process holds; it beats by itself until it is released or lost."""

    def __init__(self, work: WorkIndex, name: str, kept: Kept) -> None:
        self._work, self.name, self._kept = work, name, kept
        self._changing = threading.Lock()
        self._ended = threading.Event()
        self.lost = False
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    @property
    def content(self) -> dict[str, Any]:
        """The document as this process last wrote it."""
        return self._kept.content

    def check(self) -> None:
        """Raises IndexLockedError where another process took the lease over."""
        if self.lost:
            raise IndexLockedError("index.locked", path=self._work.index)

    def change(self, **content: Any) -> None:
        """Writes further content. Raises IndexLockedError where the lease was lost."""
        self._write(content)
        self.check()

    def release(self, **content: Any) -> None:
        """Ends the lease; the document stays, with further content, and says that nobody holds it.

        Where no node answers, it ends by itself.
        """
        self._stop()
        with suppress(EngineUnavailableError):
            self._write({**content, "holder": None})

    def abandon(self) -> None:
        """Stops beating without a word, as a process that died."""
        self._stop()

    def _stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_S) and not self.lost:
            try:
                self._write({})
            except EngineUnavailableError:
                continue  # nobody else can take it over meanwhile, either

    def _write(self, content: Mapping[str, Any]) -> None:
        with self._changing:
            if self.lost:
                return
            written = self._work.write(self.name, {**self._kept.content, **content}, self._kept)
            if written is None:
                self.lost = True
            else:
                self._kept = written


class Watch:
    """Remembers since when leases have not changed; tells which of them nobody holds any more."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[tuple[int, int], float]] = {}

    def is_free(self, name: str, kept: Kept | None) -> bool:
        """Whether a lease may be taken: nobody holds it, or its holder has not been heard of."""
        if kept is None or kept.content.get("holder") is None:
            return True
        place, now = (kept.primary_term, kept.seq_no), time.monotonic()
        known, since = self._seen.get(name, (None, now))
        if known != place:
            self._seen[name] = (place, now)
            return False
        return now - since >= LEASE_S


def take(work: WorkIndex, name: str, holder: str, **content: Any) -> Lease:
    """Takes a lease. A dead holder's is had after ``LEASE_S``.

    Raises IndexLockedError as soon as a living holder is heard of, or another process was first.
    """
    watch, first = Watch(), work.read(name)
    found = first
    while not watch.is_free(name, found):
        time.sleep(min(0.5, LEASE_S / 10))
        found = work.read(name)
        if first and found and found.seq_no != first.seq_no and found.content.get("holder"):
            raise IndexLockedError("index.locked", path=work.index)
    written = work.write(name, {**content, "holder": holder}, found)
    if written is None:
        raise IndexLockedError("index.locked", path=work.index)
    return Lease(work, name, written)
