"""One build shared by several processes, on whatever machines: who does which part of the sources.

Documents of the index ``<prefix>-work`` (``leases``):

``plan``
    the build that is under way: its generation, what it is made of (``identity``), the number of its
    parts, and ``done`` once it is current. A build whose index lost a shard gets a new generation.
``<generation>-part-<n>``
    a part: waiting, taken (a lease that its worker keeps alive) or ``done``. A part whose worker died
    is had by the next that looks; doing it again gives the same documents. Part ``WRITTEN`` is for
    who leads, and has the ``checksum`` of what was written one by one, which may be another when the
    one that led died and a writer came before the next: the build then begins anew.
``<generation>-loss-<id>``
    an article of a part that another part, which comes before it, has under the same id.
``lock``
    the write lock, held by one of the workers, who completes the build; another takes it over.

What a part gives beside its documents is a file of the generation (``side_store``). Called by
``searchsvc.shared_indexing``.
"""

from __future__ import annotations

import json
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.contract import WRITTEN
from searchsvc.engines.opensearch.bulk import Bulk, Operation
from searchsvc.engines.opensearch.connection import document_path
from searchsvc.engines.opensearch.documents import Documents, encoded
from searchsvc.engines.opensearch.generation import (
    LOCK,
    OpenSearchGeneration,
    OpenSearchGenerations,
    new_name,
)
from searchsvc.engines.opensearch.layout import ORDER, RECORD
from searchsvc.engines.opensearch.leases import Kept, Lease, Watch, take
from searchsvc.errors import GenerationLostError, IndexLockedError
from searchsvc.written import FILE

PLAN: Final = "plan"
PART_BITS: Final = 32
"""An article's place in index order: the number of its part, then its place in that, in these bits."""

_POLL_S: Final = 0.5


class SharedBuild:
    """A build that this process has joined."""

    def __init__(
        self, generations: OpenSearchGenerations, analyzer: Analyzer, identity: str, parts: int
    ) -> None:
        """Joins the build of this identity, or begins it.

        Raises IndexLockedError where another build or writer is at work.
        """
        self._generations, self._analyzer = generations, analyzer
        self.work = generations.work
        self.connection = generations.connection
        self.holder = f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex}"
        self._watch = Watch()
        self._joined = time.monotonic()
        self._lead: Lease | None = None
        generations.work.create()
        generations.files.create()
        generations.written.create()
        self._identity = identity
        content = self._join(parts).content
        self.parts: int = content["parts"]
        self.generation: OpenSearchGeneration = generations.make(
            content["generation"], analyzer, careful=content["careful"]
        )

    @property
    def leads(self) -> bool:
        """Whether this process completes the build."""
        return self._lead is not None and not self._lead.lost

    def next_part(self) -> tuple[int, Lease] | None:
        """A part for this process to do; None where all are done, or the build is.

        Waits while the rest is with others, and takes over what they leave.
        """
        while True:
            if self.is_over():
                return None
            self._take_lead()
            names = {n: self._part(n) for n in range(self.parts) if n != WRITTEN}
            found = dict(zip(names, self.work.read_all([*names.values()]), strict=True))
            left = [n for n, kept in found.items() if not (kept and kept.content.get("done"))]
            if not left:
                return None
            for number in left:
                if self._watch.is_free(names[number], found[number]):
                    lease = self._take(names[number], found[number])
                    if lease is not None:
                        return number, lease
            time.sleep(_POLL_S)

    def take_written(self, checksum: str) -> Lease | None:
        """The lease of part ``WRITTEN``, for the process that leads; None where it is done.

        Raises GenerationLostError where it was begun with something of another checksum.
        """
        name = self._part(WRITTEN)
        found = self.work.read(name)
        if found is not None and found.content["checksum"] != checksum:
            raise GenerationLostError("engine.lost", index=self.generation.index, retry_after_s=5)
        if found is not None and found.content.get("done"):
            return None
        lease = self._take(name, found, checksum=checksum)
        if lease is None:
            raise IndexLockedError("index.locked", path=self.work.index)
        return lease

    def is_over(self) -> bool:
        """Whether the build was completed, or begun anew with another generation."""
        plan = self.work.read(PLAN)
        return (
            plan is None
            or plan.content["generation"] != self.generation.name
            or bool(plan.content.get("done"))
        )

    def wait(self) -> bool:
        """Waits until the build is over (False), or this process has to complete it (True)."""
        while not self.is_over():
            self._take_lead()
            if self.leads:
                return True
            time.sleep(_POLL_S)
        return False

    def finish_part(self, number: int, lease: Lease, result: Mapping[str, Any]) -> None:
        """Stores what a part gave and marks it done. Raises IndexLockedError where it was lost."""
        lease.check()
        content = json.dumps(result, ensure_ascii=False).encode("utf-8", "surrogatepass")
        self._generations.files.put(self.generation.name, f"parts/{number}.json", content)
        lease.change(done=True)
        lease.release()

    def results(self) -> Iterator[dict[str, Any]]:
        """What the parts gave, in their order; all must be done."""
        for number in range(self.parts):
            content = self._generations.files.get(self.generation.name, f"parts/{number}.json")
            yield json.loads(content or b"{}")

    def losses(self) -> list[dict[str, Any]]:
        """The articles that parts counted and lost to parts before them: ``id``, ``part``, ``record``
        and the file that has them, ``first``.
        """
        return self.work.losses(self.generation.name)

    def writer(self, number: int) -> PartWriter:
        """Writes the articles of a part."""
        return PartWriter(self, number)

    def is_complete(self) -> bool:
        """Whether this build is current, rather than begun anew."""
        plan = self.work.read(PLAN)
        named = plan is not None and plan.content["generation"] == self.generation.name
        return named and bool(plan and plan.content.get("done"))

    def commit(self, side_files: Callable[[], Mapping[str, Any]]) -> None:
        """Makes all that the parts wrote visible, with the side files."""
        self.generation.writer(next_order=self.parts << PART_BITS).commit(side_files)

    @property
    def seconds(self) -> float:
        """How long ago this process joined."""
        return time.monotonic() - self._joined

    def publish(self, manifest: Mapping[str, Any]) -> None:
        """Makes the build current. Raises IndexLockedError where another process leads."""
        if self._lead is None:
            raise IndexLockedError("index.locked", path=self.work.index)
        self._generations.lease = self._lead
        self._generations.publish(self.generation, manifest)
        plan = self.work.read(PLAN)
        if plan is not None:
            self.work.write(PLAN, {**plan.content, "done": True}, plan)
        self._clean()

    def restart(self) -> None:
        """Begins the build anew, with copies from the start: a part of its index is gone."""
        plan = self.work.read(PLAN)
        if plan is not None and plan.content["generation"] == self.generation.name:
            self._plan(plan, plan.content["parts"], careful=True)

    def leave(self) -> None:
        """Gives the lead back."""
        if self._lead is not None:
            self._lead.release()
            self._lead = None

    def _join(self, parts: int) -> Kept:
        while True:
            plan = self.work.read(PLAN)
            if plan is not None and not plan.content.get("done"):
                same = plan.content["identity"] == self._identity
                if same and self._generations.indices.exists(plan.content["generation"]):
                    return plan
            try:
                lead = self._lead or take(self.work, LOCK, self.holder, shared=self._identity)
            except IndexLockedError:
                lock = self.work.read(LOCK)
                if lock is None or lock.content.get("shared") != self._identity:
                    raise
                time.sleep(_POLL_S)  # who leads is about to write the plan
                continue
            self._lead = lead
            self._generations.remove_leftovers()
            planned = self._plan(self.work.read(PLAN), parts, careful=False)
            if planned is not None:
                return planned

    def _plan(self, before: Kept | None, parts: int, *, careful: bool) -> Kept | None:
        """Makes an index and writes the plan to fill it; None where another process was first."""
        name = new_name()
        self._generations.make(name, self._analyzer, careful=careful)
        content = {
            "identity": self._identity, "parts": parts, "generation": name, "careful": careful
        }  # fmt: skip
        written = self.work.write(PLAN, content, before)
        if written is None:
            self._generations.indices.remove(self._generations.indices.name(name))
        return written

    def _take_lead(self) -> None:
        """Takes the lock where nobody holds it, or who did is no longer heard of."""
        if self.leads:
            return
        found = self.work.read(LOCK)
        if self._watch.is_free(LOCK, found):
            content = {"holder": self.holder, "shared": self._identity}
            written = self.work.write(LOCK, content, found)
            self._lead = Lease(self.work, LOCK, written) if written else None

    def _take(self, name: str, found: Kept | None, **content: Any) -> Lease | None:
        written = self.work.write(name, {**content, "holder": self.holder}, found)
        return Lease(self.work, name, written) if written else None

    def _part(self, number: int) -> str:
        return f"{self.generation.name}-part-{number}"

    def _clean(self) -> None:
        """Removes what was kept of the parts."""
        for number in range(self.parts):
            self.work.remove(self._part(number))
        self.work.remove_losses(self.generation.name)


class PartWriter:
    """Writes the articles of one part; of several parts with the same id the first one has it."""

    def __init__(self, build: SharedBuild, number: int) -> None:
        self._build, self._number = build, number
        self._connection = build.connection
        self._index = build.generation.index
        self._bulk = Bulk(self._connection, self._index)
        self._order = number << PART_BITS

    def add(self, documents: Documents) -> None:
        """Sends articles; waits where the cluster is behind."""
        for article_id, source in zip(documents.ids, documents.sources, strict=True):
            line = encoded({**source, ORDER: self._order})
            self._bulk.add(Operation("create", article_id, {}, line))
            self._order += 1

    def finish(self) -> list[tuple[dict[str, Any], str]]:
        """Sends the rest; gives the records of the articles that a part before this one has, each
        with the file that it has them from.
        """
        lost = []
        for operation in self._bulk.finish():
            first = self._lost_to(operation)
            if first is not None:
                lost.append((_record_of(operation), first))
        return lost

    def cancel(self) -> None:
        """Sends nothing more; who does the part again sends the same."""
        self._bulk.cancel()

    def _lost_to(self, operation: Operation) -> str | None:
        """Settles whose an id is: None where it is this part's, else the file that comes before."""
        while True:
            path = document_path(self._index, operation.article_id)
            there = self._connection.ask("GET", path)
            if there is None:
                condition: dict[str, Any] = {"op_type": "create"}
            else:
                owner = there["_source"][ORDER] >> PART_BITS
                if owner == self._number:
                    return None  # written before, by this worker or by one that died
                if owner < self._number:
                    return _file_of(owner, there["_source"][RECORD])
                name = f"{self._build.generation.name}-loss-{operation.article_id}-{owner}"
                loss = {
                    "loss_of": self._build.generation.name, "id": operation.article_id, "part": owner,
                    "record": there["_source"][RECORD], "first": _file_of(self._number, _record_of(operation)),
                }  # fmt: skip
                self._build.work.write(name, loss, None)
                condition = {
                    "if_seq_no": there["_seq_no"], "if_primary_term": there["_primary_term"]
                }  # fmt: skip
            if self._connection.put_if(path, operation.source or b"", condition) is not None:
                return None


def _record_of(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(operation.source or b"{}")[RECORD]
    return found


def _file_of(part: int, record: Mapping[str, Any]) -> str:
    if part == WRITTEN:
        return FILE
    source = Article.from_record(record).source
    return source.path if source else ""


def open_shared_build(
    generations: OpenSearchGenerations, analyzer: Analyzer, identity: str, parts: int
) -> SharedBuild:
    """Joins the build of this identity, or begins it."""
    return SharedBuild(generations, analyzer, identity, parts)
