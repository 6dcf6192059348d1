"""Backups of a live index: whole or not at all, verified, and put back with the same answers."""

import json
import shutil
import threading
from dataclasses import replace

import pytest
from conftest import Quiet

from searchsvc import backups, indexer, verification
from searchsvc.articles import Article
from searchsvc.errors import (
    IndexDamagedError,
    IndexMissingError,
    OperatorError,
    SearchsvcError,
    SettingsError,
    StorageError,
)
from searchsvc.generations import current_generation, write_lock
from searchsvc.results import SearchRequest
from searchsvc.service import SearchService
from searchsvc.settings import Settings
from searchsvc.writing import Change, Writing
from searchsvc.written import WrittenFile

TEXTS = ("质量强市建设迈出坚实步伐", "石桥渡古桥修缮工程开工", "聊城举行会议", "古桥通车仪式举行")


@pytest.fixture
def settings(tmp_path):
    settings = Settings(index_dir=tmp_path / "index")
    indexer.reindex(settings, [write(tmp_path / "a.jsonl", 0, 40)], Quiet())
    indexer.add(settings, [write(tmp_path / "b.jsonl", 30, 60)], Quiet())
    indexer.delete(settings, ["n3", "n50"])
    return settings


def write(path, first, stop):
    records = [
        {"id": f"n{n}", "title": f"{TEXTS[n % 4]}之{n}", "body": TEXTS[n % 4] * (n % 5 + 1)}
        for n in range(first, stop)
    ]
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in records))
    return path


def answers(settings):
    """What queries, suggestions and clusters of reprints answer."""
    service = SearchService(settings)
    found = []
    for query in ("古桥", "聊城 会议", '"质量强市"', "桥 NOT 开工", "*", "修膳"):
        page = service.search(SearchRequest(query, per_page=100, facets=("kind",), fold="reprints"))
        hits = [(hit.article.to_record(), hit.score, hit.highlights) for hit in page.hits]
        found.append((page.total, hits, page.facets, page.suggestion))
    found.append([service.suggest(typed, 9).entries for typed in ("古", "liao", "质量")])
    service.close()
    return found


def test_a_restored_backup_gives_the_same_answers_and_can_be_undone(settings, tmp_path):
    before = answers(settings)
    state = backups.backup(settings, tmp_path / "backups" / "one")
    assert (state.articles, state.problems) == (58, ())
    indexer.delete(settings, [f"n{n}" for n in range(20)])
    after = answers(settings)
    assert after != before
    backups.restore(settings, tmp_path / "backups" / "one")
    assert answers(settings) == before
    indexer.rollback(settings)
    assert answers(settings) == after


def test_what_was_written_over_http_lasts_through_backup_restore_and_reindex(settings, tmp_path):
    def put(into, name):
        Writing(into).apply([Change(name, Article(name, f"{name}号船闸"))])

    def reindexed(at):
        indexer.reindex(at, [tmp_path / "a.jsonl"], Quiet())
        service = SearchService(at)
        return {name for name in ("w1", "w2") if service.search(SearchRequest(f"id:{name}")).total}

    put(settings, "w1")
    backups.backup(settings, tmp_path / "backup")
    elsewhere = Settings(index_dir=tmp_path / "elsewhere")
    backups.restore(elsewhere, tmp_path / "backup")
    assert reindexed(elsewhere) == {"w1"}
    put(settings, "w2")
    backups.restore(settings, tmp_path / "backup")
    assert reindexed(settings) == {"w1", "w2"}


def test_what_was_deleted_over_http_comes_back_with_a_backup_for_good(settings, tmp_path):
    def titles():
        service = SearchService(settings)
        found = {
            name: service.search(SearchRequest(f"id:{name}")).hits for name in ("w1", "w2", "w3")
        }
        return {name: hits[0].article.title for name, hits in found.items() if hits}

    def apply(**texts):
        changes = ((name, text and Article(name, text)) for name, text in texts.items())
        Writing(settings).apply([Change(name, article) for name, article in changes])

    apply(w1="一号船闸", w2="二号船闸")
    backups.backup(settings, tmp_path / "backup")
    apply(w1="一号新船闸", w2="二号新船闸", w3="三号船闸")
    apply(w1=None, w3=None)
    backups.restore(settings, tmp_path / "backup")
    assert titles() == {"w1": "一号船闸", "w2": "二号船闸"}
    indexer.reindex(settings, [tmp_path / "a.jsonl"], Quiet())
    assert titles() == {"w1": "一号船闸", "w2": "二号新船闸"}


@pytest.mark.parametrize("own", [None, "w2"])
def test_a_restore_that_fails_at_its_end_leaves_what_was_written_as_it_was(
    settings, tmp_path, monkeypatch, own
):
    other = Settings(index_dir=tmp_path / "other")
    indexer.reindex(other, [tmp_path / "a.jsonl"], Quiet())
    for into, name in ((settings, "w1"), (other, own)):
        if name is not None:
            Writing(into).apply([Change(name, Article(name, f"{name}号船闸"))])
    backups.backup(settings, tmp_path / "backup")
    before, held = answers(other), list(WrittenFile(other.index_dir).articles())

    def refuse(*_):
        raise StorageError("storage.failed", path=other.index_dir, reason="EIO")

    with monkeypatch.context() as failing, pytest.raises(StorageError):
        failing.setattr(backups, "make_current", refuse)
        backups.restore(other, tmp_path / "backup")
    assert list(WrittenFile(other.index_dir).articles()) == held
    assert answers(other) == before


def test_a_backup_is_an_index_of_its_own(settings, tmp_path):
    backups.backup(settings, tmp_path / "backup")
    copy = Settings(index_dir=tmp_path / "backup")
    before = answers(settings)
    shutil.rmtree(settings.index_dir)
    assert answers(copy) == before
    indexer.add(copy, [write(tmp_path / "c.jsonl", 70, 75)], Quiet())
    backups.restore(settings, tmp_path / "backup")
    assert answers(settings) == answers(copy) != before


def test_a_backup_waits_for_no_writer_and_no_other_place_is_overwritten(settings, tmp_path):
    with write_lock(settings.index_dir):
        backups.backup(settings, tmp_path / "backup")
    with pytest.raises(OperatorError, match="is there already"):
        backups.backup(settings, tmp_path / "backup")


def test_a_backup_while_others_write_is_of_one_commit(settings, tmp_path):
    done = threading.Event()

    def write_on():
        for round_ in range(8):
            indexer.add(settings, [write(tmp_path / "w.jsonl", 100, 110)], Quiet())
            indexer.delete(settings, [f"n{n}" for n in range(100, 110)])
            if round_ == 4:
                indexer.reindex(settings, [write(tmp_path / "r.jsonl", 0, 58)], Quiet())
        done.set()

    writer = threading.Thread(target=write_on)
    writer.start()
    number = 0
    while not done.is_set() or not number:
        state = backups.backup(settings, tmp_path / f"backup{number}")
        assert state.articles in (58, 68)
        number += 1
    writer.join()
    for taken in range(number):
        copy = Settings(index_dir=tmp_path / f"backup{taken}")
        assert all(not state.problems for state in verification.verify(copy))


def test_commits_while_a_generation_is_read_are_no_damage(settings, tmp_path, monkeypatch):
    """Two, so that a file which is about to be opened is gone."""
    more = [write(tmp_path / f"{n}.jsonl", n, n + 10) for n in (100, 200)]
    opened = verification.Lexicon

    def commit_first(path, seal):
        while more and path.name.startswith("changes"):
            indexer.add(settings, [more.pop()], Quiet())
        return opened(path, seal)

    monkeypatch.setattr(verification, "Lexicon", commit_first)
    [state] = verification.verify(settings)
    assert (state.problems, state.articles) == ((), 58 + 20)


def test_a_generation_that_is_pruned_while_it_is_read_is_no_damage(settings, tmp_path, monkeypatch):
    more = [write(tmp_path / f"{n}.jsonl", n, n + 10) for n in (100, 200)]
    opened = verification.Lexicon

    def reindex_first(path, seal):
        while more:
            indexer.reindex(settings, [more.pop()], Quiet())
        return opened(path, seal)

    monkeypatch.setattr(verification, "Lexicon", reindex_first)
    states = verification.verify(settings)
    assert [(state.problems, state.articles) for state in states] == [((), 10), ((), 10)]


def test_a_damaged_backup_is_refused_and_the_index_stays(settings, tmp_path):
    backups.backup(settings, tmp_path / "backup")
    before = answers(settings)
    files = [p for p in (tmp_path / "backup").rglob("*") if p.is_file()]
    for path in files:
        content = path.read_bytes()
        altered = bytearray(content)
        altered[len(altered) // 2] ^= 0x20
        path.write_bytes(altered)
        with pytest.raises(SearchsvcError):
            backups.restore(settings, tmp_path / "backup")
        path.write_bytes(content)
    assert answers(settings) == before
    with pytest.raises(IndexMissingError):
        backups.restore(settings, tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def test_a_damaged_index_gives_no_backup(settings, tmp_path):
    path = next(current_generation(settings.index_dir).rglob("*.svc"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(IndexDamagedError):
        backups.backup(settings, tmp_path / "backup")
    assert [p.name for p in tmp_path.iterdir() if "backup" in p.name] == []


def test_a_disk_without_room_is_told_before_anything_is_copied(settings, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=1_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(StorageError, match=r"free.*needed"):
        backups.backup(settings, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_verify_names_every_file_that_is_damaged(settings):
    (state,) = verification.verify(settings)
    assert (state.articles, state.problems) == (58, ())
    folder = current_generation(settings.index_dir)
    assert {path.name for path in verification.files_of(folder)} >= {"manifest.json", "base.svc"}
    for path in verification.files_of(folder):
        content = path.read_bytes()
        altered = bytearray(content)
        altered[len(altered) // 3] ^= 4
        path.write_bytes(altered)
        (state,) = verification.verify(settings)
        assert any(path.name in str(problem) for problem in state.problems), path
        path.write_bytes(content)


def test_verify_holds_counts_against_the_manifest(settings, tmp_path):
    indexer.reindex(settings, [write(tmp_path / "a.jsonl", 0, 5)], Quiet())
    other = Settings(index_dir=tmp_path / "other")
    indexer.reindex(other, [write(tmp_path / "a.jsonl", 0, 6)], Quiet())
    manifest = current_generation(other.index_dir) / "manifest.json"
    shutil.copy(manifest, current_generation(settings.index_dir) / "manifest.json")
    current, previous = verification.verify(settings)
    assert [problem.code for problem in current.problems] == ["index.miscounted"]
    assert previous.problems == ()


@pytest.mark.parametrize(
    "asked",
    [
        backups.backup,
        backups.restore,
        lambda settings, _: verification.verify(settings),
    ],
)
def test_an_archive_in_a_cluster_is_left_to_the_cluster(settings, tmp_path, asked):
    with pytest.raises(SettingsError) as caught:
        asked(replace(settings, engine="opensearch"), tmp_path / "aside")
    assert caught.value.code == "engine.no_folder"
    assert not (tmp_path / "aside").exists()


def test_when_the_index_changed_is_told_also_where_its_generation_was_removed_meanwhile(settings):
    service = SearchService(settings)
    with service.one_version():
        service.search(SearchRequest("桥"))
        before = service.changed_at
        shutil.rmtree(current_generation(settings.index_dir))
        assert service.changed_at == before
