"""What was written one by one lasts: through crashes, failures and every reindex."""

import errno
import json
import os
from pathlib import Path

import pytest
from conftest import Quiet, record
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.articles import Article
from searchsvc.errors import CommittedError, IndexDamagedError, StorageError
from searchsvc.indexer import delete, reindex
from searchsvc.service import open_service
from searchsvc.settings import Settings
from searchsvc.updating import update
from searchsvc.writing import Change, Writing
from searchsvc.written import FILE, WrittenFile


def article(name, body="桥"):
    return Article.from_record({"id": name, "body": body})


def put(folder, *changes):
    for name, body in changes:
        with WrittenFile(folder).recorded({name: None if body is None else article(name, body)}):
            pass


def held(folder):
    sources = WrittenFile(folder).source()
    lines = [line for file in sources for line in file.path.read_text("utf-8").splitlines()]
    return {r["id"]: r["body"][0]["text"] for r in map(json.loads, lines)}


@given(
    changes=st.lists(
        st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.sampled_from("桥路河")))
    )
)
def test_the_last_line_of_each_article_counts(changes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    put(folder, *changes)
    expected = {name: body for name, body in dict(changes).items() if body is not None}
    assert held(folder) == expected
    assert held(folder) == expected


def test_a_line_that_a_crash_cut_off_is_taken_back(tmp_path):
    put(tmp_path, ("a", "桥"), ("b", "路"))
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:-5])
    assert held(tmp_path) == {"a": "桥"}
    path.write_bytes(path.read_bytes() + b'{"id": "c", "bo')
    put(tmp_path, ("d", "河"))
    assert held(tmp_path) == {"a": "桥", "d": "河"}


def test_what_fails_is_not_recorded(tmp_path):
    put(tmp_path, ("a", "桥"))
    before = (tmp_path / FILE).read_bytes()
    with pytest.raises(RuntimeError), WrittenFile(tmp_path).recorded({"b": article("b")}):
        raise RuntimeError
    assert (tmp_path / FILE).read_bytes() == before


def test_what_is_done_all_the_same_stays_recorded(tmp_path):
    done = CommittedError("committed.unconfirmed", path=tmp_path, reason="EIO")
    with pytest.raises(CommittedError), WrittenFile(tmp_path).recorded({"a": article("a")}):
        raise done
    assert held(tmp_path) == {"a": "桥"}


def test_what_the_disk_refuses_to_record_is_not_recorded(tmp_path, monkeypatch):
    put(tmp_path, ("a", "桥"))

    def refuse(_):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as failing:
        failing.setattr(os, "fsync", refuse)
        with pytest.raises(StorageError), WrittenFile(tmp_path).recorded({"b": article("b")}):
            raise AssertionError
    assert held(tmp_path) == {"a": "桥"}


def test_what_cannot_be_opened_to_record_in_keeps_what_it_holds(tmp_path, monkeypatch):
    put(tmp_path, ("a", "桥"))

    def refuse(*_):
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as failing:
        failing.setattr(Path, "open", refuse)
        with pytest.raises(StorageError), WrittenFile(tmp_path).recorded({"b": article("b")}):
            raise AssertionError
    assert held(tmp_path) == {"a": "桥"}


def test_what_cannot_be_taken_back_stays_and_the_failure_is_told(tmp_path, monkeypatch):
    put(tmp_path, ("a", "桥"))

    def refuse(*_):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as failing, pytest.raises(RuntimeError):
        failing.setattr(os, "truncate", refuse)
        with WrittenFile(tmp_path).recorded({"b": article("b")}):
            raise RuntimeError
    assert held(tmp_path).keys() == {"a", "b"}


def test_what_cannot_be_read_is_an_error_that_says_where(tmp_path):
    (tmp_path / FILE).mkdir()
    for read in (WrittenFile(tmp_path).source, lambda: list(WrittenFile(tmp_path).articles())):
        with pytest.raises(StorageError, match=FILE):
            read()
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_damage_is_said(tmp_path):
    (tmp_path / FILE).write_text('{"id": "a"\n{"id": "b"}\n')
    with pytest.raises(IndexDamagedError, match=FILE):
        WrittenFile(tmp_path).source()


@pytest.fixture
def archive(tmp_path):
    """Settings of an index of two articles, and the file that they come from."""
    source = tmp_path / "source.jsonl"
    lines = (json.dumps(record(n, f"石桥{n}"), ensure_ascii=False) for n in (1, 2))
    source.write_text("\n".join(lines), encoding="utf-8")
    settings = Settings(index_dir=tmp_path / "index", max_write_wait_s=1)
    reindex(settings, [source], Quiet())
    return settings, source


def bodies(settings, *ids):
    service = open_service(settings)
    return [service.article(i).body[0].text for i in ids]


def total(settings):
    return open_service(settings).stats()["articles"]


def test_articles_last_through_a_reindex_and_an_update(archive):
    settings, source = archive
    writing = Writing(settings)
    assert writing.apply(
        [Change("new", article("new", "新桥")), Change("a1", article("a1", "改"))]
    ) == [
        "created",
        "updated",
    ]
    assert bodies(settings, "new", "a1", "a2") == ["新桥", "改", "石桥2"]
    progress = Quiet()
    report = reindex(settings, [source], progress)
    assert bodies(settings, "new", "a1", "a2") == ["新桥", "改", "石桥2"]
    assert [reject.error.code for reject in report.reject_list] == ["record.duplicate_id"]
    source.write_text(json.dumps(record(3, "第三座")), encoding="utf-8")
    update(settings, [], Quiet())
    assert bodies(settings, "new", "a3") == ["新桥", "第三座"]


def test_what_was_deleted_stays_away_where_no_source_has_it(archive):
    settings, source = archive
    writing = Writing(settings)
    writing.apply([Change("new", article("new")), Change("other", article("other"))])
    assert writing.apply([Change("new", None), Change("never", None)]) == ["deleted", "missing"]
    assert delete(settings, ["other"]) == 1
    reindex(settings, [source], Quiet())
    assert total(settings) == 2


def test_changes_of_one_article_count_in_their_order(archive):
    settings, _ = archive
    changes = [
        Change("x", article("x", "一")),
        Change("x", None),
        Change("x", None),
        Change("x", article("x", "二")),
        Change("a1", None),
        Change("a1", article("a1", "三")),
    ]
    expected = ["created", "deleted", "missing", "created", "deleted", "created"]
    assert Writing(settings).apply(changes) == expected
    assert bodies(settings, "x", "a1") == ["二", "三"]
    assert total(settings) == 3


def test_nothing_is_written_for_no_changes(archive):
    settings, _ = archive
    assert Writing(settings).apply([]) == []
    assert not (settings.index_dir / FILE).exists()
