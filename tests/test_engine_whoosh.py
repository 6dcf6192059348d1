"""What only the Whoosh engine promises: segments, commits that readers follow, damage to files."""

import pytest
from conftest import DOCUMENTS, record
from test_engine import RECORDS, ids

from searchsvc.articles import Article
from searchsvc.engines.contract import Search
from searchsvc.engines.whoosh import create_writer, open_engine, open_writer
from searchsvc.errors import IndexDamagedError, IndexLockedError
from searchsvc.query import parse_query


def test_scores_do_not_depend_on_how_articles_lie_in_segments(tmp_path, analyzer, build_engine):
    one = build_engine(*RECORDS)
    folder = tmp_path / "several"
    folder.mkdir()
    create_writer(folder).commit()
    for item in RECORDS:
        writer = open_writer(folder)
        writer.add(DOCUMENTS([Article.from_record(item)]))
        writer.commit()
    several = open_engine(folder, analyzer)
    assert several.stats()["segments"] > 1
    for query in ("聊城", "聊城 质量", "质量链 OR 儒商", "*"):
        search = Search(tree=parse_query(query), facets=("newspaper",))
        a, b = one.search(search), several.search(search)
        assert [(h.article.id, pytest.approx(h.score)) for h in a.hits] == [
            (h.article.id, h.score) for h in b.hits
        ]
        assert a.facets == b.facets
    several.close()


def test_changes_show_when_committed_and_not_before(tmp_path, analyzer):
    folder = tmp_path / "live"
    folder.mkdir()
    writer = create_writer(folder)
    for item in RECORDS:
        writer.add(DOCUMENTS([Article.from_record(item)]))
    writer.commit()
    before = open_engine(folder, analyzer)
    writer = open_writer(folder)
    with pytest.raises(IndexLockedError):
        open_writer(folder)
    assert writer.delete(["a0", "a9"]) == {"a0"}
    writer.add(DOCUMENTS([Article.from_record(record(9, "质量链新闻"))]))
    assert ids(open_engine(folder, analyzer), "质量链") == ["a0"]
    writer.commit()
    after = open_engine(folder, analyzer)
    assert before.version != after.version
    assert ids(after, "质量链") == ["a9"]
    assert after.article("a0") is None
    assert after.stats()["articles"] == 5
    assert ids(before, "质量链") == ["a0"]
    writer = open_writer(folder)
    writer.delete(["a9"])
    writer.cancel()
    assert ids(open_engine(folder, analyzer), "质量链") == ["a9"]


def test_a_truncated_file_is_refused(tmp_path, analyzer):
    folder = tmp_path / "damaged"
    folder.mkdir()
    writer = create_writer(folder)
    writer.add(DOCUMENTS([Article.from_record(RECORDS[0])]))
    writer.commit()
    for path in folder.glob("*.svc"):
        path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(IndexDamagedError):
        open_engine(folder, analyzer)
    next(folder.glob("*.svc")).unlink()
    with pytest.raises(IndexDamagedError):
        open_engine(folder, analyzer)
