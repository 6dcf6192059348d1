"""The OpenSearch engine's writers: one fills a new generation, one changes the current.

The first sends documents as they come: nobody reads the index yet. The second keeps its operations in
a file and sends them at the commit, each on the condition that the document is as it was when this
writer looked (sequence number and primary term): nothing is visible before the commit, and what
another writer changed meanwhile is not lost. Called by the indexer.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from searchsvc.engines.opensearch.bulk import Bulk, Operation
from searchsvc.engines.opensearch.connection import Connection, document_path, stored_documents
from searchsvc.engines.opensearch.documents import Documents, encoded
from searchsvc.engines.opensearch.indices import Indices, Meta
from searchsvc.engines.opensearch.layout import ORDER
from searchsvc.errors import EngineUnavailableError, GenerationLostError, OperatorError

_IN_MEMORY_BYTES: Final = 64_000_000

SideFiles = Callable[[], Mapping[str, Any]]
Kept = Callable[[Mapping[str, Any]], None]
Finish = Callable[[Connection, str], None]


class GenerationWriter:
    """Fills the index of a new generation. Sending a document twice is the same as once."""

    def __init__(
        self, indices: Indices, index: str, meta: Meta, keep: Kept, finish: Finish
    ) -> None:
        self._indices, self._index, self._meta = indices, index, meta
        self._keep, self._finish = keep, finish
        self._bulk = Bulk(indices.connection, index)
        self._order = meta.next_order

    def add(self, documents: Documents) -> None:
        """Sends articles; waits where the cluster is behind."""
        with self._lost():
            for article_id, source in zip(documents.ids, documents.sources, strict=True):
                self._bulk.add(_index_operation(article_id, source, self._order, {}))
                self._order += 1

    def delete(self, ids: Iterable[str]) -> set[str]:
        """None: nothing is committed yet."""
        del ids
        return set()

    def commit(self, side_files: SideFiles | None = None) -> None:
        """Sends the rest, makes it visible, and writes what belongs to the commit."""
        with self._lost():
            self._bulk.finish()
            self._indices.refresh(self._index)
            self._finish(self._indices.connection, self._index)
            kept = {} if side_files is None else side_files()
            self._keep(kept)
            articles = self._indices.count(self._index)
            self._meta = _next(self._meta, articles, self._order, kept)
            self._indices.write_meta(self._index, self._meta)

    @contextmanager
    def _lost(self) -> Iterator[None]:
        """Tells a part that is gone for good from a cluster that does not answer."""
        try:
            yield
        except EngineUnavailableError as error:
            if self._indices.health(self._index) != "red":
                raise
            raise GenerationLostError("engine.lost", index=self._index, retry_after_s=5) from error

    def cancel(self) -> None:
        """Sends nothing more; the index goes with the generation."""
        self._bulk.cancel()


class ChangeWriter:
    """Changes the current generation; see the module."""

    def __init__(
        self, indices: Indices, index: str, meta: Meta, keep: Kept, finish: Finish
    ) -> None:
        self._indices, self._index, self._meta = indices, index, meta
        self._keep, self._finish = keep, finish
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115 - closed by commit or cancel
        self._found: dict[str, dict[str, int]] = {}
        """Conditions of the documents that are deleted or replaced, by id."""
        self._order = meta.next_order

    def add(self, documents: Documents) -> None:
        """Keeps articles for the commit; those of the same ids were deleted before, or are not there."""
        for article_id, source in zip(documents.ids, documents.sources, strict=True):
            condition = self._found.pop(article_id, None)
            options = {"op_type": "create"} if condition is None else condition
            self._spool(_index_operation(article_id, source, self._order, options))
            self._order += 1

    def delete(self, ids: Iterable[str]) -> set[str]:
        """Keeps deletions for the commit; gives the ids of those articles that there are."""
        wanted = [each for each in dict.fromkeys(ids) if each not in self._found]
        found = {
            document["_id"]: {
                "if_seq_no": document["_seq_no"], "if_primary_term": document["_primary_term"]
            }
            for document in stored_documents(
                self._indices.connection, self._index, wanted, {"_source": "false"}
            )
        }  # fmt: skip
        self._found |= found
        return set(found)

    def commit(self, side_files: SideFiles | None = None) -> None:
        """Sends everything and makes it visible.

        Raises OperatorError where another writer changed one of the articles; what was sent stays,
        and doing the same again completes it.
        """
        bulk = Bulk(self._indices.connection, self._index)
        try:
            for operation in self._operations():
                bulk.add(operation)
            conflicts = [each for each in bulk.finish() if not self._is_done(each)]
        except BaseException:
            bulk.cancel()
            raise
        self._file.close()
        self._indices.refresh(self._index)
        if conflicts:
            raise OperatorError("engine.conflict", count=len(conflicts), id=conflicts[0].article_id)
        self._finish(self._indices.connection, self._index)
        kept = self._meta.side_files if side_files is None else side_files()
        self._keep(kept)
        articles = self._indices.count(self._index)
        self._meta = _next(self._meta, articles, self._order, kept)
        self._indices.write_meta(self._index, self._meta)

    def cancel(self) -> None:
        """Drops what was not committed."""
        self._file.close()

    def _spool(self, operation: Operation) -> None:
        head = json.dumps([operation.action, operation.article_id, operation.options])
        self._file.write(head.encode() + b"\n" + (operation.source or b"") + b"\n")

    def _operations(self) -> Iterator[Operation]:
        """Deletions first, so that a reader may miss an article sooner than see two."""
        for article_id, condition in self._found.items():
            yield Operation("delete", article_id, condition)
        self._file.seek(0)
        lines = iter(self._file)
        for head in lines:
            action, article_id, options = json.loads(head)
            yield Operation(action, article_id, options, next(lines).rstrip(b"\n"))

    def _is_done(self, operation: Operation) -> bool:
        """Whether a refused operation had been done before: its answer was lost, and it was sent again."""
        path = document_path(self._index, operation.article_id)
        found = self._indices.connection.ask("GET", path, params={"_source_includes": ORDER})
        if operation.action == "delete" or operation.source is None:
            return found is None
        order = json.loads(operation.source)[ORDER]
        return found is not None and found["_source"].get(ORDER) == order


def _next(meta: Meta, articles: int, next_order: int, side_files: Mapping[str, Any]) -> Meta:
    """What an index says of itself after one more commit."""
    return replace(
        meta, commit=meta.commit + 1, changed_at=time.time(), articles=articles,
        next_order=next_order, side_files=side_files,
    )  # fmt: skip


def _index_operation(
    article_id: str, source: Mapping[str, Any], order: int, options: dict[str, Any]
) -> Operation:
    action = "create" if options.pop("op_type", None) else "index"
    return Operation(action, article_id, options, encoded({**source, ORDER: order}))
