"""The pages and answers about people, and all values of a facet."""

import json
import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from conftest import Quiet
from web_archive import build_archive

from searchsvc.indexer import reindex
from searchsvc.sample import sample_path
from searchsvc.settings import Settings
from searchsvc.web import create_app
from searchsvc.web.links import title_links


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return create_app(build_archive(tmp_path_factory.mktemp("people"))).test_client()


def ask(client, path, status=200, **given):
    answer = client.get(path, query_string=given or None, headers={"Accept-Language": "zh"})
    assert answer.status_code == status, answer.text
    return answer


def links(text, begin):
    found = [unescape(a) for a in re.findall(r'<a href="([^"]+)"', text)]
    return [a for a in found if a.startswith(begin)]


def parameters(url):
    return parse_qsl(urlsplit(url).query)


def test_everyone_is_listed_with_articles_and_roles(client):
    answer = ask(client, "/api/people").get_json()
    counted = {one["name"]: one for one in answer["people"]}
    assert answer["total"] == len(counted)
    assert counted["陈一"] == {"name": "陈一", "articles": 9, "roles": {"reporter": 9}}
    assert counted["王小满"] == {"name": "王小满", "articles": 2, "roles": {"reporter": 2}}
    numbers = [one["articles"] for one in answer["people"]]
    assert numbers == sorted(numbers, reverse=True)
    page = ask(client, "/people").text
    assert len(links(page, "/people?name=")) == answer["total"]
    assert "记者 9" in page


def test_people_are_narrowed_by_name_and_role(client):
    (found,) = ask(client, "/api/people", like="小滿").get_json()["people"]
    assert found["name"] == "王小满", "names are folded as all text is"
    answer = ask(client, "/api/people", role="correspondent").get_json()
    assert [one["name"] for one in answer["people"]] == ["李青禾"]
    assert "没有这样的人物" in ask(client, "/people", like="查无此人").text


def test_people_come_page_by_page(client):
    everyone = ask(client, "/api/people").get_json()["people"]
    pages = [ask(client, "/api/people", per_page=2, page=n).get_json() for n in (1, 2)]
    assert [one for page in pages for one in page["people"]] == everyone[:4]
    assert links(ask(client, "/people", per_page="2").text, "/people?per_page=2&page=2")


def test_a_person_has_articles_over_time_and_others_beside(client):
    person = ask(client, "/api/people", name="王小满").get_json()["person"]
    assert person["articles"] == 2
    assert [hit["date"] for hit in person["hits"]] == ["2018-07-30", "2018-07-30"]
    assert sum(bucket["count"] for bucket in person["histogram"]) == 2
    assert person["beside"]["person"] == [{"value": "李青禾", "count": 2}]
    assert person["beside"]["newspaper"] == [{"value": "临江日报", "count": 2}]
    page = ask(client, "/people", name="王小满").text
    assert page.count("<h1") == 1
    assert "临江大桥今日通车" in page
    (other,) = links(page, "/people?name=%E6%9D%8E")
    assert "李青禾" in ask(client, other).text


def test_a_persons_timeline_and_newspapers_lead_to_searches(client):
    page = ask(client, "/people", name="陈一").text
    searches = links(page, "/?")
    bars = [a for a in searches if "date_from" in a]
    assert bars
    assert all(("filter", "person:陈一") in parameters(bar) for bar in bars)
    total = 0
    for bar in bars:
        found = ask(client, "/api/search" + bar[1:]).get_json()
        assert found["total"] > 0
        total += found["total"]
    assert total == 9


def test_a_persons_articles_are_sorted_both_ways(client):
    newest, oldest = (
        [
            h["date"]
            for h in ask(client, "/api/people", name="陈一", sort=s).get_json()["person"]["hits"]
        ]
        for s in ("newest", "oldest")
    )
    assert newest == sorted(newest, reverse=True)
    assert oldest == sorted(oldest)


def test_a_name_that_is_markup_stays_text(client):
    name = '"><img src=x onerror=alert(1)>'
    for page in (ask(client, "/people").text, ask(client, "/people", name=name).text):
        assert "<img" not in page


@pytest.mark.parametrize(
    ("given", "status"),
    [({"name": "查无此人"}, 404), ({"role": "king"}, 400), ({"page": "0"}, 400),
     ({"like": "长" * 201}, 400), ({"who": "x"}, 400), ({"name": "陈一", "sort": "relevance"}, 400)],
)  # fmt: skip
def test_wrong_questions_about_people(client, given, status):
    ask(client, "/people", status, **given)
    assert ask(client, "/api/people", status, **given).get_json()["code"]


def test_all_values_of_a_facet_page_by_page(client):
    answer = ask(client, "/api/facets/person", q="供水").get_json()
    assert [tuple(v.values()) for v in answer["values"]] == [("陈一", 9), ("赵二", 8), ("钱三", 8)]
    assert answer["total"] == 3
    second = ask(client, "/api/facets/person", q="供水", per_page=1, page=2).get_json()
    assert second["values"] == answer["values"][1:2]
    assert second["total"] == 3


def test_values_are_what_the_search_leaves(client):
    narrowed = {"q": "供水", "filter": "newspaper:青禾晚报"}
    months = ask(client, "/api/facets/month", **narrowed).get_json()["values"]
    assert sum(value["count"] for value in months) == 12
    assert [v["value"] for v in months] == sorted((v["value"] for v in months), reverse=True)
    by_value = ask(client, "/api/facets/month", order="value", **narrowed).get_json()["values"]
    assert by_value == months[::-1]


def test_a_value_narrows_the_search_it_was_counted_for(client):
    page = ask(client, "/facets/person", q="供水", filter="year:2019", like="赵").text
    (address,) = [a for a in links(page, "/?") if "person" in a]
    assert parameters(address) == [
        ("q", "供水"),
        ("filter", "year:2019"),
        ("filter", "person:赵二"),
    ]
    assert ask(client, "/api/search" + address[1:]).get_json()["total"] > 0
    assert "没有这样的名称" in ask(client, "/facets/person", like="无").text


def test_an_unknown_facet_is_not_found(client):
    ask(client, "/facets/colour", 404)
    assert ask(client, "/api/facets/colour", 404).get_json()["code"] == "facet.unknown"


def test_months_and_places_are_facets_and_filters(client):
    found = ask(client, "/api/search", q="大桥", facets="month,place").get_json()
    assert {"value": "2018-07", "count": 1} in found["facets"]["month"]
    assert found["facets"]["place"] == [{"value": "临江", "count": 1}]
    both = client.get("/api/search?q=大桥&filter=month:2018-07&filter=month:2018-08").get_json()
    assert both["total"] == 2
    assert ask(client, "/api/search", q="月份:2018-07 大桥").get_json()["total"] == 1


def test_a_long_facet_leads_to_all_its_values(tmp_path):
    lines = (
        json.dumps({"id": f"n{n}", "title": f"名单{n}", "people": [f"甲{n}"]}, ensure_ascii=False)
        for n in range(60)
    )
    source = tmp_path / "many.jsonl"
    source.write_text("\n".join(lines), encoding="utf-8")
    settings = Settings(index_dir=tmp_path / "index")
    reindex(settings, [source], Quiet())
    client = create_app(settings).test_client()
    page = ask(client, "/", q="名单").text
    assert len([a for a in links(page, "/?") if "person" in a]) == 8
    (address,) = links(page, "/facets/person")
    assert len([a for a in links(ask(client, address).text, "/?") if "person" in a]) == 60


def test_cited_titles_are_links_to_their_phrase(client):
    with client.application.test_request_context("/"):
        text = '印发《关于“三农”的意见》，并见《甲》、《桥"娘》和《<b>》。'
        found = [(text[a:b], dict(parameters(url))["q"]) for a, b, url in title_links("body", text)]
    assert found == [
        ("《关于“三农”的意见》", '"关于“三农”的意见"'),
        ('《桥"娘》', '“桥"娘”'),
        ("《<b>》", '"<b>"'),
    ]


def test_a_cited_title_leads_to_the_articles_that_hold_it(tmp_path):
    settings = Settings(index_dir=tmp_path / "index")
    reindex(settings, [sample_path()], Quiet())
    client = create_app(settings).test_client()
    hits = ask(client, "/api/search", q="《桥娘》", fields="id").get_json()["hits"]
    page = ask(client, f"/articles/{hits[0]['id']}", q="桥娘").text
    linked = re.findall(r'<a href="([^"]+)">《<mark>桥娘</mark>》</a>', page)
    assert linked
    assert parameters(unescape(linked[0])) == [("q", '"桥娘"')]
    assert ask(client, "/api/search" + unescape(linked[0])[1:]).get_json()["total"] == len(hits)
