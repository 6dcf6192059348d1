"""What a running service owes whoever changes its index, on whatever engine."""

from itertools import pairwise

from conftest import Quiet

from searchsvc import indexer
from searchsvc.results import SearchRequest
from searchsvc.service import open_service


def check_that_a_service_follows(settings, source):
    """Changes the index in every way; ``source`` makes a file of articles with given ids."""
    indexer.reindex(settings, [source("a")], Quiet())
    service = open_service(settings)
    seen = [service.index_version]
    for change in (
        lambda: indexer.add(settings, [source("b")], Quiet()),
        lambda: indexer.delete(settings, ["a"]),
        lambda: indexer.reindex(settings, [source("c")], Quiet()),
        lambda: indexer.rollback(settings),
    ):
        change()
        service.search(SearchRequest(query="*"))
        seen.append(service.index_version)
    assert all(before != after for before, after in pairwise(seen))
    service.close()
