"""What was written one by one is kept in the cluster: any machine may write, and any may reindex."""

import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from conftest import Quiet
from opensearch_archive import (
    archive_settings,
    environment,
    found_ids,
    remove_archive,
    write_source,
)

from searchsvc import indexer
from searchsvc.articles import Article
from searchsvc.engines.opensearch import OpenSearchGenerations, generation, leases
from searchsvc.engines.opensearch import written as written_index
from searchsvc.errors import CommittedError, EngineUnavailableError, IndexLockedError, OperatorError
from searchsvc.service import open_service
from searchsvc.writing import Change, Writing

pytestmark = pytest.mark.opensearch

KILLED = """
import os, signal
from searchsvc.articles import Article
from searchsvc.engines.opensearch import OpenSearchGenerations
from searchsvc.settings import load_settings
written = OpenSearchGenerations(load_settings()).written
with written.recorded({"x": Article.from_record({"id": "x", "title": "x", "body": "x"})}):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def settings(cluster, tmp_path):
    made = archive_settings(cluster, tmp_path / "index", max_write_wait_s=1)
    yield made
    remove_archive(made)


@pytest.fixture
def elsewhere(settings, tmp_path):
    """The same archive on another machine."""
    return replace(settings, index_dir=tmp_path / "elsewhere")


@pytest.fixture
def source(tmp_path):
    return write_source(tmp_path / "news.jsonl", "a", "b")


@pytest.fixture
def written(settings):
    """The store, under the write lock."""
    generations = OpenSearchGenerations(settings)
    with generations.lock():
        yield generations.written
    generations.close()


def article(name, body="桥"):
    return Article.from_record({"id": name, "title": name, "body": body})


def put(settings, *names, body="桥"):
    return Writing(settings).apply([Change(name, article(name, body)) for name in names])


def body_of(settings, name):
    service = open_service(settings)
    try:
        return service.article(name).body[0].text
    finally:
        service.close()


def held(store):
    return {each.id: each.body[0].text for each in store.articles()}


def test_what_one_machine_wrote_another_one_reindexes(settings, elsewhere, source):
    indexer.reindex(settings, [source], Quiet())
    assert put(settings, "new", "a", body="河") == ["created", "updated"]
    report = indexer.reindex(elsewhere, [source], Quiet())
    assert found_ids(settings) == ["a", "b", "new"]
    assert body_of(elsewhere, "a") == body_of(settings, "new") == "河"
    assert [reject.error.params["first"] for reject in report.reject_list] == ["written.jsonl"]
    service = open_service(settings)
    assert service.stats()["sources"] == 1
    service.close()
    assert not list(settings.index_dir.rglob("written.jsonl*"))
    assert not list(elsewhere.index_dir.rglob("written.jsonl*"))


def test_what_one_machine_deleted_stays_away_on_another(settings, elsewhere, source, tmp_path):
    indexer.reindex(settings, [source], Quiet())
    put(settings, "one", "two", "three")
    assert indexer.delete(elsewhere, ["one"]) == 1
    third = replace(settings, index_dir=tmp_path / "third")
    assert Writing(third).apply([Change("two", None)]) == ["deleted"]
    indexer.reindex(elsewhere, [source], Quiet())
    assert found_ids(settings) == ["a", "b", "three"]


def test_the_last_word_of_each_counts_in_order_page_by_page(written, tmp_path, monkeypatch):
    monkeypatch.setattr(written_index, "AT_ONCE", 3)
    names = [f"n{number}" for number in range(10)]
    for name in names:
        with written.recorded({name: article(name)}):
            pass
    with written.recorded({"n3": article("n3", "路"), "n5": None, "never": None}):
        pass
    order = [name for name in names if name not in ("n3", "n5")] + ["n3"]
    assert [each.id for each in written.articles()] == order
    assert held(written)["n3"] == "路"
    (file,) = written.source()
    assert (file.name, file.size_bytes) == ("written.jsonl", file.path.stat().st_size)
    lines = file.path.read_text("utf-8").splitlines()
    assert [name in line for name, line in zip(order, lines, strict=True)] == [True] * 9


def test_articles_of_one_number_are_all_read(written, monkeypatch):
    """Two writers may take the same, where one of them lost the lock without knowing it."""
    monkeypatch.setattr(written_index, "AT_ONCE", 1)
    monkeypatch.setattr(written, "_next_order", lambda: 7)
    for name in "abc":
        with written.recorded({name: article(name)}):
            pass
    assert list(held(written)) == ["a", "b", "c"]


def test_nothing_written_is_no_source(written):
    assert written.source() == ()
    with written.recorded({"never": None}):
        pass
    assert written.source() == ()


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_what_fails_is_taken_back(written, failure):
    with written.recorded({"a": article("a", "旧"), "b": article("b", "旧"), "c": article("c")}):
        pass
    changes = {"a": article("a", "新"), "b": None, "d": article("d"), "e": None}
    with pytest.raises(failure), written.recorded(changes):
        assert held(written) == {"a": "新", "c": "桥", "d": "桥"}
        raise failure
    assert held(written) == {"a": "旧", "b": "旧", "c": "桥"}
    assert list(held(written)) == ["a", "b", "c"]


def test_a_write_that_fails_before_its_commit_is_not_reindexed(
    settings, elsewhere, source, monkeypatch
):
    indexer.reindex(settings, [source], Quiet())
    put(settings, "x", "y", body="旧")
    with monkeypatch.context() as failing:
        failing.setattr("searchsvc.writing.changed", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            put(settings, "x", "z", body="新")
    with monkeypatch.context() as failing:
        failing.setattr("searchsvc.indexer.changed", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            indexer.delete(settings, ["y"])
    indexer.reindex(elsewhere, [source], Quiet())
    assert found_ids(settings) == ["a", "b", "x", "y"]
    assert body_of(settings, "x") == "旧"


def test_what_is_done_all_the_same_stays_recorded(written):
    done = CommittedError("committed.unconfirmed", path="here", reason="EIO")
    with pytest.raises(CommittedError), written.recorded({"a": article("a")}):
        raise done
    assert held(written) == {"a": "桥"}


def test_what_a_killed_writer_recorded_is_reindexed(settings, source):
    """As in a folder: it was not acknowledged, and may be there or not."""
    indexer.reindex(settings, [source], Quiet())
    killed = subprocess.run(
        [sys.executable, "-c", KILLED], env=os.environ | environment(settings), check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert found_ids(settings) == ["a", "b"]
    indexer.reindex(settings, [source], Quiet())
    assert found_ids(settings) == ["a", "b", "x"]


def test_what_another_writer_recorded_meanwhile_is_left(settings, written):
    """A writer that lost the lock without knowing it undoes nothing of its successor's."""
    other = OpenSearchGenerations(settings)
    with pytest.raises(RuntimeError), written.recorded({"a": article("a", "一")}):
        with other.written.recorded({"a": article("a", "二")}):
            pass
        raise RuntimeError
    assert held(written) == {"a": "二"}
    stale = written._stored(["a"])
    with other.written.recorded({"a": article("a", "三")}):
        pass
    written._stored = lambda ids: {name: stale[name] for name in ids if name in stale}
    with pytest.raises(OperatorError, match="another writer"), written.recorded({"a": None}):
        raise AssertionError
    del written._stored
    assert held(written) == {"a": "三"}
    other.close()


def test_a_cluster_that_is_gone_is_said_though_nothing_can_be_taken_back(written, monkeypatch):
    def gone(*_, **__):
        raise EngineUnavailableError("engine.unavailable", hosts="", reason="", retry_after_s=1)

    with (
        monkeypatch.context() as failing,
        pytest.raises(RuntimeError),
        written.recorded({"a": article("a")}),
    ):
        failing.setattr(written, "_stored", gone)
        raise RuntimeError
    assert held(written) == {"a": "桥"}


def test_a_reindex_that_lost_the_lock_does_not_hide_what_was_written_since(
    settings, elsewhere, source, monkeypatch
):
    """As on a machine that sleeps, between reading and switching, for longer than a lease lasts."""
    monkeypatch.setattr(leases, "LEASE_S", 2.0)
    indexer.reindex(settings, [source], Quiet())
    taken, check = [], indexer.check

    def take(*arguments):
        taken.append(leases.take(*arguments))
        return taken[-1]

    def sleep(*arguments):
        taken[0].abandon()
        assert put(replace(elsewhere, max_write_wait_s=20), "new") == ["created"]
        check(*arguments)

    monkeypatch.setattr(generation, "take", take)
    monkeypatch.setattr(indexer, "check", sleep)
    with pytest.raises(IndexLockedError):
        indexer.reindex(settings, [source], Quiet())
    assert found_ids(settings) == ["a", "b", "new"]


def test_it_has_as_many_copies_as_the_setting_says(settings, written, source):
    connection = OpenSearchGenerations(settings).connection

    def copies():
        found = connection.request("GET", f"/{written.index}/_settings")[written.index]
        return int(found["settings"]["index"]["number_of_replicas"])

    assert copies() == 1
    OpenSearchGenerations(replace(settings, opensearch_replicas=2)).written.source()
    assert copies() == 2
