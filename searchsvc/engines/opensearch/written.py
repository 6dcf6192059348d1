"""What was written one by one, kept in the cluster: any machine may write, and any may reindex.

The index ``<prefix>-written`` has a document for each article put, under its id: the record as text,
``order`` (a number that rises with every write) and ``token``, which says whose write it is. A deleted
article has none. Documents are changed on the condition that they are as they were read, so that a
writer that lost the write lock without knowing it undoes nothing of its successor's. Called by
``generation``.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeAlias

from searchsvc.articles import Article
from searchsvc.engines.opensearch.bulk import Bulk, Operation
from searchsvc.engines.opensearch.connection import RequestRefusedError, stored_documents
from searchsvc.engines.opensearch.documents import encoded
from searchsvc.engines.opensearch.indices import Indices
from searchsvc.engines.opensearch.layout import ORDER
from searchsvc.engines.opensearch.searching import IndexSearcher
from searchsvc.errors import CommittedError, EngineUnavailableError, OperatorError
from searchsvc.settings import Settings
from searchsvc.sources import SourceFile
from searchsvc.storage import make_folder, replace_file, storage_error
from searchsvc.written import FILE, record_text

AT_ONCE: Final = 200
"""Articles read at a time."""

_ID: Final = "id"
_RECORD: Final = "record"
_TOKEN: Final = "token"

_KEPT: Final = {"type": "keyword", "index": False, "doc_values": False}
_MAPPINGS: Final = {
    "dynamic": "strict",
    "properties": {
        _ID: {"type": "keyword"},
        ORDER: {"type": "long"},
        _RECORD: _KEPT,
        _TOKEN: _KEPT,
    },
}

Stored: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Documents as the cluster gives them, by id."""


class WrittenIndex:
    """What was written to one archive; see ``searchsvc.engines.contract.Written``."""

    def __init__(self, indices: Indices, settings: Settings, folder: Path) -> None:
        """A reindex reads it from a file in this local folder."""
        self._indices, self._connection = indices, indices.connection
        self.index = f"{indices.prefix}-written"
        self.path = folder / FILE
        self._copies = {"auto_expand_replicas": f"0-{max(1, settings.opensearch_replicas)}"}

    def create(self) -> None:
        """Makes the index, where it is not there."""
        path = f"/{self.index}"
        if self._connection.ask("GET", path, params={"filter_path": "*.aliases"}) is not None:
            return
        settings = {"index": {"number_of_shards": 1, **self._copies}}
        try:
            self._connection.request("PUT", path, {"settings": settings, "mappings": _MAPPINGS})
        except RequestRefusedError as error:
            if error.reason != "resource_already_exists_exception":
                raise

    @contextmanager
    def recorded(self, changes: Mapping[str, Article | None]) -> Iterator[None]:
        """Records articles by id, None for one deleted; takes them back where the block fails before
        its commit.

        Where the cluster does not answer then, they stay, as where this process is killed. Raises
        EngineUnavailableError, and OperatorError where another writer recorded one of them meanwhile.
        """
        before = self._stored(changes)
        wanted = {i: a for i, a in changes.items() if a is not None or i in before}
        if not wanted:
            yield
            return
        token, is_put = uuid.uuid4().hex, {i: a is not None for i, a in wanted.items()}
        try:
            self._record(wanted, before, token)
            del changes, wanted  # a copy records many, some at a time, all until it is done
            yield
        except CommittedError:
            raise
        except BaseException:
            with suppress(EngineUnavailableError):
                self._take_back(is_put, before, token)
            raise

    def source(self) -> tuple[SourceFile, ...]:
        """Fetches them all into a local file, in the order of their last writes; none where nothing
        was written.

        Raises EngineUnavailableError, StorageError.
        """
        settings = {"index": self._copies}
        self._connection.request("PUT", f"/{self.index}/_settings", settings)
        try:
            make_folder(self.path.parent)
            replace_file(self.path, lambda file: file.writelines(self._lines()))
            size_bytes = self.path.stat().st_size
        except OSError as error:
            raise storage_error(error, self.path) from error
        return (SourceFile(self.path, FILE, size_bytes),) if size_bytes else ()

    def articles(self) -> Iterator[Article]:
        """What would be reindexed, in its order."""
        for line in self._lines():
            yield Article.from_record(json.loads(line))

    def forget(self) -> None:
        """Removes the local file."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)

    def _lines(self) -> Iterator[bytes]:
        self._indices.refresh(self.index)
        body = {
            "query": {"match_all": {}}, "sort": [{ORDER: "asc"}, {_ID: "asc"}], "_source": [_RECORD]
        }  # fmt: skip
        for hit in IndexSearcher(self._connection, self.index).all_hits(body, AT_ONCE):
            yield hit["_source"][_RECORD].encode() + b"\n"

    def _record(self, changes: Mapping[str, Article | None], before: Stored, token: str) -> None:
        """Makes the changes, where everything is as it was ``before``."""
        order = self._next_order() if any(changes.values()) else 0
        operations = []
        for article_id, article in changes.items():
            there = before.get(article_id)
            if article is None:
                operations.append(Operation("delete", article_id, _condition(there)))
            else:
                record = record_text(article.to_record())
                source = {_ID: article_id, ORDER: order, _RECORD: record, _TOKEN: token}
                operations.append(_put(source, there))
                order += 1
        refused = self._send(operations)
        if not refused:
            return
        now = self._stored(operation.article_id for operation in refused)
        others = [
            operation.article_id
            for operation in refused
            if not _is_done(operation, now.get(operation.article_id), token)
        ]
        if others:
            raise OperatorError("engine.conflict", count=len(others), id=others[0])

    def _take_back(self, is_put: Mapping[str, bool], before: Stored, token: str) -> None:
        """Puts back what was there ``before``, in place of what was written with this token alone."""
        now = self._stored(is_put)
        operations = []
        for article_id, put in is_put.items():
            there, former = now.get(article_id), before.get(article_id)
            if not put and there is None and former is not None:
                operations.append(_put(former["_source"], None))
            elif there is not None and there["_source"][_TOKEN] == token:
                operations.append(
                    Operation("delete", article_id, _condition(there))
                    if former is None
                    else _put(former["_source"], there)
                )
        self._send(operations)

    def _stored(self, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The documents of these articles as they are now, those that there are."""
        found = stored_documents(self._connection, self.index, ids, {})
        return {document["_id"]: document for document in found}

    def _next_order(self) -> int:
        """A number above those of everything recorded."""
        self._indices.refresh(self.index)
        body = {"size": 0, "aggs": {"newest": {"max": {"field": ORDER}}}}
        answer = IndexSearcher(self._connection, self.index).search(body)
        newest = answer["aggregations"]["newest"]["value"]
        return 0 if newest is None else int(newest) + 1

    def _send(self, operations: Iterable[Operation]) -> list[Operation]:
        """Sends them; gives those whose document was not as expected, or that were sent twice."""
        bulk = Bulk(self._connection, self.index)
        try:
            for operation in operations:
                bulk.add(operation)
            return bulk.finish()
        except BaseException:
            bulk.cancel()
            raise


def _put(source: Mapping[str, Any], there: Mapping[str, Any] | None) -> Operation:
    """Writes a document in place of what is there, if anything."""
    action = "create" if there is None else "index"
    return Operation(action, source[_ID], _condition(there), encoded(source))


def _condition(there: Mapping[str, Any] | None) -> dict[str, Any]:
    if there is None:
        return {}
    return {"if_seq_no": there["_seq_no"], "if_primary_term": there["_primary_term"]}


def _is_done(operation: Operation, there: Mapping[str, Any] | None, token: str) -> bool:
    """Whether a refused operation had been done before: its answer was lost, and it was sent again."""
    if operation.action == "delete":
        return there is None
    return there is not None and there["_source"][_TOKEN] == token
