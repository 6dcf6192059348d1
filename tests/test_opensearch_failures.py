"""Nodes of a real cluster are killed during searches and reindexes: nothing fails, is lost or doubled."""

import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Quiet
from opensearch_archive import archive_settings, found_ids, remove_archive, write_source

from searchsvc import indexer
from searchsvc.articles import Article
from searchsvc.engines.opensearch import OpenSearchGenerations, bulk, engine
from searchsvc.results import FACETS, SearchRequest
from searchsvc.service import open_service
from searchsvc.web.app import create_app
from searchsvc.writing import Change, Writing

pytestmark = pytest.mark.opensearch

SCRIPT = Path(__file__).parents[1] / "scripts/opensearch-cluster"
MANY = [f"m{n}" for n in range(20_000)]


def control(*arguments):
    subprocess.run([SCRIPT, *map(str, arguments)], check=True, capture_output=True, timeout=300)


@pytest.fixture
def settings(cluster, tmp_path):
    made = archive_settings(cluster, tmp_path / "index")
    yield made
    control("start")
    remove_archive(made)


@pytest.fixture
def few(tmp_path):
    return write_source(tmp_path / "few.jsonl", *(f"a{n}" for n in range(50)))


@pytest.fixture
def many(tmp_path):
    return write_source(tmp_path / "many.jsonl", *MANY)


class Watched(Quiet):
    """A progress that does something once when so many articles were written."""

    def __init__(self, at, act):
        super().__init__()
        self._at, self._act = at, act

    def article(self):
        super().article()
        if self.articles == self._at:
            self._act()


@pytest.mark.parametrize("how", [("--kill",), ()], ids=["killed", "stopped"])
def test_no_search_fails_while_a_node_goes_and_comes_back(settings, few, how, monkeypatch):
    monkeypatch.setattr(engine, "AT_ONCE", 7)  # an export takes several requests
    indexer.reindex(settings, [few], Quiet())
    service = open_service(settings)
    ended, totals, failures = threading.Event(), [], []
    request = SearchRequest("质量强市", facets=FACETS, per_page=7)

    def first_page():
        totals.append(service.search(request).total)

    def two_pages_and_an_article():
        page = service.search(request)
        page = service.search(replace(request, cursor=page.next_cursor))
        totals.append(page.total)
        assert service.article("a3").id == "a3"
        service.similar("a3", 5)

    def export():
        _, hits = service.walk(request)
        assert [hit.article.id for hit in hits] == [f"a{n}" for n in range(50)]

    def ask(question):
        while not ended.is_set():
            try:
                question()
            except Exception as error:
                failures.append(f"{error!r}: {error}")

    questions = [first_page, two_pages_and_an_article, export] * 2
    threads = [threading.Thread(target=ask, args=(question,)) for question in questions]
    for thread in threads:
        thread.start()
    time.sleep(1)
    control("stop", "--node", 2, *how)
    before = len(totals)
    time.sleep(5)
    control("start")
    time.sleep(1)
    ended.set()
    for thread in threads:
        thread.join()
    service.close()
    assert failures == []
    assert set(totals) == {50}
    assert len(totals) > before > 0


def test_pages_go_on_where_the_node_that_kept_their_moment_is_killed(settings, few):
    indexer.reindex(settings, [few], Quiet())
    service = open_service(settings)
    for node in (1, 2, 3):  # one of them kept a copy that the moment names
        request = SearchRequest("质量强市", per_page=7)
        page = service.search(request)
        page = service.search(replace(request, cursor=page.next_cursor))
        found = [hit.article.id for hit in page.hits]
        control("stop", "--node", node, "--kill")
        while page.next_cursor is not None:
            page = service.search(replace(request, cursor=page.next_cursor))
            found += [hit.article.id for hit in page.hits]
        assert found == [f"a{n}" for n in range(7, 50)]
        control("start")
    service.close()


def test_what_was_written_outlasts_the_node_that_had_it(settings, few, tmp_path):
    indexer.reindex(settings, [few], Quiet())
    Writing(settings).apply([Change("new", Article.from_record({"id": "new", "body": "新桥"}))])
    generations = OpenSearchGenerations(settings)
    path = f"/_cat/shards/{generations.written.index}"
    shards = generations.connection.request("GET", path, params={"format": "json"})
    generations.close()
    (had,) = (shard["node"] for shard in shards if shard["prirep"] == "p")
    control("stop", "--node", had.removeprefix("node"), "--kill")
    indexer.reindex(replace(settings, index_dir=tmp_path / "elsewhere"), [few], Quiet())
    assert found_ids(settings, "新桥") == ["new"]
    control("start")


def test_a_reindex_waits_for_a_node_that_comes_back(settings, many):
    def restart():
        control("stop", "--node", 3, "--kill")
        threading.Thread(target=control, args=("start",)).start()

    progress = Watched(6_000, restart)
    report = indexer.reindex(settings, [many], progress)
    assert report.articles == len(MANY)
    assert found_ids(settings) == sorted(MANY)


def test_a_reindex_begins_anew_where_a_node_is_gone_for_good(settings, many, monkeypatch):
    monkeypatch.setattr(bulk, "PATIENCE_S", 6.0)
    progress = Watched(6_000, lambda: control("stop", "--node", 1, "--kill"))
    report = indexer.reindex(settings, [many], progress)
    assert report.articles == len(MANY)
    assert progress.articles > len(MANY), "it was begun anew"
    assert found_ids(settings) == sorted(MANY)
    generations = OpenSearchGenerations(settings)
    assert generations.indices.unused() == []
    generations.close()


def test_a_stopped_cluster_is_said_and_recovered_from(settings, few):
    indexer.reindex(settings, [few], Quiet())
    client = create_app(replace(settings, opensearch_retries=1)).test_client()
    asked = "/api/search?q=质量强市"
    assert client.get(asked).json["total"] == 50
    control("stop")
    for _ in range(5):
        answer = client.get(asked)
        assert answer.status_code == 503
        assert answer.mimetype == "application/problem+json"
        assert answer.json["code"] == "engine.unavailable"
        assert int(answer.headers["Retry-After"]) >= 1
    page = client.get("/?q=质量强市&lang=zh")
    assert page.status_code == 503
    assert "检索集群" in page.text
    assert "没有应答" in page.text
    assert client.get("/ready").status_code == 503
    control("start")
    deadline = time.monotonic() + 60
    while client.get(asked).status_code != 200:
        assert time.monotonic() < deadline, "it did not recover by itself"
        time.sleep(0.5)
    assert client.get(asked).json["total"] == 50
    assert client.get("/?q=质量强市&lang=zh").status_code == 200
