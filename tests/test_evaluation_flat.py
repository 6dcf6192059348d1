"""A search in one compiled call gives what the plans give, on lists long and short, dense and sparse."""

import numpy as np
import pytest
from whoosh import fields
from whoosh import query as wq
from whoosh.filedb.filestore import FileStorage

from searchsvc.evaluation import ArraySearcher
from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.planner import Planner
from searchsvc.postings.runs import Tokens
from searchsvc.postings.writer import BatchWriter

flat = pytest.importorskip("searchsvc.evaluation.flat", exc_type=ImportError)

WORDS = 60
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
    )
    index = FileStorage(str(tmp_path_factory.mktemp("flat"))).create_index(schema)
    for size in SIZES:
        writer = BatchWriter(index)
        for number in range(size):
            drawn = rng.choice(WORDS, rng.integers(1, 60), p=shares / shares.sum())
            words = [f"w{n}" for n in drawn]
            positions = np.arange(len(words), dtype=np.uint32)
            values = {"body": Tokens(words, positions), "title": {words[0]: 1}}
            writer.add_document(id={str(number % 10): 1}, day=number, **values)
        writer.commit(merge=False)
    writer = BatchWriter(index)
    writer.delete_by_term("id", "7")
    writer.commit(merge=False)
    return ArraySearcher(index.reader(), fromindex=index)


def term(rng, field="body"):
    """A term, common or rare, or one that is nowhere."""
    return wq.Term(field, f"w{rng.integers(0, WORDS + 2)}", boost=float(rng.choice([1, 2, 0.3])))


def terms(rng, low=2, high=4):
    return [term(rng, rng.choice(["body", "title"])) for _ in range(rng.integers(low, high + 1))]


def phrase(rng):
    words = [f"w{n}" for n in rng.integers(0, 8, rng.integers(2, 5))]
    return wq.Phrase("body", words, boost=float(rng.choice([1, 3])))


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


@pytest.mark.parametrize("shape", SHAPES)
def test_usual_shapes_are_searched_in_one_call(searcher, shape):
    planner = Planner(searcher.statistics, searcher.schema, searcher.context(), Deadline())
    search = flat.flattened(planner.plan(SHAPES[shape](np.random.default_rng(1))))
    assert search is not None
    assert all(search.best(segment, 10) is not None for segment in searcher.segments)


@pytest.mark.parametrize(
    "query",
    [
        wq.Not(wq.Term("body", "w1")),
        wq.Prefix("body", "w"),
        wq.Phrase("body", ["w1", "w2"], slop=2),
        wq.And([wq.Term("body", "w1"), wq.Prefix("body", "w")]),
        wq.DisjunctionMax([wq.Term("body", "w1"), wq.Term("body", "w2")]),
    ],
)
def test_other_shapes_are_left_to_the_plans(searcher, query):
    planner = Planner(searcher.statistics, searcher.schema, searcher.context(), Deadline())
    assert flat.flattened(planner.plan(query)) is None
