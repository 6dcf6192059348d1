"""The reindex flow: whole or not at all, with everything that was not indexed named."""

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from conftest import Quiet
from following import check_that_a_service_follows

from searchsvc import indexer
from searchsvc.engines.whoosh import generation
from searchsvc.errors import (
    IndexDamagedError,
    IndexLockedError,
    IndexMissingError,
    OperatorError,
    SourceError,
    StorageError,
)
from searchsvc.generations import current_generation, data_folder, write_lock
from searchsvc.results import SearchRequest
from searchsvc.sample import sample_path
from searchsvc.service import open_service
from searchsvc.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings(index_dir=tmp_path / "index")


@pytest.fixture
def source(tmp_path):
    """Writes a JSON Lines file of articles with these ids."""

    def write(*ids, name="news.jsonl", extra=()):
        lines = [json.dumps({"id": i, "title": f"标题{i}", "body": "质量强市。"}) for i in ids]
        path = tmp_path / name
        path.write_text("\n".join([*lines, *extra]), encoding="utf-8")
        return path

    return write


def ids(settings, query="*"):
    service = open_service(settings)
    try:
        request = SearchRequest(query=query, per_page=100)
        return sorted(hit.article.id for hit in service.search(request).hits)
    finally:
        service.close()


def test_progress_and_report_tell_the_same(settings, source):
    progress = Quiet()
    path = source("a", "b", extra=["{", '{"id": "a", "title": "again"}'])
    report = indexer.reindex(settings, [path], progress)
    assert (report.articles, report.rejects, report.kinds) == (2, 2, {"article": 2})
    assert (progress.articles, progress.bytes) == (2, path.stat().st_size)
    assert progress.total_bytes == progress.bytes
    assert progress.phases == ["reading", "writing", "suggestions", "checking", "switching"]
    assert progress.finished
    assert [r.error.code for r in report.reject_list] == ["record.json", "record.duplicate_id"]
    assert report.reject_list[1].message().startswith("news.jsonl:4: ")
    assert ids(settings) == ["a", "b"]


def test_the_sample_archive_is_indexed_without_reject(settings):
    report = indexer.reindex(settings, [sample_path()], Quiet())
    assert report.rejects == 0
    assert report.kinds["article"] + report.kinds["photo"] >= 60


def test_a_failed_reindex_leaves_the_old_index(settings, source):
    indexer.reindex(settings, [source("a")], Quiet())
    before = current_generation(settings.index_dir)
    with pytest.raises(SourceError):
        indexer.reindex(settings, [source("b"), settings.index_dir / "absent"], Quiet())
    with pytest.raises(OperatorError, match="no article could be read"):
        indexer.reindex(settings, [source(extra=["{"])], Quiet())
    assert current_generation(settings.index_dir) == before
    assert ids(settings) == ["a"]
    assert len(list((settings.index_dir / "generations").iterdir())) == 1


def test_a_full_disk_leaves_the_old_index(settings, source, monkeypatch):
    indexer.reindex(settings, [source("a")], Quiet())

    def full(*_, **__):
        raise OSError(28, "No space left on device", "somewhere")

    with monkeypatch.context() as patched:
        patched.setattr("searchsvc.postings.writer.BatchWriter._finish_segment", full)
        with pytest.raises(StorageError, match="disk is full"):
            indexer.reindex(settings, [source("b")], Quiet())
        with pytest.raises(StorageError, match="disk is full"):
            indexer.add(settings, [source("c")], Quiet())
    assert ids(settings) == ["a"]
    indexer.reindex(settings, [source("b")], Quiet())
    assert ids(settings) == ["b"]


def test_a_disk_without_room_for_the_build_is_told_before_it_begins(settings, source, monkeypatch):
    indexer.reindex(settings, [source("a")], Quiet())
    many = source(*(f"m{n}" for n in range(20_000)), name="many.jsonl")
    usage = shutil.disk_usage("/")._replace(free=many.stat().st_size * 8)
    progress = Quiet()
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "disk_usage", lambda _: usage)
        with pytest.raises(StorageError, match=r"has \d+ MB free, about \d+ MB are needed"):
            indexer.reindex(settings, [many], progress)
    assert progress.articles == 0
    assert ids(settings) == ["a"]
    assert len(list((settings.index_dir / "generations").iterdir())) == 1


def test_a_real_small_disk_leaves_the_old_index(tmp_path, source, monkeypatch):
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk; run as root (as .ci/run is) to test this")
    monkeypatch.setattr(generation, "check_space", lambda *_: None)  # it is to fill up
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], check=True)
    try:
        settings = Settings(index_dir=disk / "index")
        indexer.reindex(settings, [source("a")], Quiet())
        many = source(*(f"m{n}-{n * 7919}" for n in range(20_000)), name="many.jsonl")
        with pytest.raises(StorageError, match="disk is full"):
            indexer.reindex(settings, [many], Quiet())
        assert ids(settings) == ["a"]
        gc.collect()  # what the failed build mapped takes space until it is let go
        indexer.reindex(settings, [source("b")], Quiet())
        assert ids(settings) == ["b"]
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_second_writer_is_refused(settings, source):
    indexer.reindex(settings, [source("a")], Quiet())
    with write_lock(settings.index_dir):
        for work in (indexer.reindex, indexer.add):
            with pytest.raises(IndexLockedError):
                work(settings, [source("b")], Quiet())
        with pytest.raises(IndexLockedError):
            indexer.delete(settings, ["a"])
    assert ids(settings) == ["a"]


def test_articles_are_added_replaced_and_deleted(settings, source):
    with pytest.raises(IndexMissingError):
        indexer.add(settings, [source("a")], Quiet())
    indexer.reindex(settings, [source("a", "b")], Quiet())
    report = indexer.add(settings, [source("b", "c", name="more.jsonl")], Quiet())
    assert (report.articles, report.replaced) == (2, 1)
    assert ids(settings) == ["a", "b", "c"]
    assert indexer.delete(settings, ["a", "nowhere", "a"]) == 1
    assert ids(settings) == ["b", "c"]
    assert ids(settings, "质量强市") == ["b", "c"]


def test_rollback_brings_the_previous_generation_back(settings, source):
    indexer.reindex(settings, [source("a")], Quiet())
    indexer.reindex(settings, [source("b")], Quiet())
    indexer.rollback(settings)
    assert ids(settings) == ["a"]
    indexer.rollback(settings)
    assert ids(settings) == ["b"]


def test_a_running_service_follows_every_change(settings, source):
    check_that_a_service_follows(settings, source)


def test_why_reindex_names_the_reason(settings, source, tmp_path):
    path = source("a")
    assert indexer.why_reindex(settings, [path]) == "cli.why.no_index"
    indexer.reindex(settings, [path], Quiet())
    assert indexer.why_reindex(settings, [path]) is None
    words = tmp_path / "words.txt"
    words.write_text("质量链\n", encoding="utf-8")
    other = Settings(index_dir=settings.index_dir, user_dictionary=words)
    assert indexer.why_reindex(other, [path]) == "cli.why.analysis_changed"
    with pytest.raises(IndexDamagedError, match="another user dictionary"):
        open_service(other)
    with pytest.raises(IndexDamagedError, match="another user dictionary"):
        indexer.add(other, [path], Quiet())
    source("a", "b")
    assert indexer.why_reindex(settings, [path]) == "cli.why.sources_changed"
    (current_generation(settings.index_dir) / "manifest.json").write_text("{")
    assert indexer.why_reindex(settings, [path]) == "cli.why.unreadable"
    indexer.reindex(settings, [path], Quiet())
    assert ids(settings) == ["a", "b"]


def test_a_damaged_generation_is_an_error_and_rollback_helps(settings, source):
    indexer.reindex(settings, [source("a")], Quiet())
    indexer.reindex(settings, [source("b")], Quiet())
    for path in data_folder(current_generation(settings.index_dir)).glob("*.svc"):
        path.unlink()
    with pytest.raises(IndexDamagedError, match="searchsvc rollback"):
        open_service(settings)
    indexer.rollback(settings)
    assert ids(settings) == ["a"]


def test_a_read_only_folder_is_an_error():
    with TemporaryDirectory() as folder:  # unlike tmp_path, where others may not enter
        Path(folder).chmod(0o755)
        page = Path(folder, "page.txt")
        page.write_text("质量强市建设迈出坚实步伐。", encoding="utf-8")
        settings = Settings(index_dir=Path(folder, "index"))
        settings.index_dir.mkdir(0o500)
        with as_ordinary_user(), pytest.raises(StorageError, match="cannot be written"):
            indexer.reindex(settings, [page], Quiet())


@contextmanager
def as_ordinary_user():
    """Root may write anywhere; within this, it is nobody."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("command", ["reindex", "add"])
def test_a_killed_writer_leaves_the_old_index_and_the_next_run_succeeds(settings, source, command):
    indexer.reindex(settings, [source("a")], Quiet())
    many = source(*(f"m{n}" for n in range(30_000)), name="many.jsonl")
    run = [
        sys.executable,
        "-m",
        "searchsvc",
        command,
        str(many),
        "--index",
        str(settings.index_dir),
    ]
    for delay_s in (0.5, 1.0, 2.0):
        process = subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay_s)
        assert process.poll() is None, "the writer was done before it could be killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert ids(settings) == ["a"]
    more = source("z", name="more.jsonl")
    work = indexer.reindex if command == "reindex" else indexer.add
    work(settings, [more], Quiet())
    assert ids(settings) == (["z"] if command == "reindex" else ["a", "z"])
    generations = list((settings.index_dir / "generations").iterdir())
    assert len(generations) <= 2
