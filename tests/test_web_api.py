"""The JSON endpoint over a real index: shapes, and every error a problem with its status."""

import pytest
from conftest import Quiet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from web_archive import BRIDGE, HOSTILE, RECORDS, build_archive

from searchsvc import __version__
from searchsvc.indexer import reindex
from searchsvc.schema import FORMAT_VERSION
from searchsvc.settings import Settings
from searchsvc.web import create_app

SEARCH_MEMBERS = {
    "query", "hits", "total", "total_relation", "page", "per_page", "total_pages", "next_cursor",
    "facets", "histogram", "suggestion", "notices", "took_ms", "index_version",
}  # fmt: skip


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return create_app(build_archive(tmp_path_factory.mktemp("api"))).test_client()


@pytest.fixture
def search(client):
    def get(*pairs, **given):
        return client.get("/api/search", query_string=[*pairs, *given.items()])

    return get


def problem(response, status, code):
    """The problem, checked to be one in full."""
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    body = response.get_json()
    assert {"type", "title", "status", "detail", "code"} <= body.keys()
    assert (body["status"], body["code"]) == (status, code)
    assert body["title"]
    assert body["detail"]
    return body


def test_an_answer_has_one_shape_whatever_is_found(search):
    for query in ("大桥", "龘龘龘", "", "类型:广告"):
        response = search(q=query)
        assert response.status_code == 200
        assert response.mimetype == "application/json"
        assert response.get_json().keys() == SEARCH_MEMBERS


def test_a_hit_carries_document_highlights_and_matches(search):
    hit = search(q="大桥").get_json()["hits"][0]
    assert hit.keys() == {"id", "score", "document", "highlights", "matches", "reprints"}
    assert hit["id"] == hit["document"]["id"] == BRIDGE
    assert hit["score"] > 0
    assert hit["highlights"]["title"] == ["临江<mark>大桥</mark>今日通车"]
    source = hit["document"]["source"]
    assert (source["path"], source["lines"]) == ("2018/linjiang.txt", [[3, 9], [14, 15]])
    for match in hit["matches"]:
        text = hit["document"][match["field"]]
        text = text[match["paragraph"]]["text"] if match["field"] == "body" else text
        assert text[match["start"] : match["end"]] == "大桥"


def test_chinese_stands_in_the_json_as_itself(search):
    assert "临江大桥".encode() in search(q="大桥").data
    assert "检索词".encode() in search(q="NOT", lang="zh").data


def test_highlights_escape_what_documents_hold(search):
    hits = {hit["id"]: hit for hit in search(q="大桥").get_json()["hits"]}
    shown = hits[HOSTILE]["highlights"]
    assert shown["title"] == [
        "&lt;script&gt;alert(&#x27;标题&#x27;)&lt;/script&gt; &amp; <mark>大桥</mark>"
    ]
    assert "<script" not in str(shown)
    assert "&lt;mark&gt;假标记" in shown["body"][0]


def test_facets_count_all_hits_not_only_the_page(search):
    body = search(q="供水", per_page=2, facets="newspaper,section,year,person,kind").get_json()
    assert len(body["hits"]) == 2
    assert list(body["facets"]) == ["newspaper", "section", "year", "person", "kind"]
    assert body["facets"]["newspaper"] == [
        {"value": "临江日报", "count": 13},
        {"value": "青禾晚报", "count": 12},
    ]
    assert [value["value"] for value in body["facets"]["year"]] == ["2020", "2019", "2018"]
    assert body["facets"]["kind"] == [{"value": "article", "count": body["total"]}]


def test_filters_of_one_name_are_alternatives_and_names_are_combined(search):
    def total(*filters):
        return search(("q", "供水"), *(("filter", f) for f in filters)).get_json()["total"]

    assert total() == 25
    assert total("newspaper:临江日报") == 13
    assert total("newspaper:临江日报", "newspaper:青禾晚报") == 25
    assert total("newspaper:临江日报", "section:民生") == 0
    assert total("newspaper:临江日报", "person:陈一") == 5


def test_dates_are_inclusive_and_may_be_months_or_years(search):
    def days(**given):
        hits = search(q="供水", per_page=50, **given).get_json()["hits"]
        return [hit["document"]["date"] for hit in hits]

    assert set(days(date_from="2018-04-15", date_to="2018-04-15")) == {"2018-04-15"}
    assert {day[:4] for day in days(date_from="2019", date_to="2019")} == {"2019"}
    assert len(days(date_from="2019")) + len(days(date_to="2018")) == 25


def test_sorting_by_date_puts_days_in_order(search):
    for sort, backwards in (("newest", True), ("oldest", False)):
        hits = search(q="供水", sort=sort, per_page=50).get_json()["hits"]
        days = [hit["document"]["date"] for hit in hits]
        assert days == sorted(days, reverse=backwards)


def test_pages_and_cursor_walk_through_the_same_hits(search):
    whole = [hit["id"] for hit in search(q="供水", per_page=50).get_json()["hits"]]
    paged, followed, cursor = [], [], ""
    for page in (1, 2, 3):
        body = search(q="供水", page=page).get_json()
        assert (body["page"], body["total"], body["total_pages"]) == (page, 25, 3)
        paged += [hit["id"] for hit in body["hits"]]
    while cursor is not None:
        body = search(q="供水", cursor=cursor).get_json()
        followed += [hit["id"] for hit in body["hits"]]
        cursor = body["next_cursor"]
    assert paged == followed == whole


def test_fields_highlight_and_explain_change_what_a_hit_carries(search):
    hit = search(q="大桥", fields="title,date", highlight="false").get_json()["hits"][0]
    assert hit["document"].keys() == {"title", "date"}
    assert hit["highlights"] == {}
    hit = search(q="大桥", explain="true").get_json()["hits"][0]
    terms = hit["explanation"]["terms"]
    assert sum(term["score"] for term in terms) == pytest.approx(hit["score"], rel=1e-5)


def test_a_notice_speaks_the_language_of_the_request(client):
    def notices(**headers):
        url = "/api/search?q=大桥 渔网 改造"
        return client.get(url, headers=headers).get_json()["notices"]

    english = notices(**{"Accept-Language": "en-GB,en;q=0.9"})[0]
    chinese = notices(**{"Accept-Language": "zh-TW"})[0]
    assert english["code"] == chinese["code"] == "any_word"
    assert english["text"].isascii()
    assert not chinese["text"].isascii()


def test_an_article_is_answered_whole(client):
    body = client.get(f"/api/articles/{BRIDGE}").get_json()
    assert body.keys() == {"article", "index_version"}
    assert body["article"]["title"] == "临江大桥今日通车"
    assert body["article"]["body"][1] == {"text": "五年建成", "role": "subhead", "lines": []}


def test_health_counts_the_articles(client):
    response = client.get("/ready")
    assert response.status_code == 200
    assert response.get_json()["status"] == "ok"
    assert response.get_json()["articles"] == len(RECORDS) + 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", "0"),
        ("page", "-1"),
        ("page", "二"),
        ("page", "１"),
        ("page", "1.5"),
        ("page", "9" * 400),
        ("per_page", "0"),
        ("per_page", "101"),
        ("sort", "best"),
        ("date_from", "2018-02-30"),
        ("date_from", "去年"),
        ("date_to", "2018-13"),
        ("filter", "newspaper"),
        ("filter", "newspaper:"),
        ("filter", "colour:red"),
        ("facets", "title"),
        ("facets", "year,"),
        ("fields", "title,price"),
        ("highlight", "maybe"),
        ("explain", "2"),
    ],
)
def test_a_bad_parameter_is_named(search, name, value):
    body = problem(search(q="大桥", **{name: value}), 400, "request.invalid")
    assert body["parameter"] == name
    assert name in body["detail"]


def test_an_unknown_parameter_names_the_closest_known_one(search):
    body = problem(search(q="大桥", perpage="5"), 400, "request.unknown")
    assert body["parameter"] == "perpage"
    assert "per_page" in body["detail"]


def test_a_repeated_parameter_is_refused(search):
    body = problem(search(("page", "1"), ("page", "2")), 400, "request.repeated")
    assert body["parameter"] == "page"


def test_a_foreign_cursor_and_a_page_too_deep_are_refused(search):
    assert problem(search(cursor="x:10"), 400, "request.cursor")["parameter"] == "cursor"
    assert problem(search(page="1001"), 400, "request.too_deep")["parameter"] == "page"


@pytest.mark.parametrize(
    ("query", "code", "position"),
    [
        ("很" * 10_000, "query.too_long", 1_000),
        ('大桥 "通车', "query.unclosed_quote", 3),
        ("大桥 (通车", "query.unclosed_bracket", 3),
        ("大桥)", "query.unopened_bracket", 2),
        ("NOT", "query.operand_missing", 0),
        ("大桥 AND", "query.operand_missing", 3),
        ("date:[2018 TO", "query.unclosed_range", 5),
        ("标题:", "query.field_without_term", 0),
    ],
)
def test_a_bad_query_is_refused_with_its_position(search, query, code, position):
    assert problem(search(q=query), 400, code)["position"] == position


@pytest.mark.parametrize(
    "query", ["***", "?", "\x00\x01大桥\x7f", "\ud83c桥", "%", "\\", "'; --", "𠮷"]
)
def test_an_odd_query_is_answered(client, query):
    encoded = "".join(f"%{byte:02x}" for byte in query.encode("utf-8", "surrogatepass"))
    assert client.get(f"/api/search?q={encoded}").status_code == 200


def test_bytes_that_are_no_utf8_are_answered(client):
    assert client.get("/api/search?q=%ff%fe%80").status_code == 200
    assert client.get("/api/search?%ff=1").status_code == 400
    problem(client.get("/api/articles/%ff%fe"), 404, "article.not_found")


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.lists(
        st.sampled_from(
            [
                '"',
                "“",
                "”",
                "(",
                ")",
                "（",
                "）",
                "AND",
                "OR",
                "NOT",
                "-",
                "*",
                "?",
                "~",
                "^",
                ":",
                "：",
                "[",
                "]",
                "TO",
                "title",
                "日期",
                "kind",
                "大桥",
                "供水",
                "2018-07",
                "9",
                " ",
                "\0",
                "\n",
                "\\",
            ]
        )
        | st.text(max_size=3),
        max_size=14,
    ).map("".join)
)
def test_no_query_is_a_server_error(client, query):
    response = client.get("/api/search", query_string={"q": query, "facets": "year"})
    assert response.status_code in (200, 400), response.data
    if response.status_code == 400:
        assert 0 <= response.get_json()["position"] <= len(query)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.lists(
        st.tuples(
            st.sampled_from(
                ["q", "page", "per_page", "filter", "date_from", "sort", "cursor", "lang"]
            )
            | st.text(max_size=4),
            st.text(max_size=6) | st.sampled_from(["1", "year:2018", "2018", "newest", "kind:ad"]),
        ),
        max_size=4,
    )
)
def test_no_parameters_are_a_server_error(client, pairs):
    for path in ("/api/search", "/"):
        assert client.get(path, query_string=pairs).status_code in (200, 400)


def test_a_missing_article_and_a_missing_route_are_problems(client):
    problem(client.get("/api/articles/nobody"), 404, "article.not_found")
    for path in ("/api/nothing", "/api/", "/api/articles/"):
        problem(client.get(path), 404, "http.not_found")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_method_that_is_not_taken_is_a_problem_that_lists_the_others(client, method):
    for path in ("/api/suggest", f"/api/similar/{BRIDGE}"):
        response = client.open(path, method=method)
        problem(response, 405, "http.method_not_allowed")
        assert "GET" in response.headers["Allow"]


def test_a_problem_speaks_the_language_of_the_request(client):
    def detail(url, language):
        return client.get(url, headers={"Accept-Language": language}).get_json()["detail"]

    assert detail("/api/nothing", "en").isascii()
    assert not detail("/api/nothing", "zh-CN").isascii()
    assert detail("/api/search?page=0&lang=en", "zh").isascii()
    response = client.get("/api/nothing")
    assert "Accept-Language" in response.headers["Vary"]


def test_without_an_index_every_answer_is_503(tmp_path):
    client = create_app(Settings(index_dir=tmp_path / "none")).test_client()
    for path in ("/ready", "/api/search?q=大桥", "/api/articles/a"):
        problem(client.get(path), 503, "index.missing")
    page = client.get("/", headers={"Accept-Language": "en"})
    assert page.status_code == 503
    assert page.mimetype == "text/html"
    assert "searchsvc reindex" in page.text


def test_a_new_generation_is_served_without_restart(tmp_path):
    settings_made = build_archive(tmp_path / "first")
    client = create_app(settings_made).test_client()
    before = client.get("/api/search?q=大桥").get_json()["index_version"]
    (tmp_path / "first/sources/more.jsonl").write_text(
        '{"id":"new","body":"新大桥开工"}\n', "utf-8"
    )
    reindex(settings_made, [tmp_path / "first/sources"], Quiet())
    after = client.get("/api/articles/new").get_json()
    assert after["index_version"] != before


def test_suggestions_complete_what_is_typed(client):
    answer = client.get("/api/suggest", query_string={"q": "临江大", "limit": 5})
    assert answer.status_code == 200
    assert set(answer.json) == {"query", "suggestions", "took_ms", "index_version"}
    titles = [s for s in answer.json["suggestions"] if s["kind"] == "title"]
    assert titles[0] == {
        "text": "临江大桥今日通车", "kind": "title", "count": 1, "query": "临江大桥今日通车",
    }  # fmt: skip
    assert client.get("/api/suggest?q=").json["suggestions"] == []


@pytest.mark.parametrize("parameters", ["q=a&limit=0", "q=a&limit=x", "q=a&page=1", "q=a&q=b"])
def test_a_wrong_parameter_of_suggestions_is_named(client, parameters):
    answer = client.get(f"/api/suggest?{parameters}")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


def test_an_explanation_gives_every_field_and_term(client, search):
    hit = search(q="大桥").get_json()["hits"][0]
    found = client.get(f"/api/explain/{hit['id']}?q=大桥").get_json()
    assert found["score"] == pytest.approx(hit["score"], abs=1e-5)
    assert sum(term["score"] for term in found["terms"]) == pytest.approx(found["score"])
    assert sum(field["score"] for field in found["fields"]) == pytest.approx(found["score"])
    assert client.get(f"/api/explain/{hit['id']}?q=龘龘龘").get_json()["score"] is None
    problem(client.get("/api/explain/nobody?q=大桥"), 404, "article.not_found")
    problem(client.get(f"/api/explain/{BRIDGE}?query=大桥"), 400, "request.unknown")


def test_similar_articles_come_with_their_likeness(client):
    found = client.get(f"/api/similar/{BRIDGE}?limit=3").get_json()
    assert found["id"] == BRIDGE
    assert len(found["hits"]) <= 3
    assert all(hit["id"] != BRIDGE and 0 < hit["score"] <= 1 for hit in found["hits"])
    problem(client.get("/api/similar/nobody"), 404, "article.not_found")
    problem(client.get(f"/api/similar/{BRIDGE}?limit=0"), 400, "request.invalid")


def test_a_text_is_analysed_as_a_field_is(client):
    answer = client.get("/api/analyze", query_string={"text": "ＡＢ臨江大橋"}).get_json()
    assert answer["folded"] == "ab临江大桥"
    words = {token["term"]: (token["start"], token["end"]) for token in answer["words"]}
    assert words["大桥"] == (4, 6)
    assert words["ab"] == (0, 2)
    assert [token["position"] for token in answer["bigrams"]] == list(range(5))
    assert answer["bigrams"][2]["term"] == "临江"
    assert client.get("/api/analyze").get_json()["words"] == []
    answer = client.get("/api/analyze", query_string={"text": "桥" * 1_001})
    assert (answer.status_code, answer.get_json()["parameter"]) == (400, "text")


def test_the_index_and_the_program_tell_what_they_are(client):
    stats = client.get("/api/stats").get_json()
    assert sum(stats["kinds"].values()) == stats["articles"] > 0
    assert stats["newspapers"]["临江日报"]
    version = client.get("/api/version").get_json()
    assert version == {
        "version": __version__,
        "format_version": FORMAT_VERSION,
        "index_version": stats["index_version"],
    }
