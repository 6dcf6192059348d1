"""Measures both engines on one corpus in one run; see scripts/bench-opensearch.

Client time is the processor time of this process and those it started, server time that of the
cluster's nodes, both by the kernel's accounts, so that other work on the machine does not count. Wall
times are printed beside. Works out how many bytes and how much time an article and a query take, which
the sizing guide is computed from.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import opensearch_cluster
from cluster_requests import counted
from silent import Silent

from searchsvc.articles import Article
from searchsvc.engines.opensearch.connection import Connection
from searchsvc.indexer import reindex
from searchsvc.reading import Progress
from searchsvc.results import FACETS, SearchRequest
from searchsvc.service import SearchService, open_service
from searchsvc.settings import Settings
from searchsvc.sources import find_sources, read_source

PREFIX = "bench"
PAGES = 100
"""So many pages are turned by cursor."""

SHARD_BYTES = 30_000_000_000
"""OpenSearch's guide for search: shards of 10 to 30 GB."""

NODE_BYTES = 1_000_000_000_000
"""A node with 64 GB of memory, 31 of them heap, and 1.5 TB of disk, at most two thirds full."""


@dataclass
class Spent:
    """Seconds: on the wall, of the client's processors, of the nodes'."""

    wall_s: float = 0.0
    client_s: float = 0.0
    server_s: float = 0.0


def client_seconds() -> float:
    """Processor time of this process and of those that it waited for."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def server_seconds(cluster: Path) -> float:
    """Processor time of the cluster's nodes."""
    ticks = 0
    for node in opensearch_cluster.running_nodes(cluster):
        number = opensearch_cluster.pid(cluster, node)
        fields = Path(f"/proc/{number}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def measured(cluster: Path) -> Iterator[Spent]:
    """What the block spends."""
    spent = Spent(time.monotonic(), client_seconds(), server_seconds(cluster))
    yield spent
    spent.wall_s = time.monotonic() - spent.wall_s
    spent.client_s = client_seconds() - spent.client_s
    spent.server_s = server_seconds(cluster) - spent.server_s


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="scripts/bench-opensearch")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--size", default="10k", help="articles: 5000, 10k, 1m, or all")
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--cluster", type=Path, default=opensearch_cluster.FOLDER,
                        help="the folder of the cluster, where it is not the usual one")  # fmt: skip
    given = parser.parse_args()
    cluster = given.cluster.absolute()
    nodes = opensearch_cluster.running_nodes(cluster)
    if not nodes:
        parser.error("no cluster is running: scripts/opensearch-cluster start")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "articles.jsonl")
        titles = write_part(given.corpus, source, size_of(given.size))
        settings = Settings(
            index_dir=Path(folder, "index"),
            opensearch_hosts=tuple(node.url for node in nodes),
            opensearch_index=PREFIX,
        )
        queries = titles[:: max(1, len(titles) // given.queries)][: given.queries]
        found = {
            engine: measure(replace(settings, engine=engine), cluster, source, queries)
            for engine in ("whoosh", "opensearch")
        }
        remove(replace(settings, engine="opensearch"))
        planned = plan(found["opensearch"])
        figures = {"articles": len(titles), "nodes": len(nodes), **found, "plan": planned}
        print(json.dumps(figures, indent=2))


def remove(settings: Settings) -> None:
    """Removes what was built in the cluster."""
    connection = Connection(settings)
    for index in connection.request("GET", f"/{PREFIX}-*/_alias"):
        connection.ask("DELETE", f"/{index}")
    connection.close()


def plan(figures: dict[str, Any]) -> list[dict[str, float]]:
    """What archives of these sizes need by the measured figures of an article, on paper.

    Primaries of ``SHARD_BYTES`` and a copy of each; ``NODE_BYTES`` of index on a node; the processors'
    hours of a reindex on the clients and on the nodes, without the making of copies.
    """
    rows = []
    for articles in (1_000_000, 10_000_000, 100_000_000, 1_000_000_000):
        index_bytes = articles * figures["bytes_per_article"]
        rows.append(
            {
                "articles": articles,
                "primary_gb": round(index_bytes / 1e9, 1),
                "shards": max(1, -(-index_bytes // SHARD_BYTES)),
                "nodes": max(3, -(-2 * index_bytes // NODE_BYTES)),
                "client_core_hours": round(articles * figures["client_ms_per_article"] / 3.6e6, 1),
                "server_core_hours": round(articles * figures["server_ms_per_article"] / 3.6e6, 1),
            }
        )
    return rows


def size_of(text: str) -> int | None:
    """A number of articles; None for all."""
    if text == "all":
        return None
    factor = {"k": 1_000, "m": 1_000_000}.get(text[-1], 1)
    return int(text.rstrip("km")) * factor


def write_part(corpus: Path, target: Path, count: int | None) -> list[str]:
    """Writes the first articles of a corpus; gives their titles."""
    titles = []
    (file,) = find_sources([corpus])
    items = read_source(file, lambda _: None, Settings())
    articles = (item for item in items if isinstance(item, Article))
    with target.open("w", encoding="utf-8") as out:
        for article in islice(articles, count):
            out.write(json.dumps(article.to_record(), ensure_ascii=False) + "\n")
            titles.append(article.title)
    return titles


def measure(settings: Settings, cluster: Path, source: Path, queries: list[str]) -> dict[str, Any]:
    """The figures of one engine."""
    progress: Progress = Silent()
    with measured(cluster) as built:
        report = reindex(settings, [source], progress)
    service = open_service(settings)
    try:
        figures = {
            "articles_per_wall_s": round(report.articles / built.wall_s, 1),
            "articles_per_client_s": round(report.articles / built.client_s, 1),
            "client_ms_per_article": round(1e3 * built.client_s / report.articles, 3),
            "server_ms_per_article": round(1e3 * built.server_s / report.articles, 3),
            "server_share": share(built),
            "bytes_per_article": round(service.stats()["size_bytes"] / report.articles),
            "words": asked(service, cluster, [SearchRequest(query) for query in queries]),
            "words_with_facets": asked(
                service, cluster, [SearchRequest(query, facets=FACETS) for query in queries]
            ),
            "phrases": asked(
                service, cluster, [SearchRequest(f'"{query[:6]}"') for query in queries]
            ),
            "pages": turned(service),
        }
    finally:
        service.close()
    return figures


def share(spent: Spent) -> float:
    """The nodes' share of the processor time."""
    return round(spent.server_s / (spent.client_s + spent.server_s), 3)


def turned(service: SearchService) -> dict[str, float]:
    """Latency of the first and the last pages of everything, turned by cursor; milliseconds."""
    request, walls = SearchRequest("*", sort="newest"), []
    for _ in range(PAGES):
        started = time.perf_counter()
        page = service.search(request)
        walls.append(1e3 * (time.perf_counter() - started))
        if page.next_cursor is None:
            break
        request = replace(request, cursor=page.next_cursor)
    first, last = walls[: PAGES // 10], walls[-PAGES // 10 :]
    return {
        "turned": len(walls),
        "first_p50_ms": round(statistics.median(first), 2),
        "last_p50_ms": round(statistics.median(last), 2),
    }


def asked(service: SearchService, cluster: Path, requests: list[SearchRequest]) -> dict[str, Any]:
    """Latency of searches, one after another, after each was asked once; milliseconds.

    ``requests`` are those of the cluster for a search, in the mean.
    """
    for request in requests:
        service.search(request)
    walls = []
    with measured(cluster) as spent, counted() as sent:
        for request in requests:
            started = time.perf_counter()
            service.search(request)
            walls.append(1e3 * (time.perf_counter() - started))
    return {
        "wall_p50_ms": round(statistics.median(walls), 2),
        "wall_p95_ms": round(statistics.quantiles(walls, n=20)[18], 2),
        "client_ms": round(1e3 * spent.client_s / len(requests), 2),
        "server_ms": round(1e3 * spent.server_s / len(requests), 2),
        "server_share": share(spent),
        "requests": {name: round(count / len(requests), 2) for name, count in sent.items()},
    }


if __name__ == "__main__":
    main()
