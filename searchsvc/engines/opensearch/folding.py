"""Which hits are reprints of other hits, and what cluster a hit belongs to.

Clusters are labels that ``reprints`` gave the documents. The first appearance of a cluster is its
document of the earliest date, one without date last, then the first in index order. Called by the engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from searchsvc.articles import Article
from searchsvc.engines.opensearch.layout import ORDER, RECORD, REPRINT
from searchsvc.engines.opensearch.searching import Answer, IndexSearcher, in_order
from searchsvc.engines.opensearch.texts import Query
from searchsvc.errors import QueryCostError
from searchsvc.results import Reprints
from searchsvc.schema import DATE

MOST_CLUSTERED: Final = 200_000
"""So many hits in clusters are looked at to fold them; who asks for more must narrow the search."""

_AT_ONCE: Final = 10_000
_TERMS: Final = 60_000
"""The cluster takes 65,536 values in a query (``index.max_terms_count``)."""

BY_APPEARANCE: Final = [{DATE: {"order": "asc", "missing": "_last"}}, {ORDER: "asc"}]


def without_repeated(
    searcher: IndexSearcher, query: Query, timeout_s: float | None = None
) -> list[Query]:
    """What a search must not find, so that of each cluster only its first appearance among the hits is
    left. Raises QueryCostError.
    """
    return _among(ORDER, repeated(searcher, query, timeout_s))


def repeated(searcher: IndexSearcher, query: Query, timeout_s: float | None = None) -> list[int]:
    """The places in index order of the hits that are not the first appearance of their cluster among
    the hits. Raises QueryCostError.
    """
    clustered: Query = {"bool": {"filter": [query, {"exists": {"field": REPRINT}}]}}
    count = searcher.search({"query": clustered, "size": 0, "track_total_hits": True}, timeout_s)
    if (found := count["hits"]["total"]["value"]) > MOST_CLUSTERED:
        raise QueryCostError("search.folding", found=found, limit=MOST_CLUSTERED)
    if found < 2:
        return []
    fields = [REPRINT, {"field": DATE, "format": "strict_date"}]
    body = in_order({"query": clustered, "_source": False, "docvalue_fields": fields})
    hits = searcher.all_hits(body, _AT_ONCE, timeout_s, few=found < _AT_ONCE)
    return later(
        (hit["fields"][REPRINT][0], *hit["fields"].get(DATE, [""]), hit["sort"][0]) for hit in hits
    )


def later(clustered: Iterable[tuple[str, str, int]]) -> list[int]:
    """Of hits with label, day (ISO 8601, or empty) and place in index order, the places of those that are
    not the first appearance of their cluster.
    """
    first: dict[str, tuple[bool, str, int]] = {}
    left_out: list[int] = []
    for label, day, place in clustered:
        key = (not day, day, place)
        known = first.get(label)
        if known is None or key < known:
            first[label] = key
        if known is not None:
            left_out.append(max(known, key)[2])
    return left_out


def clusters_of(searcher: IndexSearcher, hits: Iterable[Answer]) -> dict[str, Reprints]:
    """The cluster of each label that stands in hits, where it has more than one article."""
    labels = sorted({label for hit in hits if (label := hit["_source"].get(REPRINT))})
    if not labels:
        return {}
    first = {"top_hits": {"size": 1, "sort": BY_APPEARANCE, "_source": [RECORD]}}
    by_label = {"terms": {"field": REPRINT, "size": len(labels)}, "aggs": {"first": first}}
    body = {"query": {"terms": {REPRINT: labels}}, "size": 0, "aggs": {"labels": by_label}}
    buckets = searcher.search(body)["aggregations"]["labels"]["buckets"]
    return {
        bucket["key"]: Reprints(bucket["doc_count"], article_of(bucket["first"]["hits"]["hits"][0]))
        for bucket in buckets
        if bucket["doc_count"] > 1
    }


def members(searcher: IndexSearcher, label: str) -> tuple[Article, ...]:
    """The articles of a cluster, the first appearance first; none where it has only one."""
    query = {"term": {REPRINT: {"value": label}}}
    body = {"query": query, "sort": BY_APPEARANCE, "_source": [RECORD]}
    found = tuple(map(article_of, searcher.all_hits(body, few=True)))
    return found if len(found) > 1 else ()


def article_of(hit: Answer) -> Article:
    """The article of a hit."""
    record: dict[str, Any] = hit["_source"][RECORD]
    return Article.from_record(record)


def _among(field: str, values: Sequence[int]) -> list[Query]:
    return [
        {"terms": {field: values[start : start + _TERMS]}}
        for start in range(0, len(values), _TERMS)
    ]
