"""Searches as JSON bodies, alone and several at once."""

import pytest
from web_archive import BRIDGE, build_archive

from searchsvc.requests import MAX_SEARCHES
from searchsvc.web import create_app


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return create_app(build_archive(tmp_path_factory.mktemp("posting"))).test_client()


def without_time(answer):
    return {name: value for name, value in answer.items() if name != "took_ms"}


def test_a_posted_search_answers_as_the_same_search_by_address(client):
    body = {
        "q": "供水",
        "filter": {"newspaper": ["临江日报", "青禾晚报"], "year": "2019"},
        "facets": ["section", "year"],
        "fields": ["id", "title"],
        "per_page": 3,
        "highlight": False,
        "cursor": None,
    }
    address = (
        "/api/search?q=供水&filter=newspaper:临江日报&filter=newspaper:青禾晚报&filter=year:2019"
        "&facets=section,year&fields=id,title&per_page=3&highlight=false"
    )
    posted = client.post("/api/search", json=body).get_json()
    assert posted["total"]
    assert without_time(posted) == without_time(client.get(address).get_json())


def test_several_searches_in_one_round_trip(client):
    searches = [{"q": "大桥"}, {"q": "供水", "facets": ["year"], "per_page": 1}, {}]
    results = client.post("/api/multi-search", json={"searches": searches}).get_json()["results"]
    assert [result["query"] for result in results] == ["大桥", "供水", ""]
    assert results[0]["hits"][0]["id"] == BRIDGE
    assert results[1]["facets"]["year"]


@pytest.mark.parametrize(
    ("path", "body", "parameter"),
    [
        ("/api/search", [], "body"),
        ("/api/search", {"q": {}}, "q"),
        ("/api/search", {"filter": {"paper": "x"}}, "filter"),
        ("/api/search", {"filter": {"newspaper": [["x"]]}}, "filter"),
        ("/api/search", {"size": 3}, "size"),
        ("/api/search", {"page": 1.5}, "page"),
        ("/api/multi-search", {"searches": {}}, "searches"),
        ("/api/multi-search", {"searches": []}, "searches"),
        ("/api/multi-search", {"searches": [{}] * (MAX_SEARCHES + 1)}, "searches"),
        ("/api/multi-search", {"searches": [{}, {"page": 0}]}, "searches[1].page"),
    ],
)
def test_what_is_wrong_in_a_body_is_named(client, path, body, parameter):
    answer = client.post(path, json=body)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["parameter"] == parameter


def test_a_body_that_is_no_json_is_refused(client):
    assert client.post("/api/search", data="q=x").status_code == 415
    answer = client.post("/api/search", data="{", content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "http.bad_request")
    large = b'{"q": "' + b"x" * (2 << 20) + b'"}'
    answer = client.post("/api/search", data=large, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")
