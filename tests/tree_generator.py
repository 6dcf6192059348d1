"""Seeded random documents and query trees of every kind of node."""

import random
from datetime import timedelta

from memory_arrays import START
from whoosh import query as wq
from whoosh.query import spans as ws

from searchsvc.evaluation import (
    BoundedPhrase,
    CharacterNear,
    CharacterPhrase,
    CharacterSequence,
    CombinedTerm,
)

WORDS = [f"{first}{n}" for n in range(30) for first in "词文新大"]
WEIGHTS = [1 / (n + 1) for n in range(len(WORDS))]
CHARACTERS = "天地人和中国报纸，。ab1"
SECTIONS = ["要闻", "国际", "体育"]
TAGS = ["甲", "乙", "丙", "丁"]


class Generator:
    """Documents and trees from one seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    # documents

    def segments(self, sizes):
        """Lists of documents, and for each a set of deleted ones (none in the last segment)."""
        first, segments, deleted = 0, [], []
        for size in sizes:
            segments.append([self.document(first + n) for n in range(size)])
            deleted.append({n for n in range(size) if self.random.random() < 0.1})
            first += size
        deleted[0].add(0)
        for own, gone in zip(segments, deleted, strict=True):
            if len(gone) == len(own):  # a segment without live documents is dropped on commit
                gone.pop()
        deleted[-1] = set() if len(sizes) > 1 else deleted[-1]
        return segments, deleted

    def document(self, number):
        """A document; some lack fields, some repeat a word hundreds of times."""
        r = self.random
        made = {"id": f"d{number}", "body": self._words(max(1, int(r.gauss(30, 20))))}
        if r.random() < 0.02:
            made["body"] += [WORDS[r.randrange(4)]] * r.randint(250, 400)
        if r.random() < 0.9:
            made["title"] = self._words(r.randint(1, 6))
        if r.random() < 0.95:
            made["chars"] = self._text(r.randint(1, 40))
        if r.random() < 0.5:
            made["chars2"] = self._text(r.randint(1, 6))
        if r.random() < 0.9:
            made["number"] = r.randint(-20, 80)
        if r.random() < 0.9:
            made["plain"] = r.randint(-20, 80)
        if r.random() < 0.95 or number % 3:
            made["date"] = START + timedelta(days=number // 3)
        if r.random() < 0.9:
            made["section"] = r.choice(SECTIONS)
        if r.random() < 0.8:
            made["tags"] = r.sample(TAGS, r.randint(1, 3))
        return made

    def _words(self, count):
        return self.random.choices(WORDS, WEIGHTS, k=count)

    def _text(self, count):
        return "".join(self.random.choices(CHARACTERS + "\n", k=count))

    # trees

    def tree(self, depth=0):
        """A random tree, three levels deep at most below its root."""
        r = self.random
        if depth >= 3 or r.random() < 0.3:
            return r.choice(LEAVES)(self)
        return r.choice(NODES)(self, depth + 1)

    def word(self):
        """A word, most often a frequent one, at times one that no document has."""
        r = self.random
        return "没有" if r.random() < 0.03 else WORDS[min(int(r.expovariate(0.06)), 119)]

    def boost(self):
        return self.random.choice([1.0, 1.0, 1.0, 0.5, 2.0])

    def term(self, name=None):
        name = name or self.random.choice(["body", "body", "title"])
        return wq.Term(name, self.word(), boost=self.boost())

    def trees(self, depth, low, high):
        return [self.tree(depth) for _ in range(self.random.randint(low, high))]

    def keyword(self):
        r = self.random
        if r.random() < 0.5:
            return wq.Term("section", r.choice(SECTIONS), boost=self.boost())
        return wq.Term("tags", r.choice(TAGS))

    def phrase(self):
        r = self.random
        words = [self.word() for _ in range(r.randint(1, 3))]
        return wq.Phrase("body", words, slop=r.choice([1, 1, 2, 4, 30]), boost=self.boost())

    def prefix(self):
        constant = self.random.random() < 0.7
        return wq.Prefix(self._name(), self.word()[:2], self.boost(), constant)

    def wildcard(self):
        pattern = self.random.choice(["词?", "*1", "文*3", "?2*", "新[12]*", "大?*"])
        return wq.Wildcard(self._name(), pattern, self.boost(), self.random.random() < 0.7)

    def fuzzy(self):
        return wq.FuzzyTerm(self._name(), self.word(), self.boost(), 1, self.random.randint(0, 1))

    def term_range(self):
        r = self.random
        ends = sorted([self.word(), self.word()])
        if r.random() < 0.2:
            ends[r.randrange(2)] = None
        return wq.TermRange(
            self._name(), *ends, r.random() < 0.3, r.random() < 0.3, self.boost(), r.random() < 0.7
        )

    def numeric_range(self):
        r = self.random
        low, high = r.randint(-25, 50), r.randint(0, 90)
        if r.random() < 0.2:
            low = None
        elif r.random() < 0.2:
            high = None
        name = r.choice(["number", "plain"])
        return wq.NumericRange(
            name, low, high, r.random() < 0.3, r.random() < 0.3, boost=self.boost()
        )

    def date_range(self):
        r = self.random
        start = START + timedelta(days=r.randint(0, 60))
        end = start + timedelta(days=r.randint(0, 40))
        if r.random() < 0.1:
            return wq.DateRange("date", start, None)
        return wq.DateRange("date", start, end, r.random() < 0.3, r.random() < 0.3)

    def every(self):
        name = self.random.choice([None, "title", "section", "number"])
        return wq.Every(name, boost=self.boost())

    def combined_term(self):
        r = self.random
        if r.random() < 0.3:
            fields = {"chars": (1.0, 0.4), "chars2": (2.0, 0.75)}
            return CombinedTerm(self._text(2), fields, self.boost(), r.choice([0.8, 1.2]))
        fields = {"title": (2.0, 0.4), "body": (1.0, 0.75)}
        return CombinedTerm(self.word(), fields, self.boost())

    def character_phrase(self):
        text = "".join(self.random.choices(CHARACTERS, k=self.random.randint(1, 4)))
        return CharacterPhrase(text, self._bigram_fields(), self.boost())

    def bounded_phrase(self):
        r = self.random
        text = "".join(r.choices(CHARACTERS, k=r.randint(1, 3)))
        before, after = (r.sample(CHARACTERS, k=r.randint(0, 3)) for _ in range(2))
        fields = self._bigram_fields()
        return BoundedPhrase(text, "".join(before), "".join(after), fields, self.boost())

    def character_near(self):
        r = self.random
        texts = ["".join(r.choices(CHARACTERS, k=r.randint(1, 3))) for _ in range(r.randint(1, 3))]
        return CharacterNear(texts, r.randint(0, 12), self._bigram_fields(), self.boost())

    def character_sequence(self):
        r = self.random
        texts = ["".join(r.choices(CHARACTERS, k=r.randint(1, 2))) for _ in range(r.randint(1, 3))]
        least = [r.randint(0, 2) for _ in texts[1:]]
        gaps = [(n, n + r.choice([0, 1, 10])) for n in least]
        return CharacterSequence(texts, gaps, self._bigram_fields(), self.boost())

    def _bigram_fields(self):
        return self.random.choice([["chars"], ["chars2"], ["chars", "chars2"]])

    def _name(self):
        return self.random.choice(["body", "title"])

    def span(self, depth=0):
        """A span query over the body; parts are terms, Or, And or span queries again."""
        r = self.random
        slop, in_order = r.choice([1, 2, 5, 20]), r.random() < 0.6
        kind = r.randrange(8)
        if kind == 0:
            return ws.SpanNear2(
                [self.span_part(depth) for _ in range(r.randint(2, 3))], slop, in_order
            )
        if kind == 1:
            return ws.SpanOr([self.span_part(depth) for _ in range(r.randint(2, 3))])
        if kind == 2:
            return ws.SpanFirst(self.span_part(depth), limit=r.randint(0, 20))
        a, b = self.span_part(depth), self.span_part(depth)
        if kind == 3:
            return ws.SpanNear(a, b, slop, in_order, mindist=r.choice([0, 1, 1, 2]))
        return [ws.SpanNot, ws.SpanContains, ws.SpanBefore, ws.SpanCondition][kind - 4](a, b)

    def span_part(self, depth):
        r = self.random
        if depth >= 1 or r.random() < 0.6:
            return self.term("body")
        if r.random() < 0.3:
            return wq.Or([self.term("body"), self.term("body")])
        if r.random() < 0.2:
            return wq.And([self.term("body"), self.term("body")])
        return self.span(depth + 1)


LEAVES = (
    *[Generator.term] * 10,
    *[Generator.phrase] * 3,
    Generator.keyword,
    Generator.prefix,
    Generator.wildcard,
    Generator.fuzzy,
    Generator.term_range,
    *[Generator.numeric_range] * 2,
    *[Generator.date_range] * 2,
    Generator.every,
    lambda g: wq.NullQuery,
    *[Generator.combined_term] * 2,
    *[Generator.character_phrase] * 2,
    Generator.bounded_phrase,
    Generator.character_near,
    Generator.character_sequence,
    *[Generator.span] * 3,
)

NODES = (
    *[lambda g, depth: wq.Or(g.trees(depth, 1, 5), boost=g.boost())] * 5,
    *[lambda g, depth: wq.And(g.trees(depth, 1, 4), boost=g.boost())] * 4,
    lambda g, depth: wq.And([g.tree(depth), wq.Not(g.tree(depth))]),
    lambda g, depth: wq.Not(g.tree(depth)),
    lambda g, depth: wq.AndNot(g.tree(depth), g.tree(depth)),
    lambda g, depth: wq.AndMaybe(g.tree(depth), g.tree(depth)),
    lambda g, depth: wq.Require(g.tree(depth), g.tree(depth)),
    lambda g, depth: wq.ConstantScoreQuery(g.tree(depth), g.random.choice([0.5, 2.5])),
    lambda g, depth: wq.DisjunctionMax(
        g.trees(depth, 1, 4), boost=g.boost(), tiebreak=g.random.choice([0.0, 0.3])
    ),
)
