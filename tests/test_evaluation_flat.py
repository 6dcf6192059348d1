"""A search in one compiled call gives what the plans give, on lists long and short, dense and sparse."""

import numpy as np
import pytest
from whoosh import fields, sorting
from whoosh import query as wq

from searchsvc.evaluation import ArraySearcher, CharacterPhrase, CombinedTerm
from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.planner import Planner
from searchsvc.postings.index import create_index
from searchsvc.postings.runs import Tokens
from searchsvc.postings.writer import BatchWriter

pytest.importorskip("searchsvc.evaluation.flat", exc_type=ImportError)

WORDS = 60
ALPHABET = "abcdefg"
SIZES = (2_500, 40)


@pytest.fixture(scope="module")
def searcher(tmp_path_factory):
    """Two segments with deleted documents; word ``w0`` is in most of them, ``w59`` in a few."""
    rng = np.random.default_rng(5)
    shares = 1 / np.arange(1, WORDS + 1) ** 1.3
    schema = fields.Schema(
        id=fields.ID(),
        title=fields.TEXT(phrase=False),
        body=fields.TEXT(),
        day=fields.NUMERIC(int, sortable=True, shift_step=0),
        size=fields.NUMERIC(int, 64, sortable=True),
        price=fields.NUMERIC(int, signed=False, sortable=True, default=7),
        kind=fields.ID(sortable=True),
        text=fields.TEXT(),
    )
    index = create_index(tmp_path_factory.mktemp("flat"), schema)
    for size in SIZES:
        writer = BatchWriter(index)
        for number in range(size):
            drawn = rng.choice(WORDS, rng.integers(1, 60), p=shares / shares.sum())
            words = [f"w{n}" for n in drawn]
            positions = np.arange(len(words), dtype=np.uint32)
            values = {"body": Tokens(words, positions), "title": {words[0]: 1}}
            values["text"] = pairs(rng)
            kind = {"abc"[number % 3]: 1}
            values["size"] = int(rng.integers(-1_000, 1_000)) << 40
            if number % 3:
                values["price"] = int(rng.integers(0, 10))
            writer.add_document(id={str(number % 10): 1}, day=number, kind=kind, **values)
        writer.commit(merge=False)
    writer = BatchWriter(index)
    writer.delete_by_term("id", "7")
    writer.commit(merge=False)
    return ArraySearcher(index.reader(), fromindex=index)


def pairs(rng):
    """Characters of a small alphabet as bigrams, the last one with a line end."""
    text = "".join(rng.choice(list(ALPHABET), rng.integers(1, 80))) + "\n"
    return Tokens(
        [text[n : n + 2] for n in range(len(text) - 1)], np.arange(len(text) - 1, dtype=np.uint32)
    )


def characters(rng, low=1, high=5):
    return "".join(rng.choice(list(ALPHABET), rng.integers(low, high + 1)))


def combined(rng, text, fields):
    weights = {name: (float(rng.choice([1, 2.5])), 0.4) for name in fields}
    return CombinedTerm(text, weights, float(rng.choice([1, 0.6])))


def text_leaf(rng):
    """A text as the service asks for it: found by bigrams, scored by terms in several fields."""
    texts = [characters(rng) for _ in range(rng.integers(1, 4))]
    found = wq.And([CharacterPhrase(text, ["text", "body"], 0.0) for text in texts])
    pairs = [text[n : n + 2] for text in texts for n in range(max(1, len(text) - 1))]
    words = [combined(rng, f"w{rng.integers(0, WORDS)}", ["title", "body"]) for _ in range(2)]
    return wq.AndMaybe(found, wq.Or(words + [combined(rng, p, ["text", "title"]) for p in pairs]))


def any_combined(rng):
    terms = [combined(rng, f"w{rng.integers(0, WORDS)}", ["title", "body"]) for _ in range(3)]
    return wq.Or(terms, boost=float(rng.choice([1, 2])))


def any_of(rng):
    return wq.Or([combined(rng, f"w{n}", ["title", "body"]) for n in rng.integers(0, WORDS, 3)])


def leaves(rng):
    """Texts, without another, in a range, as the service puts them together."""
    without = wq.ConstantScoreQuery(wq.Not(text_leaf(rng)), 0.0)
    days = wq.ConstantScoreQuery(wq.NumericRange("day", 10, 2_000, boost=0.0), 0.0)
    return wq.And([text_leaf(rng), text_leaf(rng), without, days])


def term(rng, field="body"):
    """A term, common or rare, or one that is nowhere."""
    return wq.Term(field, f"w{rng.integers(0, WORDS + 2)}", boost=float(rng.choice([1, 2, 0.3])))


def terms(rng, low=2, high=4):
    return [term(rng, rng.choice(["body", "title"])) for _ in range(rng.integers(low, high + 1))]


def phrase(rng):
    words = [f"w{n}" for n in rng.integers(0, 8, rng.integers(2, 5))]
    return wq.Phrase("body", words, boost=float(rng.choice([1, 3])))


def some_sizes(rng):
    low, high = np.sort(rng.integers(-1_000, 1_000, 2))
    return wq.NumericRange("size", int(low) << 40, int(high) << 40)


def some_prices(rng):
    """Without a bound, as often as with one; many documents have no price."""
    low, high = (None if rng.random() < 0.5 else int(rng.integers(0, 10)) for _ in range(2))
    return wq.NumericRange("price", low, high)


SHAPES = {
    "term": term,
    "any": lambda rng: wq.Or(terms(rng), boost=float(rng.choice([1, 2]))),
    "all": lambda rng: wq.And(terms(rng), boost=float(rng.choice([1, 2]))),
    "fields": lambda rng: wq.And([wq.Or(terms(rng), boost=1.5), wq.Or(terms(rng))]),
    "all of all": lambda rng: wq.And([wq.Or(terms(rng)), wq.And(terms(rng), boost=2.0)]),
    "without": lambda rng: wq.And([term(rng), wq.Not(term(rng)), wq.Not(wq.Or(terms(rng)))]),
    "and not": lambda rng: wq.AndNot(wq.And(terms(rng)), term(rng)),
    "phrase": phrase,
    "phrases": lambda rng: wq.And([phrase(rng), wq.Or(terms(rng)), wq.Not(term(rng))]),
    "text": text_leaf,
    "crossings": lambda rng: wq.AndMaybe(leaves(rng), any_combined(rng)),
    "any of any": lambda rng: wq.Or([any_of(rng), any_of(rng), combined(rng, "ab", ["text"])]),
    "texts": leaves,
    "any combined": any_combined,
    "sizes": lambda rng: wq.And([term(rng), some_sizes(rng), term(rng), some_prices(rng)]),
    "range": lambda rng: wq.And([term(rng), wq.NumericRange("day", 10, int(rng.integers(2_000)))]),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_best_are_the_first_of_all(searcher, shape):
    rng = np.random.default_rng(len(shape))
    for _ in range(40):
        query = SHAPES[shape](rng)
        every = searcher.search(query, limit=None)
        for limit in (1, 10, 200):
            best = searcher.search(query, limit=limit)
            assert best.top_n == every.top_n[:limit], query
            assert len(best) == len(every), query
        days = wq.NumericRange("day", int(rng.integers(1_000)), int(rng.integers(1_000, 3_000)))
        narrowed = searcher.search(query, filter=days)
        every = searcher.search(query, filter=days, limit=None)
        assert (narrowed.top_n, len(narrowed)) == (every.top_n[:10], len(every)), query


def flattened(searcher, query):
    def make_planner():
        return Planner(searcher.statistics, searcher.schema, searcher.context(), Deadline())

    return searcher.flat.flattened(query, 10, make_planner)


@pytest.mark.parametrize("shape", SHAPES)
def test_usual_shapes_are_searched_in_one_call(searcher, shape):
    assert flattened(searcher, SHAPES[shape](np.random.default_rng(1))) is not None


@pytest.mark.parametrize(
    "query",
    [
        wq.Not(wq.Term("body", "w1")),
        wq.Prefix("body", "w"),
        wq.Phrase("body", ["w1", "w2"], slop=2),
        wq.And([wq.Term("body", "w1"), wq.Regex("body", "w")]),
        wq.DisjunctionMax([wq.Term("body", "w1"), wq.Term("body", "w2")]),
        wq.NumericRange("day", 3, 9),
    ],
)
def test_other_shapes_are_left_to_the_plans(searcher, query):
    assert flattened(searcher, query) is None


def by_plans(searcher, query, **options):
    """A search without compiled calls."""
    flat, searcher.flat = searcher.flat, None
    try:
        return searcher.search(query, **options)
    finally:
        searcher.flat = flat


@pytest.mark.parametrize("shape", SHAPES)
def test_filters_facets_and_orders_are_those_of_the_plans(searcher, shape):
    rng = np.random.default_rng(len(shape) + 100)
    days = sorting.FieldFacet("day", reverse=True)
    for _ in range(20):
        query = SHAPES[shape](rng)
        some = set(rng.integers(0, sum(SIZES), 500).tolist())
        for options in (
            {"filter": wq.Or([term(rng), term(rng, "title")])},
            {"filter": some, "mask": term(rng)},
            {"mask": wq.And([term(rng), term(rng)])},
            {"filter": wq.Prefix("body", "w1"), "limit": 3},
            {"filter": wq.And([some_sizes(rng), some_prices(rng)])},
            {"groupedby": "kind", "maptype": sorting.Count},
            {"groupedby": sorting.FieldFacet("kind", allow_overlap=True), "maptype": sorting.Count},
            {"sortedby": days},
            {"sortedby": [sorting.FieldFacet("kind"), sorting.ScoreFacet()], "filter": some},
        ):
            compiled = searcher.search(query, **options)
            plain = by_plans(searcher, query, **options)
            assert compiled.top_n[:10] == plain.top_n[:10], (query, options)
            assert len(compiled) == len(plain), (query, options)
            if "groupedby" in options:
                assert compiled.groups("kind") == plain.groups("kind")


def test_results_still_give_what_whoosh_gives(searcher):
    results = searcher.search(wq.Term("body", "w1"), limit=5)
    assert results.scored_length() == 5
    assert results.has_exact_length()
    assert len(results.docs()) == len(results)
    assert results.copy().top_n == results.top_n
    assert results.highlighter is results.highlighter
    assert not list(results.facet_names())


@pytest.fixture(scope="module")
def long_lists(tmp_path_factory):
    """A segment of many chunks and windows; word ``w0`` is in most of its documents."""
    rng = np.random.default_rng(7)
    n, size = 12, 20_000
    index = create_index(
        tmp_path_factory.mktemp("long"),
        fields.Schema(body=fields.TEXT(), day=fields.NUMERIC(int, sortable=True, shift_step=0)),
    )
    writer = BatchWriter(index)
    for _ in range(size):
        words = [f"w{word}" for word in range(n) if rng.random() < 0.8 * 0.6**word]
        words += ["w1"] * int(rng.integers(0, 3)) + ["other"] * int(rng.integers(1, 30))
        positions = np.arange(len(words), dtype=np.uint32)
        writer.add_document(body=Tokens(words, positions), day=int(rng.integers(0, 5)))
    writer.commit()
    return ArraySearcher(index.reader(), fromindex=index)


def test_long_lists_are_searched_window_by_window(long_lists):
    rng = np.random.default_rng(11)
    newest = sorting.FieldFacet("day", reverse=True)
    for _ in range(60):
        words = rng.choice(12, rng.integers(1, 7), replace=False)
        terms = [wq.Term("body", f"w{n}", boost=float(rng.choice([1, 2, 0.3]))) for n in words]
        query = wq.Or(terms, boost=float(rng.choice([1, 2])))
        without = wq.AndNot(query, wq.Term("body", "w3"))
        for wanted in (query, without, wq.And(terms), wq.Phrase("body", ["w2", "w3"])):
            for options in (
                {},
                {"limit": 200},
                {"filter": wq.NumericRange("day", 1, 3)},
                {"groupedby": "day", "maptype": sorting.Count},
                {"sortedby": newest},
            ):
                compiled = long_lists.search(wanted, **options)
                plain = by_plans(long_lists, wanted, **options)
                assert compiled.top_n == plain.top_n, (wanted, options)
                assert len(compiled) == len(plain), (wanted, options)
                if "groupedby" in options:
                    assert compiled.groups("day") == plain.groups("day")
