"""What only the OpenSearch engine does: pages beyond the window, many values, lost moments, limits."""

import json
import uuid
from dataclasses import replace
from itertools import chain, zip_longest
from types import SimpleNamespace

import pytest
from conftest import record

from searchsvc.engines.contract import Search
from searchsvc.engines.opensearch import engine as engines
from searchsvc.engines.opensearch import (
    folding,
    layout,
    moments,
    opening,
    searching,
    texts,
    verifying,
)
from searchsvc.engines.opensearch.connection import RequestRefusedError
from searchsvc.engines.opensearch.explanation import counted_terms
from searchsvc.engines.opensearch.layout import ALL, SCALE, index_body, ranking_field
from searchsvc.errors import (
    CallerError,
    EngineUnavailableError,
    IndexDamagedError,
    IndexMissingError,
    QueryCostError,
)
from searchsvc.query import parse_query
from searchsvc.query.tree import Or, Words, as_literal

RECORDS = [
    record(
        n,
        f"第{n}号公报，质量{'强' * (n % 5)}市。",
        date=f"2020-01-{n % 28 + 1:02}",
        tags=[f"签{n}"],
    )
    for n in range(60)
]
EVERYTHING = parse_query("*")


@pytest.fixture
def engine_kind():
    return "opensearch"


@pytest.fixture
def engine(build_engine):
    return build_engine(*RECORDS)


def ids(hits):
    return [hit.article.id for hit in hits]


@pytest.mark.opensearch
def test_pages_beyond_the_window_go_on_in_the_same_order(engine, monkeypatch):
    tree = parse_query("公报 OR 强")
    whole = ids(engine.search(Search(tree=tree, limit=60)).hits)
    assert len(whole) == 60
    monkeypatch.setattr(searching, "WINDOW", 8)
    for offset in (0, 6, 8, 17, 55, 60, 90):
        found = engine.search(Search(tree=tree, offset=offset, limit=7, facets=("kind",)))
        assert ids(found.hits) == whole[offset : offset + 7]
        assert (found.total, found.facets) == (60, {"kind": {"article": 60}})


@pytest.mark.opensearch
def test_all_hits_are_read_a_page_after_another(engine, monkeypatch):
    monkeypatch.setattr(engines, "AT_ONCE", 7)
    search = Search(tree=parse_query("公报 OR 强"), sort="newest")
    total, hits = engine.walk(search)
    assert (total, ids(hits)) == (60, ids(engine.search(Search(**fields(search), limit=60)).hits))
    assert engine.ids(EVERYTHING) == [f"a{n}" for n in range(60)]


def fields(search):
    return {"tree": search.tree, "sort": search.sort}


@pytest.mark.opensearch
def test_reading_goes_on_where_a_moment_is_lost(engine, monkeypatch):
    monkeypatch.setattr(engines, "AT_ONCE", 10)
    _, hits = engine.walk(Search(tree=EVERYTHING))
    first = [next(hits).article.id for _ in range(10)]
    searcher = engine._searcher
    searcher.connection.request("DELETE", "/_search/point_in_time/_all")
    assert first + ids(hits) == [f"a{n}" for n in range(60)]


def walked_pages(engine, search, per_page=7):
    """The ids of a search's hits, page after page by their places."""
    found = engine.search(replace(search, limit=per_page))
    while True:
        yield ids(found.hits)
        if found.place is None:
            return
        found = engine.search(replace(search, limit=per_page, after=found.place))


@pytest.mark.opensearch
@pytest.mark.parametrize("keeps", [True, False])
def test_pages_go_on_where_a_moment_is_lost_or_none_is_given(engine, monkeypatch, keeps):
    if not keeps:
        refused = SimpleNamespace(status_code=429, error="too many", info={})
        error = RequestRefusedError(refused, "/")

        def refuse(_self, retries=None):
            raise error

        monkeypatch.setattr(searching.IndexSearcher, "open_moment", refuse)
    search = Search(tree=parse_query("公报 OR 强"), sort="newest")
    whole = ids(engine.search(replace(search, limit=60)).hits)
    pages = walked_pages(engine, search)
    found = next(pages) + next(pages)
    engine._searcher.connection.request("DELETE", "/_search/point_in_time/_all")
    assert [*found, *chain.from_iterable(pages)] == whole


@pytest.mark.opensearch
def test_one_moment_serves_all_searches_and_is_asked_again(engine, monkeypatch):
    opened = []
    really = searching.IndexSearcher.open_moment

    def counted(searcher, retries=None):
        opened.append(searcher.copies)
        return really(searcher, retries)

    monkeypatch.setattr(searching.IndexSearcher, "open_moment", counted)
    for word in ("公报", "强", "质量", "强市", "第1"):
        list(walked_pages(engine, Search(tree=parse_query(word))))
    assert sorted(opened) == list(searching.COPIES)
    monkeypatch.setattr(moments, "_ASKED_AGAIN_S", 0)
    list(walked_pages(engine, Search(tree=parse_query("公报"))))
    assert len(opened) == 2


@pytest.mark.opensearch
def test_a_moment_has_every_shard_or_is_none(engine):
    connection, index = engine._searcher.connection, f"test-{uuid.uuid4().hex}"
    nowhere = {"index.routing.allocation.require._name": "nobody", "number_of_replicas": 0}
    params = {"wait_for_active_shards": 0}
    connection.request("PUT", f"/{index}", {"settings": nowhere}, params)
    searcher = searching.IndexSearcher(connection, index)
    with pytest.raises(EngineUnavailableError):
        searcher.open_moment(retries=0)
    assert moments.Moments(searcher).of("a") == ""
    connection.request("DELETE", f"/{index}")


@pytest.mark.opensearch
def test_a_place_of_another_commit_without_its_moment_is_expired(engine):
    search = Search(tree=EVERYTHING)
    place = json.loads(engine.search(search).place)
    engine._searcher.connection.request("DELETE", "/_search/point_in_time/_all")
    with pytest.raises(CallerError) as refused:
        engine.search(replace(search, after=json.dumps(["other.1", *place[1:]])))
    assert refused.value.code == "request.cursor_expired"
    with pytest.raises(CallerError) as refused:
        engine.search(replace(search, after=json.dumps([*place[:2], "nonsense", *place[3:]])))
    assert refused.value.code == "request.cursor"


@pytest.mark.opensearch
def test_values_beyond_an_answer_are_counted_all_the_same(engine, monkeypatch):
    search = Search(tree=parse_query("质量"), facets=("tag", "kind"), days=True, limit=0)
    whole = engine.search(search)
    monkeypatch.setattr(searching, "FACET_VALUES", 7)
    monkeypatch.setattr(searching, "VALUES_READ", 9)
    assert engine.search(search) == whole
    assert len(whole.facets["tag"]) == 60 and sum(whole.days.values()) == 60


def test_the_first_values_are_believed_where_no_other_can_be_among_them():
    def believed(counts, bound, errors=(), rest=9):
        buckets = [
            {"doc_count": n, "doc_count_error_upper_bound": e}
            for n, e in zip_longest(counts, errors, fillvalue=0)
        ]
        counted = {
            "buckets": buckets, "doc_count_error_upper_bound": bound, "sum_other_doc_count": rest
        }  # fmt: skip
        return searching._are_most("tag", counted, 2)

    assert believed([9, 5, 1], 4)
    assert believed([9], 0, rest=0)
    assert not believed([9, 4], 4)
    assert not believed([9, 5], 4, errors=[1])
    assert not believed([9], 4)


@pytest.mark.opensearch
def test_what_asks_too_much_says_so(engine, monkeypatch):
    monkeypatch.setattr(verifying, "MOST_VERIFIED", 20)
    for tree in (parse_query("公*质"), as_literal(parse_query("公报"))):
        with pytest.raises(QueryCostError) as refused:
            engine.search(Search(tree=tree))
        assert refused.value.code == "search.candidates"
    assert engine.search(Search(tree=parse_query("第1*公报"))).total == 11
    words = Or(tuple(Words(chr(0x4E00 + n) + chr(0x5000 + n)) for n in range(4_500)))
    with pytest.raises(QueryCostError) as refused:
        engine.search(Search(tree=words))
    assert refused.value.code == "search.clauses"


@pytest.mark.opensearch
def test_too_many_reprints_are_not_folded(build_engine, monkeypatch):
    wire = "据新华社北京电，全国质量大会今天在京闭幕，来自各地的代表交换了意见。" * 3
    engine = build_engine(*(record(n, wire + f"第{n}版") for n in range(4)))
    search = Search(tree=EVERYTHING, fold_reprints=True)
    assert ids(engine.search(search).hits) == ["a0"]
    monkeypatch.setattr(folding, "MOST_CLUSTERED", 3)
    with pytest.raises(QueryCostError):
        engine.search(search)


@pytest.mark.opensearch
def test_an_index_of_other_weights_is_refused(engine, analyzer, monkeypatch):
    searcher = engine._searcher
    with pytest.raises(IndexMissingError):
        opening.open_engine(searcher.connection, "test-none", analyzer, "1")
    monkeypatch.setattr(opening, "ranking_fingerprint", lambda: "other")
    with pytest.raises(IndexDamagedError) as refused:
        opening.open_engine(searcher.connection, searcher.index, analyzer, "1")
    assert refused.value.code == "index.ranking"


@pytest.mark.opensearch
def test_the_cluster_cuts_tokens_as_they_were_sent(engine):
    searcher = engine._searcher

    def cut(analyzer, text):
        body = {"analyzer": analyzer, "text": text}
        found = searcher.connection.request("POST", f"/{searcher.index}/_analyze", body)
        return [(t["token"], t["position"]) for t in found["tokens"]]

    assert cut("pairs", "马克\n克\n \n𠮷思\n思") == [
        ("马", 0), ("马克", 0), ("克", 1), ("𠮷", 3), ("𠮷思", 3), ("思", 4)
    ]  # fmt: skip
    assert cut("weighted", "*\t1\n马克 思\t250") == [("*", 0), ("马克 思", 1)]


def test_a_text_and_a_longer_one_are_asked_for_by_tokens_alone():
    assert texts.phrase("质量", ("title", "kicker", "byline", "body")) == {
        "term": {ranking_field(ALL, "bigrams"): {"value": "质量"}}
    }
    assert texts.phrase("质量链", ("body",)) == {
        "match_phrase": {"body_pairs": {"query": "质量\n量链"}}
    }
    assert texts.phrase("", ("body",)) == texts.near(["质", ""], 3, ("body",)) == texts.NOTHING


def test_k1_is_scaled_as_frequencies_are():
    sizes = SimpleNamespace(opensearch_shards=1, opensearch_replicas=0)
    similarities = index_body(sizes)["settings"]["index"]["similarity"]
    assert {s["b"] for s in similarities.values()} == {0}
    assert similarities["words"]["k1"] == layout.k1(ALL, "words") * SCALE


def test_what_only_filters_explains_nothing():
    weight = {
        "description": "weight(all_words:质量: in 量 in 3) [PerFieldSimilarity], result of:",
        "value": 2.0,
        "details": [
            {"description": "score(freq=120.0), computed as boost * idf * tf from:", "value": 2.0,
             "details": [
                 {"description": "boost", "value": 2.0, "details": []},
                 {"description": "idf, computed as log(...) from:", "value": 1.5, "details": [
                     {"description": "n, number of documents", "value": 3, "details": []},
                     {"description": "N, total number", "value": 60, "details": []}]},
                 {"description": "tf, computed as ... from:", "value": 0.5, "details": [
                     {"description": "freq, occurrences", "value": 120.0, "details": []}]},
             ]}
        ],
    }  # fmt: skip
    required = {
        "description": "match on required clause, product of:",
        "value": 0.0,
        "details": [weight],
    }
    (term,) = counted_terms({"description": "sum of:", "value": 2.0, "details": [weight, required]})
    assert (term.scope, term.analysis, term.text) == (ALL, "words", "质量: in 量")
    assert (term.boost, term.idf, term.frequency) == (2.0, 1.5, 120.0)
    assert (term.documents, term.document_frequency) == (60, 3)
