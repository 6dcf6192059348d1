"""Reprints, and an article's place on its page, as a reader sees them over HTTP."""

import json
import re
from html import unescape

import pytest
from conftest import Quiet

from searchsvc.indexer import reindex
from searchsvc.sample import sample_path
from searchsvc.settings import Settings
from searchsvc.web import create_app

TEXT = (
    "澜江水文站昨日发布消息，受上游连续降雨影响，澜江干流水位持续上涨，沿江各乡镇已全部进入防汛状态。"
    * 6
)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reading")
    records = [
        {
            "id": f"wire-{n}",
            "title": f"澜江水位上涨 {n}",
            "body": TEXT,
            "newspaper": paper,
            "date": day,
        }
        for n, (paper, day) in enumerate(
            [("澜江日报", "2018-07-03"), ("青禾晚报", "2018-07-02"), ("临江日报", "2018-07-04")]
        )
    ]
    records.append(
        {
            "id": "told",
            "title": "渡口的口述历史",
            "byline": "口述：周长河 整理：本报编辑部",
            "body": "摆渡人讲起旧渡口。",
        }
    )
    source = folder / "wire.jsonl"
    lines = (json.dumps(record, ensure_ascii=False) for record in records)
    source.write_text("\n".join(lines), encoding="utf-8")
    settings = Settings(index_dir=folder / "index")
    reindex(settings, [source, sample_path()], Quiet())
    return create_app(settings).test_client()


def ask(client, path, **given):
    answer = client.get(path, query_string=given or None, headers={"Accept-Language": "zh"})
    assert answer.status_code == 200, answer.text
    return answer


def test_reprints_are_told_folded_and_listed(client):
    query = {"q": "“澜江水文站昨日发布消息”"}
    page = ask(client, "/", **query).text
    assert page.count("同一文本共 3 篇，首见 青禾晚报 2018-07-02") == 3
    (fold,) = re.findall(r'<a href="([^"]+)">合并转载</a>', page)
    folded = ask(client, unescape(fold)).text
    assert folded.count('class="hit"') == 1
    assert "已合并转载" in folded
    found = ask(client, "/api/search", fold="reprints", **query).get_json()
    assert [hit["id"] for hit in found["hits"]] == ["wire-1"]
    article = ask(client, "/articles/wire-1").text
    listed = re.findall(r'<ul class="reprints">.*?</ul>', article, re.S)[0]
    assert {"/articles/wire-0", "/articles/wire-2"} == set(re.findall(r'href="([^"]+)"', listed))
    reprints = ask(client, "/api/reprints/wire-0").get_json()["articles"]
    assert [one["id"] for one in reprints] == ["wire-1", "wire-0", "wire-2"]


def test_a_hit_names_its_people_or_else_its_byline(client):
    page = ask(client, "/", q="标题:古桥 修缮工程").text
    people = re.findall(r'<span class="people">(.*?)</span>', page)[0]
    assert re.findall(r">([^<]+)</a>", people) == ["杜若", "陶然"]
    page = ask(client, "/", q="周长河").text
    assert '<span class="byline">口述：<mark>周长河</mark> 整理：本报编辑部</span>' in page


def test_an_article_is_drawn_on_its_page_among_the_others(client):
    hit = ask(client, "/api/search", q="标题:古桥 修缮工程", fields="id").get_json()["hits"][0]
    page = ask(client, f"/articles/{hit['id']}").text
    drawing = re.findall(r'<figure class="page-map">.*?</figure>', page, re.S)[0]
    assert drawing.count('class="here"') >= 1
    others = [unescape(a) for a in re.findall(r'<a href="([^"]+)" tabindex="-1">', drawing)]
    assert len(others) >= 3
    assert drawing.count('class="other"') >= len(others)
    assert "文章在版面上的位置" in drawing
    for other in others:
        ask(client, other)
