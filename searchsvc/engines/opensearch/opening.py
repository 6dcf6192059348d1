"""Opening an index of a cluster for reading. Called by the engine's generations."""

from __future__ import annotations

from searchsvc.analysis import Analyzer
from searchsvc.engines.opensearch.connection import Connection
from searchsvc.engines.opensearch.engine import OpenSearchEngine
from searchsvc.engines.opensearch.layout import Lengths, ranking_fingerprint
from searchsvc.engines.opensearch.searching import IndexSearcher
from searchsvc.errors import IndexDamagedError, IndexMissingError

_PLAIN_BM25_FROM = 3
"""From this version on the cluster's BM25 does not multiply by k1 + 1."""


def open_engine(
    connection: Connection, index: str, analyzer: Analyzer, version: str
) -> OpenSearchEngine:
    """Opens an index by its physical name.

    Raises IndexMissingError where there is none, IndexDamagedError where its frequencies were weighted
    by other ranking parameters, EngineUnavailableError.
    """
    found = connection.ask("GET", f"/{index}/_mapping")
    if not found:
        raise IndexMissingError("index.missing", path=index)
    (described,) = found.values()
    meta = described["mappings"].get("_meta", {})
    if meta.get("ranking") != ranking_fingerprint():
        raise IndexDamagedError("index.ranking", path=index)
    major = int(connection.request("GET", "/")["version"]["number"].partition(".")[0])
    return OpenSearchEngine(
        IndexSearcher(connection, index),
        version,
        analyzer,
        Lengths(**meta["lengths"]),
        times_k1=major < _PLAIN_BM25_FROM,
    )
