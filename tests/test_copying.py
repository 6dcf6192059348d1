"""An archive copied between engines is the same archive, or the copy fails."""

import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace

import pytest
from conftest import Quiet
from opensearch_archive import archive_settings, found_ids, remove_archive, write_source

from searchsvc import copying, indexer, updating
from searchsvc.articles import Article
from searchsvc.copying import Digest, _check, copy
from searchsvc.engines.choosing import open_generations
from searchsvc.errors import IndexDamagedError, IndexMissingError
from searchsvc.sample import sample_path
from searchsvc.settings import Settings
from searchsvc.writing import Change, Writing


def test_a_digest_is_of_the_records_whatever_their_order():
    one, two = (Article.from_record({"id": i, "title": i, "body": "甲"}) for i in "ab")
    first, second, other = Digest(), Digest(), Digest()
    for digest, articles in ((first, (one, two)), (second, (two, one)), (other, (one, one))):
        for article in articles:
            digest.add(article)
    assert str(first) == str(second) != str(other)


def test_a_missing_article_or_another_one_is_found(build_engine):
    whole = [{"id": "a", "title": "甲", "body": "乙"}, {"id": "b", "title": "丙", "body": "丁"}]
    sent = Digest()
    for record in whole:
        sent.add(Article.from_record(record))
    _check(build_engine(*whole), sent, "here")
    with pytest.raises(IndexDamagedError, match="2 articles were written, 1"):
        _check(build_engine(whole[0]), sent, "here")
    with pytest.raises(IndexDamagedError, match="not those that were sent"):
        _check(build_engine(whole[0], {**whole[1], "body": "戊"}), sent, "here")


@pytest.mark.opensearch
def test_an_archive_moves_to_a_cluster_and_back(cluster, tmp_path):
    settings = archive_settings(cluster, tmp_path / "index")
    folder = replace(settings, engine="whoosh")
    try:
        with pytest.raises(IndexMissingError):
            copy(settings, "whoosh", "opensearch", Quiet())
        report = indexer.reindex(folder, [sample_path()], Quiet())
        ids = found_ids(folder)
        there = copy(settings, "whoosh", "opensearch", Quiet())
        assert there.articles == report.articles
        assert there.kinds == report.kinds
        assert found_ids(settings) == ids
        updated = updating.update(settings, [], Quiet())
        assert (updated.changed, updated.new, updated.gone) == (0, 0, 0)
        elsewhere = Settings(**{**as_fields(settings), "index_dir": tmp_path / "other"})
        back = copy(elsewhere, "opensearch", "whoosh", Quiet())
        assert (back.digest, back.articles) == (there.digest, there.articles)
        assert found_ids(replace(elsewhere, engine="whoosh")) == ids
    finally:
        remove_archive(settings)


@pytest.mark.opensearch
@pytest.mark.parametrize("way", [("whoosh", "opensearch"), ("opensearch", "whoosh")])
def test_what_was_written_goes_along_in_place_of_what_the_other_had(
    cluster, tmp_path, monkeypatch, way
):
    monkeypatch.setattr(copying, "WRITTEN_AT_ONCE", 2)
    settings = archive_settings(cluster, tmp_path / "index")
    given, wanted = (replace(settings, engine=engine) for engine in way)
    source = write_source(tmp_path / "news.jsonl", "a")
    try:
        for each in (given, wanted):
            indexer.reindex(each, [source], Quiet())
        put(wanted, "w0", "w1", "w3", "old", body="旧")
        put(given, *(f"w{n}" for n in range(5)), body="新")
        indexer.delete(given, ["w1"])
        before = written(wanted)
        with monkeypatch.context() as failing, pytest.raises(ZeroDivisionError):
            failing.setattr(open_generations(wanted).__class__, "publish", lambda *_: 1 / 0)
            copy(settings, *way, Quiet())
        assert written(wanted) == before
        with monkeypatch.context() as failing, pytest.raises(IndexDamagedError, match="not those"):
            failing.setattr(copying, "_recorded", lambda *_: nullcontext())
            copy(settings, *way, Quiet())
        copy(settings, *way, Quiet())
        assert written(wanted) == written(given) == [(f"w{n}", "新") for n in (0, 2, 3, 4)]
        indexer.reindex(wanted, [source], Quiet())
        assert found_ids(wanted) == found_ids(given) == ["a", "w0", "w2", "w3", "w4"]
    finally:
        remove_archive(settings)


def put(settings, *names, body):
    made = [Article.from_record({"id": n, "title": n, "body": body}) for n in names]
    Writing(settings).apply([Change(article.id, article) for article in made])


def written(settings):
    with indexer.opened(settings) as generations, generations.lock():
        return [(each.id, each.body[0].text) for each in generations.written.articles()]


def as_fields(settings):
    return {name: getattr(settings, name) for name in settings.__dataclass_fields__}


def test_the_command_refuses_one_engine_twice(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "searchsvc", "copy", "--from", "whoosh", "--to", "whoosh"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 2
    assert done.stderr
