"""Wildcards and literal texts on Whoosh: exact, and no more of the articles read than must be."""

import random
from dataclasses import replace

import pytest

from searchsvc.engines.contract import Search
from searchsvc.engines.records import searched_text
from searchsvc.engines.whoosh import patterns
from searchsvc.query import parse_query
from searchsvc.query.tree import And, Not, Wildcard, Words
from searchsvc.query.wildcards import wildcard_expression

CHARACTERS = "中国大桥江x1"
BETWEEN = CHARACTERS + "，。 "
N_ARTICLES = 250


@pytest.fixture(scope="module")
def records():
    rng = random.Random(8)

    def text():
        return "".join(rng.choices(BETWEEN, k=rng.randint(1, 14)))

    return [
        {"id": str(n), "title": text(), "body": [{"text": text()} for _ in range(3)]}
        for n in range(N_ARTICLES)
    ]


@pytest.fixture
def engine(build_engine, records):
    return build_engine(*records)


@pytest.fixture
def read(monkeypatch):
    """The numbers of articles that queries read, as they do it."""
    ids = []

    def decode(stored):
        article = original(stored)
        ids.append(article.id)
        return article

    original = patterns.decode
    monkeypatch.setattr(patterns, "decode", decode)
    return ids


def found(engine, tree, **options):
    answer = engine.search(Search(tree=tree, limit=N_ARTICLES, **options))
    return {hit.article.id for hit in answer.hits}


def test_a_pattern_finds_what_its_expression_does(engine):
    articles = list(engine.walk(Search(tree=parse_query("*")))[1])
    rng = random.Random(3)
    n_found = 0
    for _ in range(300):
        pattern = "".join(rng.choices(CHARACTERS + "??**", k=rng.randint(1, 5)))
        if not pattern.strip("*?"):
            continue
        field = rng.choice([None, "title", "body"])
        expression = wildcard_expression(pattern.strip("*"))
        fields = [field] if field else ["title", "body"]
        expected = {
            scored.article.id
            for scored in articles
            if any(expression.search(searched_text(scored.article, name)) for name in fields)
        }
        assert found(engine, Wildcard(pattern, field)) == expected, (pattern, field)
        n_found += bool(expected)
    assert n_found > 150


@pytest.mark.parametrize("pattern", ["中国*", "*大桥", "国*", "x1*", "1*", "*江*"])
def test_a_pattern_without_a_wildcard_inside_reads_nothing(engine, read, pattern):
    assert found(engine, Wildcard(pattern))
    assert read == []


def test_where_the_texts_stand_side_by_side_nothing_is_read(engine, read):
    side_by_side = found(engine, parse_query('"中国"'))
    assert side_by_side < found(engine, Wildcard("中*国"))
    assert read
    assert not side_by_side & set(read)


@pytest.mark.parametrize("pattern", [Wildcard("中?国"), Words("国", literal=True)])
def test_what_other_clauses_leave_is_read_alone(engine, read, pattern):
    everywhere = found(engine, pattern)
    read.clear()
    bridges = found(engine, parse_query('"大桥"'))
    assert found(engine, And((pattern, parse_query('"大桥"')))) == everywhere & bridges
    assert set(read) <= bridges
    read.clear()
    assert found(engine, And((parse_query('"大桥"'), Not(pattern)))) == bridges - everywhere
    assert set(read) <= bridges


def test_of_several_the_one_with_fewest_candidates_is_read_first(engine, read):
    rare, common = Words("中国大", literal=True), Words("国", literal=True)
    few = found(engine, replace(rare, literal=False))
    assert few
    for tree in (And((common, rare)), And((common, Not(rare), rare)), And((Not(common), rare))):
        read.clear()
        found(engine, tree)
        assert set(read) <= few


def test_nothing_is_read_twice_by_a_search_that_folds_reprints(engine, read):
    assert found(engine, Wildcard("中?国"), fold_reprints=True)
    assert len(read) == len(set(read))
