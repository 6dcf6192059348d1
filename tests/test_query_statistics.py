"""Query statistics: counted, folded, bounded, and nothing in them of who asked."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from web_archive import build_archive

from searchsvc.cli import commands
from searchsvc.query_statistics import KEPT_MONTHS, AskedQuery, QueryStatistics
from searchsvc.web import create_app


def test_queries_are_counted_by_their_folded_text(tmp_path):
    statistics = QueryStatistics(tmp_path)
    for query, hits in (("臺灣", 3), ("台湾", 4), ("没有", 0)):
        statistics.note(query, hits)
    assert statistics.asked(1) == [AskedQuery("台湾", 2, 4), AskedQuery("没有", 1, 0)]
    assert statistics.asked(1, without_hits=True) == [AskedQuery("没有", 1, 0)]


def test_a_line_says_what_was_asked_and_nothing_else(tmp_path):
    QueryStatistics(tmp_path).note("一\n行", 1)
    (path,) = tmp_path.glob("*.jsonl")
    (line,) = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(line).keys() == {"day", "query", "hits"}


def test_a_damaged_line_is_passed_over(tmp_path):
    statistics = QueryStatistics(tmp_path)
    statistics.note("大桥", 1)
    (path,) = tmp_path.glob("*.jsonl")
    path.write_text(path.read_text(encoding="utf-8") + '{"day": "20\n[1]\nnull\n', encoding="utf-8")
    assert [asked.query for asked in statistics.asked(1)] == ["大桥"]


def test_old_months_go_and_old_days_are_not_shown(tmp_path):
    for month in range(1, 13):
        line = {"day": f"2020-{month:02}-01", "query": "旧", "hits": 1}
        (tmp_path / f"queries-2020-{month:02}.jsonl").write_text(json.dumps(line) + "\n")
    statistics = QueryStatistics(tmp_path)
    statistics.note("新", 1)
    assert len(list(tmp_path.glob("*.jsonl"))) == KEPT_MONTHS
    assert not (tmp_path / "queries-2020-01.jsonl").exists()
    assert [asked.query for asked in statistics.asked(30)] == ["新"]


@pytest.mark.parametrize("on", [True, False])
def test_searches_of_readers_and_programs_are_counted_where_it_is_on(tmp_path, on):
    archive = build_archive(tmp_path, query_statistics=on)
    client = create_app(archive).test_client()
    for path in ("/api/search?q=大桥", "/?q=大桥", "/?q=大桥&page=2", "/api/search?q=无此词无此词"):
        assert client.get(path).status_code == 200
    asked = {a.query: a.times for a in QueryStatistics(archive.index_dir).asked(1)}
    assert asked == ({"大桥": 2, "无此词无此词": 1} if on else {})


def test_a_search_is_answered_though_nobody_can_count_it(tmp_path):
    archive = build_archive(tmp_path, query_statistics=True)
    (archive.index_dir / f"queries-{datetime.now(UTC):%Y-%m}.jsonl").mkdir()
    assert create_app(archive).test_client().get("/api/search?q=大桥").status_code == 200


def test_a_command_lists_them(tmp_path):
    QueryStatistics(tmp_path).note("大桥", 0)
    shown = CliRunner().invoke(commands, ["queries", "--index", str(tmp_path), "--json"])
    assert json.loads(shown.output) == [{"query": "大桥", "times": 1, "hits": 0}]
    table = CliRunner().invoke(commands, ["queries", "--index", str(tmp_path), "--without-hits"])
    assert "大桥" in table.output
