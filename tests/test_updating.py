"""Updates: only what changed is read, moved files keep their permalinks, the end is that of a reindex."""

import errno
import json
import os
from itertools import count

import pytest
from conftest import Quiet
from page_formats import alto, mets

from searchsvc import indexer, reading, updating
from searchsvc.articles import Article
from searchsvc.errors import IndexMissingError
from searchsvc.generations import current_generation
from searchsvc.results import SearchRequest
from searchsvc.service import open_service
from searchsvc.settings import Settings
from searchsvc.sources import checksums
from searchsvc.writing import Change, Writing

PAGE = "临江日报 2020年5月6日 星期三 A02 民生\n\n{0}号老街通水\n\n本报记者 王小满\n\n本报临江讯 记者在{0}号老街看到，水管已经修好，居民都说好。\n"


@pytest.fixture
def settings(tmp_path):
    return Settings(index_dir=tmp_path / "index")


@pytest.fixture
def archive(tmp_path):
    """A folder of pages, older than what a time stamp leaves in doubt."""
    folder = tmp_path / "archive"
    times = count(10**18, 10**10)

    def write(name, text):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, ns=(next(times),) * 2)
        return path

    write.folder = folder
    return write


@pytest.fixture
def files_read(monkeypatch):
    """The names of the files that were opened for reading, in order."""
    names = []
    original = reading.read_source

    def counted(file, *arguments):
        names.append(file.name)
        return original(file, *arguments)

    monkeypatch.setattr(reading, "read_source", counted)
    return names


def found(settings):
    """Everything in the index: id to title and source."""
    service = open_service(settings)
    try:
        request = SearchRequest(query="*", per_page=100, filters={})
        total = service.search(request).total
        hits = []
        for page in range(1, total // 100 + 2):
            hits += service.search(SearchRequest(query="*", per_page=100, page=page)).hits
        return {hit.article.id: (hit.article.title, hit.article.source.path) for hit in hits}
    finally:
        service.close()


def counts(report):
    return (report.unchanged, report.changed, report.new, report.gone)


def test_one_changed_file_of_a_thousand_is_read_alone(settings, archive, files_read):
    for number in range(1_000):
        record = {"title": f"{number}号老街通水", "body": "居民都说好。"}
        archive(f"{number // 100}/{number:04}.jsonl", json.dumps(record))
    indexer.reindex(settings, [archive.folder], Quiet())
    before = found(settings)
    assert len(files_read) == 1_000
    files_read.clear()
    archive("4/0421.jsonl", json.dumps({"title": "新号老街通水"}))
    progress = Quiet()
    report = updating.update(settings, [], progress)
    assert files_read == ["4/0421.jsonl"]
    assert counts(report) == (999, 1, 0, 0)
    assert (report.deleted, report.reindex.articles, progress.articles) == (1, 1, 1)
    after = found(settings)
    assert after.keys() == before.keys()
    (changed,) = [i for i in after if after[i] != before[i]]
    assert after[changed] == ("新号老街通水", "4/0421.jsonl")
    files_read.clear()
    assert counts(updating.update(settings, [], Quiet())) == (1_000, 0, 0, 0)
    assert files_read == []


def test_new_and_vanished_files_are_followed(settings, archive, files_read):
    first, second = archive("a.txt", PAGE.format(1)), archive("b.txt", PAGE.format(2))
    indexer.reindex(settings, [archive.folder], Quiet())
    second.unlink()
    archive("c.txt", PAGE.format(3))
    files_read.clear()
    report = updating.update(settings, [], Quiet())
    assert counts(report) == (1, 0, 1, 1)
    assert files_read == ["c.txt"]
    assert {title for title, _ in found(settings).values()} == {"1号老街通水", "3号老街通水"}
    first.unlink()
    report = updating.update(settings, [], Quiet())
    assert counts(report) == (1, 0, 0, 1)
    assert len(found(settings)) == 1


@pytest.mark.parametrize("work", ["update", "reindex"])
def test_a_moved_file_keeps_its_permalinks(settings, archive, work):
    path = archive("old/a.txt", PAGE.format(1))
    archive("b.txt", PAGE.format(2))
    indexer.reindex(settings, [archive.folder], Quiet())
    before = found(settings)
    target = archive.folder / "new" / "place.txt"
    for _ in range(2):  # and once more when nothing moves
        if path.exists():
            target.parent.mkdir()
            path.rename(target)
        if work == "update":
            updating.update(settings, [], Quiet())
        else:
            indexer.reindex(settings, [archive.folder], Quiet())
        after = found(settings)
        assert after.keys() == before.keys()
        assert ("1号老街通水", "new/place.txt") in after.values()
    target.rename(path)
    updating.update(settings, [], Quiet())
    assert found(settings) == before


def test_a_changed_page_that_also_moved_is_new(settings, archive):
    path = archive("a.txt", PAGE.format(1))
    archive("b.txt", PAGE.format(2))
    indexer.reindex(settings, [archive.folder], Quiet())
    path.unlink()
    archive("c.txt", PAGE.format(3))
    updating.update(settings, [], Quiet())
    assert {source for _, source in found(settings).values()} == {"b.txt", "c.txt"}


def test_a_touched_file_is_not_read_and_a_forged_time_is_found_by_content(
    settings, archive, files_read
):
    path = archive("a.txt", PAGE.format(1))
    indexer.reindex(settings, [archive.folder], Quiet())
    files_read.clear()
    os.utime(path, ns=(10**18 + 777, 10**18 + 777))
    assert counts(updating.update(settings, [], Quiet())) == (1, 0, 0, 0)
    assert files_read == []
    status = path.stat()
    with path.open("r+", encoding="utf-8") as file:
        file.write(PAGE.format(7))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert counts(updating.update(settings, [], Quiet())) == (1, 0, 0, 0)
    assert counts(updating.update(settings, [], Quiet(), by_content=True)) == (0, 1, 0, 0)
    assert [title for title, _ in found(settings).values()] == ["7号老街通水"]


def test_a_file_that_cannot_be_read_any_more_keeps_its_articles(settings, archive, monkeypatch):
    archive("a.txt", PAGE.format(1))
    archive("b.txt", PAGE.format(2))
    indexer.reindex(settings, [archive.folder], Quiet())
    before = found(settings)
    path = archive("a.txt", PAGE.format(3))
    digest = checksums._digest

    def failing(asked):
        if asked == path:
            raise OSError(errno.EIO, "Input/output error")
        return digest(asked)

    with monkeypatch.context() as broken:
        broken.setattr(checksums, "_digest", failing)
        report = updating.update(settings, [], Quiet())
    assert counts(report) == (1, 0, 0, 0)
    assert [(r.path, r.error.code) for r in report.reindex.reject_list] == [
        ("a.txt", "source.kept")
    ]
    assert found(settings) == before
    assert counts(updating.update(settings, [], Quiet())) == (1, 1, 0, 0)
    assert "3号老街通水" in [title for title, _ in found(settings).values()]


def test_what_describes_a_page_is_part_of_it(settings, archive, files_read):
    archive("a.txt", PAGE.format(1))
    archive("alto/0001.xml", alto(PAGE.format(2).split("\n", 2)[2]))
    archive("b.txt", PAGE.format(3))
    indexer.reindex(settings, [archive.folder], Quiet())
    files_read.clear()
    archive("a.txt.corrections.json", "{}")
    archive("mets.xml", mets("澜江日报", "2020-05-06", {"0001.xml": "A01"}))
    report = updating.update(settings, [], Quiet())
    assert files_read == ["a.txt", "alto/0001.xml", "mets.xml"]
    assert counts(report) == (1, 2, 1, 0)
    service = open_service(settings)
    (hit,) = service.search(SearchRequest(query="报纸:澜江日报")).hits
    assert hit.article.source.path == "alto/0001.xml"
    service.close()


def test_an_article_that_another_file_holds_comes_in_when_that_file_goes(settings, archive):
    record = {"id": "x", "title": "甲", "body": "乙"}
    first = archive("a.jsonl", json.dumps(record))
    archive("b.jsonl", json.dumps(record | {"title": "丙"}))
    report = indexer.reindex(settings, [archive.folder], Quiet())
    assert report.rejects == 1
    assert found(settings) == {"x": ("甲", "a.jsonl")}
    archive("c.jsonl", json.dumps(record | {"title": "丁"}))
    report = updating.update(settings, [], Quiet())
    assert [r.error.code for r in report.reindex.reject_list] == ["record.duplicate_id"]
    assert found(settings) == {"x": ("甲", "a.jsonl")}
    first.unlink()
    updating.update(settings, [], Quiet())
    assert found(settings) == {"x": ("丙", "b.jsonl")}


def test_a_long_file_is_held_against_what_is_there(settings, archive):
    """Longer than what is looked ahead: ids that are taken before it, in it, and one put by itself."""
    n = 2 * reading.ASKED_AT_ONCE + 30
    first, last, put = "0", str(n - 1), str(reading.ASKED_AT_ONCE)
    archive("a.jsonl", json.dumps({"id": last, "title": "甲"}))
    indexer.reindex(settings, [archive.folder], Quiet())
    Writing(settings).apply([Change(put, Article(id=put, title="乙"))])
    records = [{"id": str(number), "title": "丙"} for number in range(n)]
    records.append({"id": first, "title": "丁"})
    archive("b.jsonl", "".join(json.dumps(record) + "\n" for record in records))
    report = updating.update(settings, [], Quiet()).reindex
    assert [(r.error.params["id"], r.error.params["first"]) for r in report.reject_list] == [
        (put, "written.jsonl"), (last, "a.jsonl"), (first, "b.jsonl"),
    ]  # fmt: skip
    assert report.articles == n - 2
    assert counts(updating.update(settings, [], Quiet())) == (2, 0, 0, 0)


def test_added_files_are_followed_too_and_deleted_articles_stay_deleted(
    settings, archive, tmp_path
):
    archive("a.jsonl", "\n".join(json.dumps({"id": i, "title": i}) for i in "ab"))
    indexer.reindex(settings, [archive.folder], Quiet())
    more = tmp_path / "more.jsonl"
    more.write_text(json.dumps({"id": "c", "title": "c"}))
    indexer.add(settings, [more], Quiet())
    indexer.delete(settings, ["b"])
    updating.update(settings, [], Quiet())
    assert sorted(found(settings)) == ["a", "c"]
    more.write_text(json.dumps({"id": "d", "title": "d"}))
    updating.update(settings, [], Quiet())
    assert sorted(found(settings)) == ["a", "d"]


def test_a_failed_update_leaves_index_and_records(settings, archive, monkeypatch):
    archive("a.txt", PAGE.format(1))
    indexer.reindex(settings, [archive.folder], Quiet())
    before = found(settings)
    archive("a.txt", PAGE.format(2))
    with monkeypatch.context() as patched:
        patched.setattr("searchsvc.updating.ordered_map", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            updating.update(settings, [], Quiet())
    assert found(settings) == before
    assert counts(updating.update(settings, [], Quiet())) == (0, 1, 0, 0)


def test_a_failure_to_record_leaves_articles_and_records_of_one_state(
    settings, archive, monkeypatch
):
    archive("a.txt", PAGE.format(1))
    indexer.reindex(settings, [archive.folder], Quiet())
    before = found(settings)
    archive("a.txt", PAGE.format(2))
    with monkeypatch.context() as patched:
        patched.setattr("searchsvc.indexer.write_records", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            updating.update(settings, [], Quiet())
    assert found(settings) == before
    updating.update(settings, [], Quiet())
    once = found(settings)
    assert [title for title, _ in once.values()] == ["2号老街通水"]


def test_without_an_index_there_is_nothing_to_update(settings, archive):
    with pytest.raises(IndexMissingError):
        updating.update(settings, [], Quiet())


def test_an_updated_index_is_that_of_a_reindex(settings, archive, tmp_path):
    for number in range(6):
        archive(f"{number}.txt", PAGE.format(number))
    indexer.reindex(settings, [archive.folder], Quiet())
    archive("1.txt", PAGE.format("壹"))
    (archive.folder / "2.txt").unlink()
    archive("9.txt", PAGE.format(9))
    updating.update(settings, [], Quiet())
    other = Settings(index_dir=tmp_path / "other")
    indexer.reindex(other, [archive.folder], Quiet())
    assert found(settings) == found(other)
    (records,) = current_generation(settings.index_dir).glob("sources.2.jsonl")
    assert records.read_bytes().count(b"\n") == 7


def test_a_file_that_could_not_be_read_once_is_read_the_next_time(settings, archive, monkeypatch):
    """Its size and time are what they were: only who may read it has changed."""
    archive("a.txt", PAGE.format(1))
    with monkeypatch.context() as refusing:
        refusing.setattr(checksums, "_digest", refused)
        indexer.reindex(settings, [archive.folder], Quiet())
    assert updating.update(settings, [], Quiet()).changed == 1
    assert updating.update(settings, [], Quiet()).unchanged == 1


def refused(path):
    raise PermissionError(errno.EACCES, "Permission denied", str(path))
