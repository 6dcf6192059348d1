"""Counts what is asked of a cluster: for the benchmark, and for the test that keeps it few."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from searchsvc.engines.opensearch.connection import Connection

_API = re.compile(r"/(_\w+)(/point_in_time)?")


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """The requests of this process within the block, by what they ask (``_search``, ``_mapping``).

    Points in time count as ``point_in_time``; what is tried again counts once.
    """
    asked: Counter[str] = Counter()
    really = Connection.request

    def request(self: Connection, method: str, path: str, *rest: Any, **options: Any) -> Any:
        asked[kind(path)] += 1
        return really(self, method, path, *rest, **options)

    with mock.patch.object(Connection, "request", request):
        yield asked


def kind(path: str) -> str:
    """What a path asks for: the API it names, whatever the index."""
    found = _API.search(path)
    if found is None:
        return path
    return found[2].strip("/") if found[2] else found[1]
