"""Indices on the test cluster, written plainly: a document a line, one after another."""

import json
import uuid

from searchsvc.engines.opensearch.connection import Connection
from searchsvc.engines.opensearch.documents import DocumentMaker, encoded
from searchsvc.engines.opensearch.layout import index_body
from searchsvc.engines.opensearch.opening import open_engine
from searchsvc.engines.opensearch.reprints import finish
from searchsvc.settings import Settings

AT_ONCE = 500
CLAUSES = {"persistent": {"indices.query.bool.max_clause_count": 8192}}


class TestIndex:
    """An index that lives as long as a test."""

    __test__ = False

    def __init__(self, nodes, analyzer, shards=2, lengths=None):
        hosts = tuple(node.url for node in nodes)
        settings = Settings(
            engine="opensearch",
            opensearch_hosts=hosts,
            opensearch_shards=shards,
            opensearch_replicas=0,
        )
        self.connection = Connection(settings)
        self.name = f"test-{uuid.uuid4().hex}"
        self._analyzer = analyzer
        self._lengths = lengths
        self._make = DocumentMaker(lengths=lengths)
        self._order = self._commits = 0
        self.connection.request("PUT", "/_cluster/settings", CLAUSES)
        self.connection.request("PUT", f"/{self.name}", index_body(settings, lengths))

    def add(self, articles):
        for start in range(0, len(articles), AT_ONCE):
            lines = []
            for source in self._make(articles[start : start + AT_ONCE]).sources:
                self._order += 1
                action = {"index": {"_id": source["id"][0]}}
                source["order"] = self._order
                lines += [json.dumps(action, ensure_ascii=False).encode(), b"\n"]
                lines += [encoded(source), b"\n"]
            answer = self.connection.request("POST", f"/{self.name}/_bulk", lines=lines)
            assert not answer["errors"], answer

    def delete(self, article_id):
        self.connection.request("DELETE", f"/{self.name}/_doc/{article_id}")

    def commit(self):
        self._refresh()
        if finish(self.connection, self.name, lengths=self._lengths):
            self._refresh()
        self._commits += 1

    def open(self):
        return open_engine(self.connection, self.name, self._analyzer, str(self._commits))

    def close(self):
        self.connection.request("DELETE", f"/{self.name}")
        self.connection.close()

    def _refresh(self):
        self.connection.request("POST", f"/{self.name}/_refresh")
