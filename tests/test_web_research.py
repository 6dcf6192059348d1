"""Keywords in context and the export of whole results, over HTTP."""

import csv
import io
import json
import re
from html import unescape

import pytest
from web_archive import BRIDGE, RECORDS, build_archive

from searchsvc.articles import Article
from searchsvc.requests import MAX_LINES
from searchsvc.web import create_app

WATER = "供水管网"
PAPERS = [r for r in RECORDS if r["id"].startswith("paper-")]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return create_app(build_archive(tmp_path_factory.mktemp("research"))).test_client()


def ask(client, path, *pairs):
    answer = client.get(path, query_string=list(pairs))
    assert answer.status_code == 200, answer.text
    return answer


def lines(client, *pairs):
    return ask(client, "/api/concordance", *pairs).get_json()["lines"]


def test_every_place_of_a_phrase_has_its_line(client):
    found = lines(client, ("q", f'"{WATER}"'), ("limit", str(MAX_LINES)), ("context", "6"))
    wanted = sum((r["title"] + r["body"]).count(WATER) for r in PAPERS)
    assert len(found) == wanted
    texts = {r["id"]: (r["title"], r["body"]) for r in PAPERS}
    for line in found:
        assert line["keyword"] == WATER
        text = texts[line["id"]][line["field"] == "body"]
        assert line["left"] + WATER + line["right"] in text
        assert len(line["left"]) <= 6 >= len(line["right"])


def test_lines_are_sorted_by_the_text_beside_the_keyword(client):
    pairs = [("q", "大桥")]
    found = lines(client, *pairs)
    by_right = lines(client, *pairs, ("order", "right"))
    by_left = lines(client, *pairs, ("order", "left"))
    assert sorted(map(str, found)) == sorted(map(str, by_right)) == sorted(map(str, by_left))
    rights = [line["right"] for line in by_right]
    assert rights == sorted(rights)
    lefts = [line["left"][::-1] for line in by_left]
    assert lefts == sorted(lefts)


def test_lines_end_at_the_limit_and_tell_from_how_many_articles(client):
    answer = ask(client, "/api/concordance", ("q", WATER), ("limit", "3")).get_json()
    assert len(answer["lines"]) == 3
    assert answer["articles"] < answer["total"] == len(PAPERS)


@pytest.mark.parametrize(
    "pair", [("order", "up"), ("context", "0"), ("limit", "99999"), ("page", "2")]
)
def test_a_wrong_parameter_of_a_concordance_is_named(client, pair):
    answer = client.get("/api/concordance", query_string=[("q", "大桥"), pair])
    assert answer.status_code == 400
    assert answer.get_json()["parameter"] == pair[0]


def test_the_page_shows_lines_and_leads_to_articles(client):
    assert "<table" not in ask(client, "/concordance").text
    page = ask(client, "/concordance", ("q", "通车"), ("lang", "en")).text
    assert "<mark>通车</mark>" in page
    address = next(
        unescape(a) for a in re.findall(r'<a href="(/articles/[^"]+)"', page) if BRIDGE in a
    )
    assert "临江大桥今日" in client.get(address).text
    (left,) = re.findall(r'<a href="(/concordance\?[^"]*order=left[^"]*)"', page)
    assert 'aria-current="true">by the left' in client.get(unescape(left)).text


def test_nothing_in_context(client):
    assert "文中没有" in ask(client, "/concordance", ("q", '"龘龘"'), ("lang", "zh")).text


def test_the_lines_as_csv(client):
    answer = ask(client, "/concordance.csv", ("q", "通车"))
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert {row["keyword"] for row in rows} == {"通车"}
    assert BRIDGE in {row["id"] for row in rows}


def test_an_export_is_every_record_in_order(client):
    answer = ask(client, "/api/export", ("q", WATER), ("sort", "oldest"))
    records = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["X-Total-Count"] == str(len(records)) == str(len(PAPERS))
    days = [record["date"] for record in records]
    assert days == sorted(days)
    assert {Article.from_record(record).id for record in records} == {r["id"] for r in PAPERS}


def test_an_export_gives_what_the_search_gives(client):
    pairs = [("q", "大桥 通车"), ("sort", "relevance")]
    hits = ask(client, "/api/search", *pairs, ("per_page", "100")).get_json()["hits"]
    text = ask(client, "/api/export", *pairs).text
    assert [json.loads(line)["id"] for line in text.splitlines()] == [hit["id"] for hit in hits]


def test_an_export_of_some_fields(client):
    answer = ask(client, "/api/export", ("q", WATER), ("fields", "id,title"))
    assert {tuple(json.loads(line)) for line in answer.text.splitlines()} == {("id", "title")}


def test_an_export_as_csv(client):
    answer = ask(client, "/api/export", ("q", "大桥"), ("format", "csv"))
    assert answer.mimetype == "text/csv"
    assert "articles.csv" in answer.headers["Content-Disposition"]
    rows = {
        row["id"]: row for row in csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    }
    assert rows[BRIDGE]["people"] == "王小满、李青禾"
    assert rows[BRIDGE]["body"].splitlines()[1] == "五年建成"


def test_an_export_of_nothing_is_empty(client):
    answer = ask(client, "/api/export", ("q", '"龘龘"'))
    assert (answer.text, answer.headers["X-Total-Count"]) == ("", "0")


def test_a_wrong_export_is_named(client):
    assert client.get("/api/export", query_string={"format": "xls"}).get_json()["parameter"] == (
        "format"
    )
    assert client.get("/api/export", query_string={"q": '"'}).status_code == 400


def test_results_lead_to_their_export_and_concordance(client):
    page = ask(client, "/", ("q", WATER), ("filter", "newspaper:临江日报"), ("lang", "en")).text
    wanted = sum(r["newspaper"] == "临江日报" for r in PAPERS)
    (export,) = re.findall(r'<a href="(/api/export\?[^"]+format=jsonl[^"]*)"', page)
    assert len(client.get(unescape(export)).text.splitlines()) == wanted
    (address,) = re.findall(r'<a href="(/concordance\?[^"]*filter=[^"]+)"', page)
    assert f"of {wanted} articles" in client.get(unescape(address)).text
