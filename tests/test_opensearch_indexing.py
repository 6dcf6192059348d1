"""Reindexing, changing and rolling back an archive on a real cluster."""

import threading
from contextlib import suppress
from dataclasses import replace

import pytest
from conftest import Quiet
from following import check_that_a_service_follows
from opensearch_archive import archive_settings, found_ids, remove_archive, write_source

from searchsvc import indexer, updating
from searchsvc.engines.opensearch import OpenSearchGenerations, leases
from searchsvc.engines.opensearch.bulk import Bulk, Operation
from searchsvc.engines.opensearch.connection import Connection, document_path
from searchsvc.errors import (
    IndexDamagedError,
    IndexLockedError,
    IndexMissingError,
    OperatorError,
)
from searchsvc.results import SearchRequest
from searchsvc.sample import sample_path
from searchsvc.service import open_service

pytestmark = pytest.mark.opensearch


@pytest.fixture
def settings(cluster, tmp_path):
    made = archive_settings(cluster, tmp_path / "index")
    yield made
    remove_archive(made)


@pytest.fixture
def generations(settings):
    made = OpenSearchGenerations(settings)
    yield made
    made.close()


@pytest.fixture
def source(tmp_path):
    return lambda *ids, name="news.jsonl": write_source(tmp_path / name, *ids)


def test_a_reindex_is_searched_on_another_machine(settings, tmp_path):
    report = indexer.reindex(settings, [sample_path()], Quiet())
    elsewhere = replace(settings, index_dir=tmp_path / "elsewhere")
    service = open_service(elsewhere)
    assert service.stats()["articles"] == report.articles > 100
    assert service.stats()["sources"] > 10
    assert service.search(SearchRequest("质量")).total > 0
    assert [entry.text for entry in service.suggest("质", 5).entries]
    service.close()


def test_articles_are_added_replaced_and_deleted(settings, source):
    with pytest.raises(IndexMissingError):
        indexer.add(settings, [source("a")], Quiet())
    indexer.reindex(settings, [source("a", "b")], Quiet())
    report = indexer.add(settings, [source("b", "c", name="more.jsonl")], Quiet())
    assert (report.articles, report.replaced) == (2, 1)
    assert found_ids(settings) == ["a", "b", "c"]
    assert indexer.delete(settings, ["a", "nowhere", "a"]) == 1
    assert found_ids(settings) == ["b", "c"]
    assert found_ids(settings, "质量强市") == ["b", "c"]


def test_an_update_reads_what_changed(settings, source):
    one, two = source("a", name="one.jsonl"), source("b", name="two.jsonl")
    indexer.reindex(settings, [one, two], Quiet())
    source("c", "d", name="two.jsonl")
    report = updating.update(settings, [one, two], Quiet())
    assert (report.unchanged, report.changed, report.deleted) == (1, 1, 1)
    assert found_ids(settings) == ["a", "c", "d"]


@pytest.mark.parametrize("kept", [1, 3])
def test_as_many_generations_are_kept_as_the_setting_says(settings, source, generations, kept):
    settings = replace(settings, kept_generations=kept)
    names = [indexer.reindex(settings, [source(name)], Quiet()).generation for name in "abcde"]
    indices = generations.indices
    assert list(map(indices.generation, indices.kept())) == names[: -1 - kept : -1]
    assert indices.unused() == []
    if kept == 1:
        with pytest.raises(OperatorError):
            indexer.rollback(settings)
    else:
        assert [indexer.rollback(settings) for _ in "12"] == [names[3], names[4]]
        assert {path.name for path in generations.folder.iterdir()} <= set(names[2:])
        indexer.rollback(settings)
        names.append(indexer.reindex(settings, [source("f")], Quiet()).generation)
        assert list(map(indices.generation, indices.kept())) == [names[5], names[3], names[4]]


def test_rollback_brings_the_previous_generation_back(settings, source, generations):
    for name in "abc":
        indexer.reindex(settings, [source(name)], Quiet())
    indexer.rollback(settings)
    assert found_ids(settings) == ["b"]
    indexer.rollback(settings)
    assert found_ids(settings) == ["c"]
    assert generations.indices.unused() == []
    indices = generations.connection.request("GET", f"/{settings.opensearch_index}-2*/_alias")
    assert len(indices) == 2


def test_a_switch_names_no_index_of_others(settings, source, monkeypatch):
    """One that is deleted meanwhile would make it fail."""
    named = []
    really = Connection.request

    def request(self, method, path, body=None, *rest, **options):
        if path == "/_aliases":
            named.extend(each["index"] for action in body["actions"] for each in action.values())
        return really(self, method, path, body, *rest, **options)

    monkeypatch.setattr(Connection, "request", request)
    for name in "abc":
        indexer.reindex(settings, [source(name)], Quiet())
    indexer.rollback(settings)
    assert len(named) > 6
    assert all(name.startswith(f"{settings.opensearch_index}-") for name in named)


def test_a_running_service_follows_every_change(settings, source):
    check_that_a_service_follows(settings, source)


def test_a_failed_reindex_leaves_the_old_index_and_nothing_else(settings, source, generations):
    indexer.reindex(settings, [source("a")], Quiet())
    empty = source(name="empty.jsonl")
    empty.write_text("{", encoding="utf-8")
    with pytest.raises(OperatorError, match="no article could be read"):
        indexer.reindex(settings, [empty], Quiet())
    assert found_ids(settings) == ["a"]
    assert generations.indices.unused() == []


def test_what_an_interrupted_build_left_goes_with_the_next(settings, source, generations, analyzer):
    with generations.lock():
        generations.begin(analyzer)
    assert len(generations.indices.unused()) == 1
    indexer.reindex(settings, [source("a")], Quiet())
    assert generations.indices.unused() == []


def test_a_new_index_has_its_copies_only_when_it_is_whole(settings, generations, analyzer, source):
    with generations.lock():
        building = generations.begin(analyzer)
        path = f"/{building.index}/_settings"
        found = generations.connection.request("GET", path)[building.index]["settings"]["index"]
        assert (found["number_of_replicas"], found["refresh_interval"]) == ("0", "-1")
    indexer.reindex(settings, [source("a")], Quiet())
    index = generations.current().index
    found = generations.connection.request("GET", f"/{index}/_settings")[index]["settings"]["index"]
    assert found["number_of_replicas"] == "1"
    assert generations.indices.health(index) == "green"


def test_a_second_writer_is_refused_and_a_dead_one_is_not_waited_for_long(
    settings, source, generations, monkeypatch
):
    monkeypatch.setattr(leases, "BEAT_S", 0.2)
    monkeypatch.setattr(leases, "LEASE_S", 2.0)
    indexer.reindex(settings, [source("a")], Quiet())
    with generations.lock() as lease:
        with pytest.raises(IndexLockedError):
            indexer.delete(settings, ["a"])
        lease.abandon()
        assert indexer.delete(settings, ["a"]) == 1
        lease._write({})
        assert lease.lost, "a writer that comes to again has lost its lock"


def test_only_one_of_many_gets_a_lease(generations):
    generations.work.create()
    won = []

    def want(number):
        with suppress(IndexLockedError):
            won.append(leases.take(generations.work, "wanted", str(number)))

    threads = [threading.Thread(target=want, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    won[0].release()


def test_a_change_that_another_writer_made_is_not_lost(settings, source, generations, analyzer):
    indexer.reindex(settings, [source("a", "b")], Quiet())
    writer = generations.current().writer()
    assert writer.delete(["a", "b", "nowhere"]) == {"a", "b"}
    assert writer.delete(["a"]) == set()
    path = document_path(generations.current().index, "a")
    kept = generations.connection.request("GET", path)["_source"]
    generations.connection.request("PUT", path, kept)
    with pytest.raises(OperatorError, match="changed by another writer"):
        writer.commit()
    assert generations.connection.ask("GET", path) is not None


def test_side_files_are_whole_or_damaged(generations):
    generations.files.create()
    content = bytes(range(256)) * 20_000
    generations.files.put("g", "some/file", content)
    assert generations.files.get("g", "some/file") == content
    assert generations.files.get("g", "other") is None
    path = document_path(generations.files.index, "g/some/file/1")
    chunk = generations.connection.request("GET", path)["_source"]
    generations.connection.request("PUT", path, {**chunk, "data": "AAAA"})
    with pytest.raises(IndexDamagedError):
        generations.files.get("g", "some/file")


def test_an_index_of_another_analysis_or_format_is_an_error(
    settings, source, tmp_path, generations
):
    indexer.reindex(settings, [source("a")], Quiet())
    words = tmp_path / "words.txt"
    words.write_text("质量链\n", encoding="utf-8")
    with pytest.raises(IndexDamagedError, match="another user dictionary"):
        open_service(replace(settings, user_dictionary=words))
    assert indexer.why_rebuild(settings) is None
    index, meta = generations.indices.current()
    generations.indices.write_meta(index, replace(meta, format_version=1))
    with pytest.raises(IndexDamagedError, match="has format 1"):
        open_service(settings)
    assert indexer.why_rebuild(settings) == "cli.why.unreadable"
    indexer.reindex(settings, [source("b")], Quiet())
    assert found_ids(settings) == ["b"]


def test_a_bulk_of_any_size_arrives_and_conflicts_are_told(generations, settings, analyzer):
    with generations.lock():
        index = generations.begin(analyzer).index
        bulk = Bulk(generations.connection, index)
        for number in range(2_500):
            bulk.add(Operation("create", f"a{number}", {}, b'{"order":%d}' % number))
        bulk.add(Operation("create", "a1", {}, b'{"order":0}'))
        bulk.add(Operation("delete", "nowhere", {}))
        assert [each.article_id for each in bulk.finish()] == ["a1"]
        generations.indices.refresh(index)
        assert generations.indices.count(index) == 2_500
