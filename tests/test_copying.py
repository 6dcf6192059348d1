"""An archive copied between engines is the same archive, or the copy fails."""

import subprocess
import sys
from dataclasses import replace

import pytest
from conftest import Quiet
from opensearch_archive import archive_settings, found_ids, remove_archive

from searchsvc import indexer, updating
from searchsvc.articles import Article
from searchsvc.copying import Digest, _check, copy
from searchsvc.errors import IndexDamagedError, IndexMissingError
from searchsvc.sample import sample_path
from searchsvc.settings import Settings


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
