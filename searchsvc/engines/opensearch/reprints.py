"""Labels the documents of an index that are reprints of one another.

Reads the signatures of all articles, groups them as the Whoosh engine does, and sends those again whose
label changed. Called by the writer before what it wrote becomes visible to readers.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from searchsvc.engines.opensearch.connection import Connection
from searchsvc.engines.opensearch.documents import DocumentMaker, encoded
from searchsvc.engines.opensearch.folding import article_of
from searchsvc.engines.opensearch.layout import ORDER, RECORD, REPRINT, SIGNATURE, Lengths
from searchsvc.engines.opensearch.searching import IndexSearcher, in_order
from searchsvc.errors import StorageError
from searchsvc.reprints import BINS, cluster_labels

_SIGNATURES_AT_ONCE: Final = 10_000
_ARTICLES_AT_ONCE: Final = 500


def finish(
    connection: Connection,
    index: str,
    user_dictionary: Path | None = None,
    lengths: Lengths | None = None,
) -> int:
    """Gives every document of the index its cluster's label; tells how many changed.

    What was written before must be refreshed; what is sent here is not yet.
    """
    searcher = IndexSearcher(connection, index)
    changed = _changed(searcher)
    if not changed:
        return 0
    make = DocumentMaker(user_dictionary, lengths)
    names = iter(changed)
    while chunk := list(islice(names, _ARTICLES_AT_ONCE)):
        _send_again(searcher, make, {name: changed[name] for name in chunk})
    return len(changed)


def _changed(searcher: IndexSearcher) -> dict[str, str | None]:
    """The new label of each article whose label is not what it should be; None for one alone.

    A cluster's label is the id of its first article in index order.
    """
    ids, labels, rows = [], [], []
    for article_id, signature, label in _signed(searcher):
        ids.append(article_id)
        labels.append(label)
        rows.append(signature)
    signatures = np.frombuffer(b"".join(rows), np.uint8).reshape(-1, BINS)
    clusters = cluster_labels(signatures).tolist()
    wanted = [ids[cluster - 1] if cluster else None for cluster in clusters]
    return {
        article_id: new
        for article_id, old, new in zip(ids, labels, wanted, strict=True)
        if old != new
    }


def _signed(searcher: IndexSearcher) -> Iterator[tuple[str, bytes, str | None]]:
    """(id, signature, label) of the articles that have a signature, in index order."""
    body = in_order(
        {
            "query": {"exists": {"field": SIGNATURE}},
            "_source": False,
            "docvalue_fields": [SIGNATURE, REPRINT],
        }
    )
    for hit in searcher.all_hits(body, _SIGNATURES_AT_ONCE):
        values = hit["fields"]
        signature = base64.b64decode(values[SIGNATURE][0] + "==")  # comes without its padding
        yield hit["_id"], signature, values.get(REPRINT, (None,))[0]


def _send_again(
    searcher: IndexSearcher, make: DocumentMaker, labels: Mapping[str, str | None]
) -> None:
    """Writes articles anew with their labels; each keeps its place in index order."""
    query = {"ids": {"values": list(labels)}}
    body = in_order({"query": query, "_source": [RECORD, ORDER]})
    hits = list(searcher.all_hits(body, len(labels)))
    documents = make([article_of(hit) for hit in hits])
    lines: list[bytes] = []
    for hit, source in zip(hits, documents.sources, strict=True):
        source[ORDER] = hit["_source"][ORDER]
        if label := labels[hit["_id"]]:
            source[REPRINT] = label
        action = {"index": {"_id": hit["_id"]}}
        lines += [json.dumps(action, ensure_ascii=False).encode(), b"\n", encoded(source), b"\n"]
    answer = searcher.connection.request("POST", f"/{searcher.index}/_bulk", lines=lines)
    if answer["errors"]:
        raise StorageError(
            "engine.write", index=searcher.index, reason=_first_error(answer["items"])
        )


def _first_error(items: Sequence[Mapping[str, Any]]) -> str:
    return next(
        str(result["error"]) for item in items for result in item.values() if "error" in result
    )
