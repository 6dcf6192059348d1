"""An index of its own in a cluster, written plainly by one process: for comparisons and tests."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from typing import Final

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.opensearch.connection import Connection
from searchsvc.engines.opensearch.documents import DocumentMaker, encoded
from searchsvc.engines.opensearch.engine import OpenSearchEngine
from searchsvc.engines.opensearch.layout import ORDER, index_body
from searchsvc.engines.opensearch.opening import open_engine
from searchsvc.engines.opensearch.reprints import finish
from searchsvc.settings import Settings

AT_ONCE: Final = 500
_CLAUSES: Final = {"persistent": {"indices.query.bool.max_clause_count": 8192}}


class ClusterIndex:
    """One physical index by its name."""

    def __init__(self, settings: Settings, name: str, analyzer: Analyzer) -> None:
        self.connection = Connection(settings)
        self.name = name
        self._settings = settings
        self._analyzer = analyzer

    @property
    def exists(self) -> bool:
        """Whether the cluster has it."""
        return self.connection.ask("GET", f"/{self.name}") is not None

    def build(self, articles: Iterable[Article]) -> None:
        """Makes the index of articles, in their order."""
        self.connection.request("PUT", "/_cluster/settings", _CLAUSES)
        self.connection.request("PUT", f"/{self.name}", index_body(self._settings))
        make, order, rest = DocumentMaker(), 0, iter(articles)
        while batch := list(islice(rest, AT_ONCE)):
            lines = []
            for name, source in zip((a.id for a in batch), make(batch).sources, strict=True):
                order += 1
                source[ORDER] = order
                action = json.dumps({"index": {"_id": name}}, ensure_ascii=False)
                lines += [action.encode(), b"\n", encoded(source), b"\n"]
            answer = self.connection.request("POST", f"/{self.name}/_bulk", lines=lines)
            if answer["errors"]:
                raise SystemExit(f"not written: {answer['items'][:3]}")
        self._refresh()
        if finish(self.connection, self.name):
            self._refresh()

    def open(self) -> OpenSearchEngine:
        """A reader of it."""
        return open_engine(self.connection, self.name, self._analyzer, "1")

    def drop(self) -> None:
        """Removes it."""
        self.connection.request("DELETE", f"/{self.name}")

    def _refresh(self) -> None:
        self.connection.request("POST", f"/{self.name}/_refresh")
