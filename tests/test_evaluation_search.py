"""Searching with the array searcher: options, limits, errors, and what is left to Whoosh."""

import pytest
from memory_arrays import MemoryIndex
from tree_generator import Generator
from whoosh import query as wq
from whoosh import sorting
from whoosh.collectors import FilterCollector
from whoosh.query.qcore import QueryError
from whoosh.scoring import TF_IDF
from whoosh.searching import Searcher

from searchsvc.errors import QueryCostError
from searchsvc.evaluation import (
    ArrayCollector,
    ArraySearcher,
    CharacterNear,
    CharacterPhrase,
    CharacterSequence,
    CombinedTerm,
    expansion,
)

TEXTS = ["中国人民银行", "中国，人民\n银行", "人民中国", "国", "国\n人，民"]


@pytest.fixture(scope="module")
def index():
    generator = Generator(21)
    segments, deleted = generator.segments((150, 90))
    return MemoryIndex(segments, deleted)


@pytest.fixture(scope="module")
def searcher(index):
    return ArraySearcher(index.reader())


@pytest.fixture(scope="module")
def texts():
    documents = [{"id": str(n), "chars": text} for n, text in enumerate(TEXTS)]
    documents[3]["chars2"] = "中国银行"
    return ArraySearcher(MemoryIndex([documents[:2], documents[2:]], [set(), set()]).reader())


def found(searcher, query, **options):
    return {number for _, number in searcher.search(query, limit=None, **options).top_n}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("中国", {0, 1, 2}),
        ("中国人", {0}),
        ("中国，人", {1}),
        ("，人", {1}),
        ("，", {1, 4}),
        ("国", {0, 1, 2, 3, 4}),
        ("行", {0, 1}),
        ("人民银行", {0}),
        ("中国人民银行", {0}),
        ("国人民", {0}),
        ("国人", {0}),
        ("银", {0, 1}),
        ("没", set()),
        ("", set()),
    ],
)
def test_a_text_of_characters_is_found_where_it_stands(texts, text, numbers):
    assert found(texts, CharacterPhrase(text, ["chars"])) == numbers


def test_a_text_is_looked_for_in_each_of_the_fields(texts):
    assert found(texts, CharacterPhrase("银行", ["chars", "chars2"])) == {0, 1, 3}
    assert found(texts, CharacterPhrase("银行", ["chars2"])) == {3}


@pytest.mark.parametrize(
    ("wanted", "distance", "numbers"),
    [(["银行", "中国"], 1, set()), (["银行", "中国"], 2, {0}), (["银行", "中国"], 4, {0, 1}),
     (["中国", "人民"], 0, {0, 2}), (["国", "国"], 0, {0, 1, 2, 3, 4})],
)  # fmt: skip
def test_texts_are_near_within_a_window_of_characters(texts, wanted, distance, numbers):
    assert found(texts, CharacterNear(wanted, distance, ["chars"])) == numbers


@pytest.mark.parametrize(
    ("wanted", "gap", "numbers"),
    [(["中国", "银行"], (2, 2), {0}), (["中国", "银行"], (0, 1), set()), (["银行", "中国"], (0, 9), set()),
     (["国", "国"], (0, 9), set())],
)  # fmt: skip
def test_texts_follow_each_other_with_so_many_characters_between(texts, wanted, gap, numbers):
    assert found(texts, CharacterSequence(wanted, [gap], ["chars"])) == numbers


def test_own_nodes_stand_below_nodes_that_only_whoosh_evaluates(texts):
    query = wq.Otherwise(wq.NullQuery, CharacterPhrase("中国", ["chars"]))
    assert found(texts, query) == {0, 1, 2}


def test_own_nodes_are_equal_by_what_they_ask():
    a, b = (CombinedTerm("词", {"body": (1.0, 0.75)}) for _ in range(2))
    assert a == b
    assert hash(a) == hash(b)
    assert a != CombinedTerm("词", {"body": (2.0, 0.75)})
    assert CharacterPhrase("词", ["chars"]) != CharacterNear(["词"], 0, ["chars"])
    assert wq.Or([a, b]).normalize() == a


def test_time_that_is_up_is_an_error_with_the_limit_in_it(searcher):
    with pytest.raises(QueryCostError, match="0"):
        searcher.search(wq.Or([wq.Term("body", "词1"), wq.Every()]), timeout_s=0.0)
    assert len(searcher.search(wq.Term("body", "词1"), timeout_s=60))


def test_too_many_terms_are_an_error_that_names_the_pattern(searcher, monkeypatch):
    monkeypatch.setattr(expansion, "EXPANSION_LIMIT", 3)
    with pytest.raises(QueryCostError, match=r"body:词\*"):
        searcher.search(wq.Prefix("body", "词"))


def test_phrases_need_positions(searcher):
    with pytest.raises(QueryError):
        searcher.search(wq.Phrase("section", ["要闻", "国际"]))


def test_unknown_fields_and_values_find_nothing(searcher):
    for query in (
        wq.Term("nowhere", "词"),
        wq.Term("number", "词"),
        wq.Phrase("nowhere", ["词", "文"]),
        wq.Prefix("nowhere", "词"),
        wq.NumericRange("nowhere", 1, 2),
        wq.NumericRange("number", 5, 4),
        wq.And([]),
        wq.Or([]),
    ):
        assert len(searcher.search(query)) == 0


def test_pages_follow_each_other(searcher):
    query = wq.Or([wq.Term("body", "词0"), wq.Term("body", "文0")])
    whole = [number for _, number in searcher.search(query, limit=None).top_n]
    pages = [searcher.search_page(query, page, pagelen=7) for page in (1, 2, 3)]
    assert [hit.docnum for page in pages for hit in page] == whole[:21]
    assert {page.total for page in pages} == {len(whole)}


def test_results_know_their_documents_and_fields(searcher):
    results = searcher.search(wq.Term("body", "词0"), limit=3)
    assert results.has_exact_length()
    assert results.scored_length() == 3
    assert len(results.docs()) == len(results) > 3
    assert results[0]["id"].startswith("d")


def test_results_filter_another_search(searcher):
    section = searcher.search(wq.Term("section", "要闻"), limit=5)
    both = wq.And([wq.Term("body", "词0"), wq.Term("section", "要闻")])
    assert found(searcher, wq.Term("body", "词0"), filter=section) == found(searcher, both)


def test_a_sort_key_can_be_the_score(searcher):
    query = wq.Term("body", "词0")
    facets = sorting.MultiFacet(["section", sorting.ScoreFacet()])
    ours = searcher.search(query, limit=None, sortedby=facets)
    scores = {n: s for s, n in searcher.search(query, limit=None).top_n}
    sections = [searcher.segments[0].arrays.column_values("section"), None]
    assert sections[0]
    last = None
    for (rank, score), number in ours.top_n:
        assert scores[number] == -score
        assert last is None or last <= (rank, score)
        last = (rank, score)


def test_what_only_whoosh_can_do_is_left_to_whoosh(index, searcher):
    query = wq.Term("body", "词0")
    assert isinstance(searcher.collector(limit=5), ArrayCollector)
    for options in (
        {"terms": True},
        {"collapse": "section"},
        {"groupedby": sorting.QueryFacet({"a": query})},
        {"sortedby": sorting.FunctionFacet(lambda searcher, number: number)},
        {"groupedby": "section", "maptype": sorting.Best},
    ):
        assert not isinstance(searcher.collector(**options), ArrayCollector)
        assert len(searcher.search(query, timeout_s=9, **options)) > 0
    other = ArraySearcher(index.reader(), weighting=TF_IDF())
    assert not isinstance(other.collector(), ArrayCollector)
    plain = ArraySearcher(index.index.reader())
    assert len(plain.search(query)) == len(searcher.search(query))


def test_whooshs_wrapping_collectors_are_refused(searcher):
    query = wq.Term("body", "词0")
    with pytest.raises((NotImplementedError, AttributeError)):
        searcher.search_with_collector(query, FilterCollector(searcher.collector(), {1}, None))


def test_a_limit_below_one_is_refused(searcher):
    with pytest.raises(ValueError, match="limit"):
        searcher.search(wq.Every(), limit=0)


def test_an_index_without_documents_answers():
    empty = ArraySearcher(MemoryIndex([], []).reader())
    assert len(empty.search(wq.Every())) == 0


def test_numbers_without_a_column_are_grouped_by_whoosh(index, searcher):
    query = wq.Term("body", "词0")
    with Searcher(index.reader()) as theirs:
        expected = theirs.search(query, limit=None, groupedby="plain", maptype=sorting.Count)
        ours = searcher.search(query, groupedby="plain", maptype=sorting.Count)
        assert ours.groups() == expected.groups()
