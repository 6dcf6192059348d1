"""Compares searches over arrays with the brute force and with Whoosh's exhaustive evaluation."""

from collections import Counter

from brute_force import BruteForce
from memory_arrays import MemoryIndex
from tree_generator import Generator
from whoosh import query as wq
from whoosh import sorting
from whoosh.collectors import UnlimitedCollector
from whoosh.query import spans as ws
from whoosh.searching import Searcher

from searchsvc.evaluation import (
    ArraySearcher,
    BoundedPhrase,
    CharacterNear,
    CharacterPhrase,
    CharacterSequence,
    CombinedTerm,
)

TOLERANCE = 1e-4

OWN_NODES = (BoundedPhrase, CharacterNear, CharacterPhrase, CharacterSequence, CombinedTerm)
FAULTY_NODES = (
    wq.Require,
    wq.DisjunctionMax,
    wq.AndNot,
    wq.AndMaybe,
    wq.Not,
    wq.Prefix,
    wq.Wildcard,
    wq.FuzzyTerm,
    wq.TermRange,
    ws.SpanQuery,
)
"""Nodes that Whoosh 2.7.4 gets wrong somewhere, see test_evaluation_whoosh_faults.py."""


class Archive:
    """Random documents in several segments, and the three ways to search them."""

    def __init__(self, seed, sizes=(120, 80, 40), make_index=MemoryIndex):
        self.generator = Generator(seed)
        self.segments, self.deleted = self.generator.segments(sizes)
        self.index = make_index(self.segments, self.deleted)
        self.brute_force = BruteForce(self.segments, self.deleted)
        self.searcher = ArraySearcher(self.index.reader())
        self.whoosh = Searcher(self.index.reader())
        self.witnessed = Counter()

    def check(self, query):
        """Asserts all that can be asserted of a query; counts what Whoosh said."""
        scores = self.brute_force.scores(query)
        full = self.searcher.search(query, limit=None)
        self.check_hits(query, full, scores)
        self.check_top(query, full)
        self.check_narrowed(query, scores)
        self.check_groups(query, scores)
        self.check_sorted(query, scores)
        self.witness(query, scores)

    def check_hits(self, query, results, scores):
        """The same hits, scores within the tolerance, in the order of the scores."""
        found = {number: score for score, number in results.top_n}
        assert len(results) == len(results.top_n) == len(found), query
        assert found.keys() == scores.keys(), (query, found.keys() ^ scores.keys())
        wrong = {n: (s, scores[n]) for n, s in found.items() if abs(s - scores[n]) > TOLERANCE}
        assert not wrong, (query, wrong)
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        for (_, ours), (theirs, score) in zip(results.top_n, ranked, strict=True):
            assert ours == theirs or abs(scores[ours] - score) < 1e-9, query
        assert results.top_n == sorted(results.top_n, key=lambda item: (-item[0], item[1])), query

    def check_top(self, query, full):
        """The first few are those of all, and the count is exact."""
        for limit in (1, 10, 50):
            top = self.searcher.search(query, limit=limit)
            assert len(top) == len(full), query
            first = full.top_n[:limit]
            assert [n for _, n in top.top_n] == [n for _, n in first], (query, limit)
            assert all(
                abs(a - b) < 1e-9 for (a, _), (b, _) in zip(top.top_n, first, strict=True)
            ), query

    def check_narrowed(self, query, scores):
        """A filter and a mask, as queries and as sets of numbers."""
        r = self.generator.random
        wanted = self.generator.tree(2)
        chosen = self.brute_force.scores(wanted).keys()
        left = {n: s for n, s in scores.items() if n in chosen}
        filtered = self.searcher.search(query, limit=None, filter=wanted)
        self.check_hits((query, "filter", wanted), filtered, left)
        assert len(self.searcher.search(query, limit=3, filter=set(chosen))) == len(left)
        masked = self.searcher.search(query, limit=None, mask=wanted)
        self.check_hits(
            (query, "mask", wanted), masked, {n: s for n, s in scores.items() if n not in chosen}
        )
        unscored = self.searcher.search(query, limit=None, scored=False)
        assert [n for _, n in unscored.top_n] == sorted(scores), query
        assert sorted(self.searcher.docs_for_query(query)) == sorted(scores), query
        if r.random() < 0.2:
            page = self.searcher.search_page(query, 2, pagelen=5)
            assert page.total == len(scores)

    def check_groups(self, query, scores):
        """Counted facets, one value a document and several, and a histogram."""
        facets = {
            "section": sorting.FieldFacet("section"),
            "tags": sorting.FieldFacet("tags", allow_overlap=True),
            "histogram": sorting.RangeFacet("number", -20, 80, 25),
        }
        results = self.searcher.search(query, groupedby=facets, maptype=sorting.Count)
        documents = [self.brute_force.all[n] for n in scores]
        assert results.groups("section") == Counter(d.get("section") for d in documents), query
        tags = Counter(tag for d in documents for tag in d.get("tags") or [None])
        assert results.groups("tags") == tags, query
        bins = Counter(bin_of(d.get("number")) for d in documents)
        assert results.groups("histogram") == bins, query
        listed = self.searcher.search(query, groupedby="section").groups("section")
        ranked = [n for _, n in self.searcher.search(query, limit=None).top_n]
        for name, numbers in listed.items():
            expected = [n for n in ranked if self.brute_force.all[n].get("section") == name]
            assert numbers == expected, query

    def check_sorted(self, query, scores):
        """By a number and by a keyword, both ways; documents without a value come last, or first."""
        documents = self.brute_force.all

        def number(n):
            return documents[n].get("number", 1 << 32)

        def section(n):
            return documents[n].get("section", "").encode()

        by_number = self.searcher.search(query, limit=20, sortedby="number")
        expected = sorted(scores, key=lambda n: (number(n), n))[:20]
        assert [n for _, n in by_number.top_n] == expected, query
        facets = [sorting.FieldFacet("section"), sorting.FieldFacet("number", reverse=True)]
        several = self.searcher.search(query, limit=20, sortedby=facets)
        expected = sorted(scores, key=lambda n: (section(n), -number(n), n))[:20]
        assert [n for _, n in several.top_n] == expected, query
        assert len(several) == len(scores)

    def witness(self, query, scores):
        """Counts whether Whoosh agrees with the brute force, which our results equal already."""
        if any(contains(query, kind) for kind in OWN_NODES):
            return
        collector = UnlimitedCollector()
        try:
            self.whoosh.search_with_collector(query, collector)
            found = {n: s for s, n in collector.results().top_n}
        except Exception as error:
            self.witnessed[f"raises {type(error).__name__}"] += 1
            agrees = False
        else:
            agrees = found.keys() == scores.keys() and all(
                abs(s - scores[n]) < TOLERANCE for n, s in found.items()
            )
            self.witnessed["agrees" if agrees else "differs"] += 1
        faulty = any(contains(query, kind) for kind in FAULTY_NODES) or lone_boost(query)
        assert agrees or faulty, (query, found.keys() ^ scores.keys())


def bin_of(value):
    """The histogram's bin of a number, None outside."""
    if value is None or not -20 <= value < 80:
        return None
    start = -20 + (value + 20) // 25 * 25
    return (start, start + 25)


def nodes(query):
    """A query and all below it."""
    yield query
    below = query.subqs if isinstance(query, ws.SpanOr) else list(query.children())
    if isinstance(query, ws.SpanQuery) and not below:
        below = [query.q]
    for child in below:
        yield from nodes(child)


def contains(query, kind):
    return any(isinstance(node, kind) for node in nodes(query))


def lone_boost(query):
    """Whether an And or Or of one clause has a boost, which Whoosh forgets."""
    return any(
        isinstance(node, wq.And | wq.Or) and len(node.subqueries) == 1 and node.boost != 1
        for node in nodes(query)
    )
