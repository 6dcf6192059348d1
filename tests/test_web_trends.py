"""Counts over time: the histogram of a search, its timeline on the page, trends with table and CSV."""

import csv
import io
import re
from collections import Counter
from html import unescape

import pytest
from web_archive import RECORDS, build_archive

from searchsvc.web import create_app

PAPERS = [r for r in RECORDS if r["id"].startswith("paper-")]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return create_app(build_archive(tmp_path_factory.mktemp("trends"))).test_client()


def ask(client, path, *pairs):
    answer = client.get(path, query_string=list(pairs))
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize(("interval", "length"), [("year", 4), ("month", 7), ("day", 10)])
def test_a_histogram_counts_the_hits_by_issue_date(client, interval, length):
    found = ask(client, "/api/search", ("q", "供水"), ("histogram", interval)).get_json()
    wanted = Counter(r["date"][:length] for r in PAPERS)
    assert {b["label"]: b["count"] for b in found["histogram"] if b["count"]} == wanted
    assert found["facets"] == {}
    assert found["histogram"][0]["label"] == min(wanted)
    assert found["histogram"][-1]["label"] == max(wanted)


def test_a_histogram_is_of_what_filters_leave(client):
    pairs = [("q", "供水"), ("histogram", "year"), ("filter", "newspaper:青禾晚报")]
    found = ask(client, "/api/search", *pairs, ("facets", "year")).get_json()
    by_facet = {value["value"]: value["count"] for value in found["facets"]["year"]}
    assert {b["label"]: b["count"] for b in found["histogram"]} == by_facet


def test_no_histogram_where_none_is_asked_for(client):
    assert ask(client, "/api/search", ("q", "供水")).get_json()["histogram"] == []


def test_a_wrong_interval_is_named(client):
    answer = client.get("/api/search", query_string={"histogram": "week"})
    assert answer.status_code == 400
    assert answer.get_json()["parameter"] == "histogram"


def test_a_bar_of_the_timeline_leads_to_its_hits(client):
    page = ask(client, "/", ("q", "供水"), ("lang", "en")).text
    bars = re.findall(r'<a href="([^"]+)" aria-label="in (\S+): (\d+) articles">', page)
    assert sum(int(count) for _, _, count in bars) == len(PAPERS)
    for address, label, count in bars[:3]:
        narrowed = client.get(unescape(address)).text
        assert f"{count} articles" in narrowed
        assert label in narrowed


def test_trends_compare_queries_among_all_articles(client):
    found = ask(
        client, "/api/trends", ("q", "供水"), ("q", "大桥"), ("interval", "year")
    ).get_json()
    assert found["queries"] == ["供水", "大桥"]
    by_label = {period["label"]: period for period in found["periods"]}
    water = Counter(r["date"][:4] for r in PAPERS)
    assert {label: p["counts"][0] for label, p in by_label.items()} == water
    for period in found["periods"]:
        for count, relative in zip(period["counts"], period["relative"], strict=True):
            assert relative == pytest.approx(10_000 * count / period["articles"], abs=1e-3)


def test_trends_mean_all_words_and_take_filters(client):
    pairs = [("q", "供水 不存在的词语"), ("q", "供水"), ("filter", "newspaper:青禾晚报")]
    found = ask(client, "/api/trends", *pairs).get_json()
    assert sum(p["counts"][0] for p in found["periods"]) == 0
    wanted = sum(r["newspaper"] == "青禾晚报" for r in PAPERS)
    assert sum(p["counts"][1] for p in found["periods"]) == wanted


def test_trends_of_an_unknown_newspaper_are_empty(client):
    found = ask(client, "/api/trends", ("q", "供水"), ("filter", "newspaper:没有")).get_json()
    assert found["periods"] == []
    assert "没有找到" in ask(client, "/trends", ("q", "供水"), ("filter", "newspaper:没有")).text


@pytest.mark.parametrize(
    "pairs",
    [
        [("interval", "week")],
        [("page", "2")],
        [("q", "词")] * 1 + [("q", str(n)) for n in range(8)],
    ],
)
def test_wrong_parameters_of_trends_are_named(client, pairs):
    answer = client.get("/api/trends", query_string=pairs)
    assert answer.status_code == 400
    assert answer.get_json()["parameter"] == pairs[-1][0]


def test_the_page_of_trends_has_form_chart_and_table(client):
    assert "<svg" not in ask(client, "/trends").text
    page = ask(client, "/trends", ("q", "供水"), ("q", "大桥"), ("interval", "month")).text
    assert page.count("<polyline") == 2
    assert page.count('name="q"') == 3
    counts = [int(n) for n in re.findall(r"<td><a [^>]+>(\d+)</a></td>", page)]
    assert sum(counts) >= len(PAPERS)
    (relative,) = re.findall(r'<a href="(/trends\?[^"]*scale=relative)"', page)
    assert 'aria-current="true"' in client.get(unescape(relative)).text


def test_a_count_of_the_table_leads_to_its_articles(client):
    page = ask(client, "/trends", ("q", "供水"), ("interval", "year"), ("lang", "en")).text
    (address, count), *_ = re.findall(r'<td><a href="([^"]+)">(\d+)</a></td>', page)
    assert f"{count} articles" in client.get(unescape(address)).text


def test_the_table_of_trends_as_csv(client):
    answer = ask(client, "/trends.csv", ("q", "供水"), ("q", "=1+1"), ("interval", "year"))
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert rows[0] == ["period", "articles", "供水", "'=1+1", "供水 / 10000", "'=1+1 / 10000"]
    assert sum(int(row[2]) for row in rows[1:]) == len(PAPERS)
