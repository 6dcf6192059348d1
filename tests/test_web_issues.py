"""The archive by newspaper, calendar and issue, and from an article to the others of its page."""

import re
from collections import Counter
from datetime import date
from html import unescape
from urllib.parse import unquote

import pytest
from conftest import Quiet
from web_archive import RECORDS, build_archive

from searchsvc.indexer import reindex
from searchsvc.sample import sample_path
from searchsvc.settings import Settings
from searchsvc.web import create_app

DATED = [
    r for r in RECORDS if r.get("newspaper") == "青禾晚报" and r.get("kind", "article") == "article"
]


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return create_app(build_archive(tmp_path_factory.mktemp("issues"))).test_client()


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    settings = Settings(index_dir=tmp_path_factory.mktemp("browse") / "index")
    reindex(settings, [sample_path()], Quiet())
    return create_app(settings).test_client()


def ask(client, path, **parameters):
    answer = client.get(path, query_string=parameters)
    assert answer.status_code == 200, answer.text
    return answer


def test_the_newspapers_are_named_with_their_counts(client):
    found = ask(client, "/api/issues").get_json()["newspapers"]
    assert [n["newspaper"] for n in found][:2] == ["临江日报", "青禾晚报"]
    page = ask(client, "/issues").text
    for entry in found:
        assert entry["newspaper"].replace("<", "&lt;").replace(">", "&gt;") in page


def test_the_days_of_a_newspaper(client):
    found = ask(client, "/api/issues", newspaper="青禾晚报").get_json()["days"]
    assert {d["date"]: d["articles"] for d in found} == Counter(r["date"] for r in DATED)
    assert [d["date"] for d in found] == sorted(d["date"] for d in found)


def test_a_calendar_links_to_the_days_that_have_an_issue(client):
    page = ask(client, "/issues", newspaper="青禾晚报", year="2019").text
    days = re.findall(r'<td><a href="([^"]+)" title="[^"]+">(\d+)</a></td>', page)
    assert len(days) == len({r["date"] for r in DATED if r["date"].startswith("2019")})
    answer = client.get(unescape(days[0][0]))
    assert answer.status_code == 200
    assert "供水管网改造" in answer.text


@pytest.mark.parametrize(
    ("lang", "name"),
    [("zh", "{}月".format), ("en", lambda number: date(2019, number, 1).strftime("%B"))],
)
def test_a_calendar_names_its_months(client, lang, name):
    page = ask(client, "/issues", newspaper="青禾晚报", year="2019", lang=lang).text
    printed = {int(r["date"][5:7]) for r in DATED if r["date"].startswith("2019")}
    assert re.findall("<caption>(.*?)</caption>", page) == [name(n) for n in sorted(printed)]


def test_a_calendar_without_a_year_is_of_the_last(client):
    assert "2020</h1>" in ask(client, "/issues", newspaper="青禾晚报").text


def test_an_issue_holds_its_pages_in_order(sample):
    newspaper = ask(sample, "/api/issues").get_json()["newspapers"][0]["newspaper"]
    days = ask(sample, "/api/issues", newspaper=newspaper).get_json()["days"]
    for day in days:
        issue = ask(sample, "/api/issues", newspaper=newspaper, date=day["date"]).get_json()
        pages = [page["page"] for page in issue["pages"]]
        assert len(set(pages)) == len(pages)
        numbers = [int(re.sub(r"\D", "", page)) for page in pages]
        assert numbers == sorted(numbers)
        held = [article for page in issue["pages"] for article in page["articles"]]
        assert len(held) == day["articles"]
        for page in issue["pages"]:
            lines = [
                sample.get(f"/api/articles/{a['id']}").get_json()["article"]["source"]["lines"]
                for a in page["articles"]
            ]
            assert lines == sorted(lines)


def test_issues_lead_to_the_one_before_and_after(sample):
    days = [d["date"] for d in ask(sample, "/api/issues", newspaper="澜江日报").get_json()["days"]]
    page = ask(sample, "/issues", newspaper="澜江日报", date=days[1]).text
    (before,) = re.findall(r'href="([^"]+)" rel="prev"', page)
    (after,) = re.findall(r'href="([^"]+)" rel="next"', page)
    assert days[0] in before
    assert days[2] in after
    assert 'rel="prev"' not in ask(sample, "/issues", newspaper="澜江日报", date=days[0]).text


def test_an_article_stands_among_those_of_its_page(sample):
    hit = ask(sample, "/api/search", q="标题:古桥 修缮工程", fields="id").get_json()["hits"][0]
    page = ask(sample, f"/articles/{hit['id']}").text
    around = page[page.index('class="around"') : page.index('class="similar"')]
    assert len(re.findall(r'aria-current="true"', around)) == 1
    (following,) = re.findall(r'rel="next" href="([^"]+)"', around)
    after = sample.get(unescape(following)).text
    (before,) = re.findall(r'rel="prev" href="([^"]+)"', after)
    assert unquote(unescape(before)).startswith(f"/articles/{hit['id']}")


def test_an_article_that_stands_alone_has_nothing_around(client):
    assert 'class="around"' not in ask(client, "/articles/plain").text


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"newspaper": "没有"}, 404),
        ({"newspaper": "青禾晚报", "date": "1950-01-01"}, 404),
        ({"newspaper": "青禾晚报", "date": "2019"}, 400),
        ({"newspaper": "青禾晚报", "year": "x"}, 400),
        ({"paper": "青禾晚报"}, 400),
    ],
)
def test_wrong_issues(client, parameters, status):
    for path in ("/issues", "/api/issues"):
        assert client.get(path, query_string=parameters).status_code == status
