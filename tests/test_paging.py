"""Cursors over a commit, on both engines: nothing is repeated and nothing is lost."""

from dataclasses import replace

import pytest
from conftest import Quiet
from opensearch_archive import archive_settings, remove_archive, write_source

from searchsvc import indexer
from searchsvc.errors import CallerError
from searchsvc.results import SearchRequest
from searchsvc.service import open_service
from searchsvc.settings import Settings

REQUEST = SearchRequest(query="质量", per_page=4)
IDS = [f"n{n:02}" for n in range(30)]


@pytest.fixture
def cluster_settings(cluster, tmp_path):
    made = archive_settings(cluster, tmp_path / "index", opensearch_replicas=1)
    yield made
    remove_archive(made)


def turned(service, page):
    """The ids of the pages behind one."""
    found = []
    while page.next_cursor is not None:
        page = service.search(replace(REQUEST, cursor=page.next_cursor))
        found += [hit.article.id for hit in page.hits]
    return found


@pytest.mark.opensearch
def test_a_commit_repeats_and_loses_nothing_of_pages_that_are_read(cluster_settings, tmp_path):
    settings = cluster_settings
    indexer.reindex(settings, [write_source(tmp_path / "news.jsonl", *IDS)], Quiet())
    service = open_service(settings)
    first = service.search(REQUEST)
    second = service.search(replace(REQUEST, cursor=first.next_cursor))
    others = [f"m{n:02}" for n in range(40)]
    indexer.add(settings, [write_source(tmp_path / "more.jsonl", *others, "n20")], Quiet())
    indexer.delete(settings, ["n03", "n29"])
    now = service.search(REQUEST)
    assert (first.total, now.total) == (30, 68)
    assert first.index_version != now.index_version
    for page, already in ((first, 4), (second, 8)):
        assert turned(service, page) == IDS[already:]
    elsewhere = open_service(replace(settings, index_dir=tmp_path / "elsewhere"))
    later = elsewhere.search(replace(REQUEST, cursor=second.next_cursor))
    assert [hit.article.id for hit in later.hits] == IDS[8:12]
    assert (later.total, later.index_version) == (30, first.index_version)
    service._generations.connection.request("DELETE", "/_search/point_in_time/_all")
    with pytest.raises(CallerError) as refused:
        elsewhere.search(replace(REQUEST, cursor=second.next_cursor))
    assert refused.value.code == "request.cursor_expired"
    elsewhere.close()
    service.close()


def test_a_folder_keeps_no_commit_of_before_and_says_so(tmp_path):
    settings = Settings(index_dir=tmp_path / "index")
    indexer.reindex(settings, [write_source(tmp_path / "news.jsonl", *IDS)], Quiet())
    service = open_service(settings)
    first = service.search(REQUEST)
    assert turned(service, first) == IDS[4:]
    indexer.delete(settings, ["n03"])
    with pytest.raises(CallerError) as refused:
        service.search(replace(REQUEST, cursor=first.next_cursor))
    assert refused.value.code == "request.cursor_expired"
    service.close()
