"""What the pages give to other programs: references, linked data, feeds, the search plug-in."""

import json
import re
from datetime import date
from html import unescape
from xml.etree import ElementTree

import pytest
import rispy
from web_archive import BRIDGE, HOSTILE, PLAIN, RECORDS, build_archive

from searchsvc.references import STYLES
from searchsvc.web import create_app

ATOM = "{http://www.w3.org/2005/Atom}"
OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return create_app(build_archive(tmp_path_factory.mktemp("citing"))).test_client()


def test_the_references_of_an_article(client):
    answer = client.get(f"/api/references/{BRIDGE}").get_json()
    assert set(answer["references"]) == set(STYLES)
    assert answer["references"]["gbt7714-2015"] == (
        "王小满, 李青禾. 临江大桥今日通车[N]. 临江日报, 2018-07-30(A01)."
    )


def test_a_reference_is_a_file(client):
    answer = client.get(f"/references/ris/{BRIDGE}")
    assert answer.mimetype == "application/x-research-info-systems"
    assert "reference.ris" in answer.headers["Content-Disposition"]
    (entry,) = rispy.loads(answer.text)
    assert entry["title"] == "临江大桥今日通车"


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("article_id", [BRIDGE, HOSTILE, PLAIN])
def test_every_style_is_on_the_page_and_behind_its_address(client, style, article_id):
    assert client.get(f"/references/{style}/{article_id}").text.strip()
    made = client.get(f"/api/references/{article_id}").get_json()["references"][style]
    page = client.get(f"/articles/{article_id}", headers={"Accept-Language": "en"}).text
    shown = re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.S)[list(STYLES).index(style)]
    assert unescape(shown) == made


def test_an_unknown_style_or_article_is_not_found(client):
    answer = client.get(f"/references/apa/{BRIDGE}")
    assert answer.status_code == 404
    assert "gbt7714-2025" in answer.text
    assert client.get("/references/ris/nothing").status_code == 404
    assert client.get("/api/references/nothing").status_code == 404


def linked_data(client, article_id):
    page = client.get(f"/articles/{article_id}").text
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    return json.loads(data)


def test_the_page_of_an_article_holds_it_as_linked_data(client):
    data = linked_data(client, BRIDGE)
    assert data["@type"] == "NewsArticle"
    assert data["headline"] == "临江大桥今日通车"
    assert data["datePublished"] == "2018-07-30"
    assert data["isPartOf"]["name"] == "临江日报"
    assert [author["name"] for author in data["author"]] == ["王小满", "李青禾"]
    assert data["articleBody"].startswith("本报讯 昨日上午十时")


def test_linked_data_does_not_end_its_script(client):
    assert linked_data(client, HOSTILE)["headline"].startswith("<script>")


def feed(client, **parameters):
    answer = client.get("/feed", query_string=parameters)
    assert answer.mimetype == "application/atom+xml"
    return ElementTree.fromstring(answer.text)


def test_a_feed_gives_the_newest_articles_of_a_query(client):
    tree = feed(client, q="供水", filter="newspaper:临江日报")
    entries = tree.findall(f"{ATOM}entry")
    days = [entry.findtext(f"{ATOM}updated") for entry in entries]
    assert days == sorted(days, reverse=True)
    wanted = [r for r in RECORDS if r["id"].startswith("paper-") and r["newspaper"] == "临江日报"]
    assert len(entries) == len(wanted)
    place = entries[0].find(f"{ATOM}link").get("href")
    assert client.get(place).status_code == 200
    assert date.fromisoformat(days[0][:10])


def test_a_feed_of_hostile_text_is_well_formed(client):
    (entry,) = feed(client, q="id:hostile").findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title").startswith("<script>")


def test_a_wrong_query_has_no_feed(client):
    assert client.get("/feed", query_string={"q": '"没有完'}).status_code == 400


def test_results_link_to_their_feed(client):
    page = client.get("/", query_string={"q": "大桥", "sort": "oldest", "page": "1"}).text
    (link,) = re.findall(r'<link rel="alternate" type="application/atom\+xml" href="([^"]+)"', page)
    assert len(feed_entries := ElementTree.fromstring(client.get(link).text)) > 1, feed_entries


def test_the_search_plug_in_searches(client):
    (address,) = re.findall(
        r'<link rel="search" type="application/opensearchdescription\+xml" href="([^"]+)"',
        client.get("/").text,
    )
    tree = ElementTree.fromstring(client.get(address).text)
    assert len(tree.findtext(f"{OPENSEARCH}ShortName")) <= 16
    templates = {url.get("type"): url.get("template") for url in tree.iter(f"{OPENSEARCH}Url")}
    page = client.get(templates["text/html"].replace("{searchTerms}", "通车")).text
    assert "临江大桥今日" in page
    typed = templates["application/x-suggestions+json"].replace("{searchTerms}", "临江大")
    answer = client.get(typed)
    assert answer.mimetype == "application/x-suggestions+json"
    query, offered = answer.get_json(force=True)
    assert query == "临江大"
    assert any("临江大桥" in text for text in offered)
