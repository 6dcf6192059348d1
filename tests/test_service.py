"""The service: requests to pages, notices, limits, statistics."""

from dataclasses import replace

import pytest
from conftest import Quiet

from searchsvc import indexer, messages
from searchsvc.errors import CallerError, IndexMissingError, NotFoundError
from searchsvc.requests import notice_text, parse_request
from searchsvc.results import SearchRequest
from searchsvc.sample import sample_path
from searchsvc.service import open_service
from searchsvc.settings import Settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    settings = Settings(index_dir=tmp_path_factory.mktemp("service") / "index")
    indexer.reindex(settings, [sample_path()], Quiet())
    return settings


@pytest.fixture(scope="module")
def service(settings):
    service = open_service(settings)
    yield service
    service.close()


def test_a_question_finds_the_best_match_with_a_notice(service):
    results = service.search(SearchRequest(query="石桥渡古桥的修缮什么时候开工，总投资是多少？"))
    assert results.hits[0].article.title == "石桥渡古桥修缮工程 月底开工"
    assert [n.code for n in results.notices] == ["best_match"]
    assert notice_text(results.notices[0], "zh") != notice_text(results.notices[0], "en")


def test_a_question_mark_asks_for_the_best_match(service):
    every = service.search(SearchRequest(query="古桥 修缮"))
    asked = service.search(SearchRequest(query="古桥 修缮？"))
    assert (every.notices, [n.code for n in asked.notices]) == ((), ["best_match"])
    assert asked.total > every.total > 0
    assert asked.hits[0].article == every.hits[0].article


def test_where_few_articles_have_all_words_the_best_matches_follow_with_a_notice(service):
    every = service.search(SearchRequest(query="古桥 AND 修缮 AND 开工"))
    results = service.search(SearchRequest(query="古桥 修缮 开工"))
    assert every.total < 3 < results.total
    assert [(n.code, n.params) for n in results.notices] == [
        ("any_word", {"all_words": every.total})
    ]
    assert results.hits[0].article == every.hits[0].article


def test_a_quoted_word_that_nobody_writes_does_not_hide_what_the_other_words_find(service):
    results = service.search(SearchRequest(query="“古桥石碑渔网”石桥渡古桥修缮"))
    assert results.hits[0].article.title == "石桥渡古桥修缮工程 月底开工"


def test_words_that_all_stand_in_an_article_need_no_notice(service):
    results = service.search(SearchRequest(query="古桥 石碑"))
    assert results.total
    assert results.notices == ()


@pytest.mark.parametrize("language", messages.LANGUAGES)
@pytest.mark.parametrize(
    "name",
    ["words", "phrase", "near", "boolean", "field", "person", "date", "wildcard", "kind"],
)
def test_every_example_of_the_start_page_finds_something(service, name, language):
    results = service.search(SearchRequest(query=messages.text(f"web.example.{name}", language)))
    assert results.total
    assert results.notices == ()


def test_a_phrase_that_is_nowhere_finds_nothing(service):
    assert service.search(SearchRequest(query='"古桥修缮供水"')).total == 0


def test_traditional_and_simplified_find_the_same(service):
    for one, other in (("僑批館", "侨批馆"), ("烏礁島", "乌礁岛"), ("古橋", "古桥")):
        hits = [
            [h.article.id for h in service.search(SearchRequest(query=q)).hits]
            for q in (one, other)
        ]
        assert hits[0] == hits[1]
        assert hits[0]


def test_cursor_goes_on_where_pages_do(service):
    first = service.search(SearchRequest(query="*", per_page=7))
    assert first.total_pages == -(-first.total // 7)
    seen = [h.article.id for h in first.hits]
    cursor = first.next_cursor
    while cursor:
        page = service.search(SearchRequest(query="*", per_page=7, cursor=cursor))
        seen += [h.article.id for h in page.hits]
        cursor = page.next_cursor
    assert len(seen) == len(set(seen)) == first.total


def test_a_cursor_is_of_one_search(service):
    asked = SearchRequest(query="*", per_page=7, sort="newest", facets=("year",))
    cursor = service.search(asked).next_cursor
    others = {"per_page": 3, "facets": (), "highlight": False, "histogram": "year"}
    assert len(service.search(replace(asked, cursor=cursor, **others)).hits) == 3
    for other in ({"query": "古桥"}, {"sort": "oldest"}, {"filters": {"year": ("2018",)}}):
        with pytest.raises(CallerError) as refused:
            service.search(replace(asked, cursor=cursor, **other))
        assert refused.value.code == "request.cursor_other"


@pytest.mark.parametrize(
    "cursor", ["elsewhere:10", "x", "é", "a" * 99, "eJw", "eJyLBQAAeQB4", "é" * 9]
)
def test_what_is_no_cursor_is_refused(service, cursor):
    with pytest.raises(CallerError) as refused:
        service.search(SearchRequest(query="*", cursor=cursor))
    assert refused.value.code == "request.cursor"


def test_depth_by_page_number_is_limited(service):
    with pytest.raises(CallerError, match="pages end at hit"):
        service.search(SearchRequest(query="*", page=1_001))


def test_explanations_sum_to_the_scores(service):
    for hit in service.search(SearchRequest(query="古桥 修缮", explain=True)).hits:
        assert hit.explanation["score"] == pytest.approx(hit.score)


def test_an_article_is_explained_by_the_tree_that_found_it(service):
    for query in ("古桥 修缮", "石桥渡古桥的修缮什么时候开工？", "記者:杜若 古橋"):
        for hit in service.search(SearchRequest(query=query)).hits:
            explained = service.explain(hit.article.id, query)
            assert explained["score"] == pytest.approx(hit.score)
            assert sum(f["score"] for f in explained["fields"]) == pytest.approx(
                hit.score, abs=1e-4
            )
    with pytest.raises(NotFoundError):
        service.explain("nowhere", "古桥")


def test_similar_articles_share_what_an_article_is_about(service):
    hit = service.search(SearchRequest(query="石桥渡古桥的修缮什么时候开工？")).hits[0]
    similar = service.similar(hit.article.id, 5)
    assert similar
    assert hit.article.id not in {s.article.id for s in similar}
    assert "古桥" in str(similar[0].article.to_record())
    scores = [s.score for s in similar]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    with pytest.raises(NotFoundError):
        service.similar("nowhere", 5)


def test_articles_are_found_by_id(service):
    hit = service.search(SearchRequest(query="标题:古桥")).hits[0]
    assert service.article(hit.article.id) == hit.article
    shown = service.highlight_article(hit.article, "古桥")
    assert "<mark>古桥</mark>" in shown["title"][0]
    assert len(shown["body"]) == len(hit.article.body)
    with pytest.raises(NotFoundError):
        service.article("nowhere")


def test_statistics_tell_what_is_there(service):
    stats = service.stats()
    assert stats["articles"] == sum(stats["kinds"].values())
    assert set(stats["newspapers"]) == {"澜江日报", "青禾县报", "海岳晚报"}
    assert (stats["date_from"], stats["date_to"]) == ("2016-05-18", "2024-06-14")
    assert stats["index_version"] == service.index_version
    assert stats["size_bytes"] > 0


def test_analysis_offsets_are_those_of_the_text(service):
    analysis = service.analyze("臺灣　同胞㈱")
    assert analysis["folded"].startswith("台湾 同胞(")
    for name in ("words", "bigrams"):
        for token in analysis[name]:
            assert analysis["text"][token["start"] : token["end"]]


def test_an_empty_folder_is_an_error_that_names_the_command(tmp_path):
    with pytest.raises(IndexMissingError, match="searchsvc reindex"):
        open_service(Settings(index_dir=tmp_path))


@pytest.mark.parametrize(
    ("pairs", "parameter"),
    [
        ([("pge", "2")], "pge"),
        ([("page", "0")], "page"),
        ([("page", "²")], "page"),
        ([("page", "1"), ("page", "2")], "page"),
        ([("per_page", "101")], "per_page"),
        ([("sort", "best")], "sort"),
        ([("filter", "newspaper")], "filter"),
        ([("filter", "colour:red")], "filter"),
        ([("date_from", "yesterday")], "date_from"),
        ([("facets", "colour")], "facets"),
        ([("fields", "title,colour")], "fields"),
        ([("highlight", "maybe")], "highlight"),
    ],
)
def test_a_wrong_parameter_is_named(pairs, parameter):
    with pytest.raises(CallerError) as raised:
        parse_request(pairs, Settings())
    assert raised.value.params["parameter"] == parameter


def test_parameters_become_a_request():
    request = parse_request(
        [
            ("q", "供水"), ("page", "2"), ("per_page", "20"), ("sort", "newest"),
            ("filter", "person:王小满"), ("filter", "person:赵禾"), ("filter", "year:2018"),
            ("date_from", "2018-07"), ("date_to", "2018-07"), ("facets", "year,person"),
            ("highlight", "false"), ("fields", "id,title"), ("explain", "true"), ("cursor", ""),
        ],
        Settings(),
    )  # fmt: skip
    assert request.filters == {"person": ("王小满", "赵禾"), "year": ("2018",)}
    assert (str(request.date_from), str(request.date_to)) == ("2018-07-01", "2018-07-31")
    assert (request.facets, request.fields) == (("year", "person"), ("id", "title"))
    assert (request.page, request.per_page, request.sort) == (2, 20, "newest")
    assert (request.highlight, request.explain, request.cursor) == (False, True, None)
