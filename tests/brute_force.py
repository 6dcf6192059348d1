"""An independent evaluation of whoosh.query trees over plain documents, one at a time.

Set semantics and formulas written down as they are defined, with nothing shared with the package
under test: what Whoosh's documentation says a node finds and scores, BM25F with exact lengths.
"""

import fnmatch
import re
from collections.abc import Sequence
from functools import reduce
from math import log

from memory_arrays import BIGRAM_FIELDS, WORD_FIELDS, bigram_length, bigram_positions
from whoosh import query as wq
from whoosh.query import spans as ws

B, K1 = 0.75, 1.2


def is_near(text: str, wanted: Sequence[str], distance: int) -> bool:
    """Whether all texts stand in ``text`` within one window of their length plus ``distance``."""
    places = sorted(
        (match.start(), match.start() + len(piece), number)
        for number, piece in enumerate(wanted)
        for match in re.finditer(f"(?={re.escape(piece)})", text)
    )
    window = sum(map(len, wanted)) + distance
    latest: dict[int, tuple[int, int]] = {}
    for start, end, number in places:
        latest[number] = (start, end)
        if len(latest) == len(wanted):
            first = min(s for s, _ in latest.values())
            last = max(e for _, e in latest.values())
            if last - first <= window:
                return True
    return False


class BruteForce:
    """Evaluates over ``segments`` (lists of documents) without those ``deleted`` (sets)."""

    def __init__(self, segments, deleted):
        self.all = [document for own in segments for document in own]
        flags = [n not in gone for own, gone in zip(segments, deleted, strict=True)
                 for n in range(len(own))]  # fmt: skip
        self.live = [n for n, alive in enumerate(flags) if alive]
        self._cache = {}

    def ranked(self, query):
        """[(document number, score)] by falling score, then document."""
        return sorted(self.scores(query).items(), key=lambda item: (-item[1], item[0]))

    def scores(self, query):
        """{document number: score} of all live documents that match."""
        if type(query) in SPANS:
            return self._standing(query)
        return getattr(self, "_" + type(query).__name__.lower().lstrip("_"))(query)

    # fields

    def tokens(self, number, name):
        """The terms of a field in order, as texts."""
        value = self.all[number].get(name)
        if value is None:
            return []
        if name in BIGRAM_FIELDS:
            return [pair for _, pair in bigram_positions(value)]
        return [value] if isinstance(value, str) else value

    def frequency(self, number, name, text):
        """How often a term stands in a field; by postings, worked out once for each field."""
        return self._index(name).get(text, {}).get(number, 0)

    def _index(self, name):
        if name not in self._cache:
            index = {}
            for number in range(len(self.all)):
                for term in self.tokens(number, name):
                    own = index.setdefault(term, {})
                    own[number] = own.get(number, 0) + 1
            self._cache[name] = index
        return self._cache[name]

    def _lengths(self, name):
        key = ("lengths", name)
        if key not in self._cache:
            if name in BIGRAM_FIELDS:
                lengths = [bigram_length(d.get(name, "")) for d in self.all]
            else:
                lengths = [len(self.tokens(n, name)) for n in range(len(self.all))]
            self._cache[key] = lengths
        return self._cache[key]

    # terms

    def _term(self, query):
        return self.term_scores(query.fieldname, query.text, query.boost)

    def term_scores(self, name, text, boost):
        """{document: BM25F score}; fields without lengths score their frequency."""
        postings = self._index(name).get(text, {})
        if name not in WORD_FIELDS:
            return {n: boost * postings[n] for n in self.live if n in postings}
        idf = log(len(self.all) / (len(postings) + 1)) + 1
        lengths = self._lengths(name)
        average = sum(lengths) / len(lengths)
        found = {}
        for n in self.live:
            if n in postings:
                tf = postings[n]
                norm = (1 - B) + B * lengths[n] / average
                found[n] = boost * idf * tf * (K1 + 1) / (tf + K1 * norm)
        return found

    def _combinedterm(self, query):
        found, df = {}, 0
        for n in self.live:
            tf = 0.0
            for name, (weight, b) in query.fields.items():
                lengths = [self._lengths(name)[m] for m in self.live]
                with_field = [length for length in lengths if length]
                average = sum(with_field) / len(with_field) if with_field else 1.0
                norm = 1 - b + b * self._lengths(name)[n] / average
                tf += weight * self.frequency(n, name, query.text) / norm
            if tf:
                df += 1
                found[n] = tf
        idf = log(1 + (len(self.live) - df + 0.5) / (df + 0.5))
        return {n: query.boost * idf * tf / (query.k1 + tf) for n, tf in found.items()}

    def _characterphrase(self, query):
        return self._constant(
            query.boost,
            lambda d: any(query.text in d.get(name, "") for name in query.fields),
        )

    def _boundedphrase(self, query):
        before = f"(?<![{re.escape(query.not_before)}])" if query.not_before else ""
        after = f"(?![{re.escape(query.not_after)}])" if query.not_after else ""
        expression = re.compile(before + re.escape(query.text) + after)
        return self._constant(
            query.boost,
            lambda d: any(expression.search(d.get(name, "")) for name in query.fields),
        )

    def _characternear(self, query):
        return self._constant(
            query.boost,
            lambda d: any(
                is_near(d[name], query.texts, query.distance) for name in query.fields if name in d
            ),
        )

    def _charactersequence(self, query):
        first, *others = map(re.escape, query.texts)
        following = zip(query.gaps, others, strict=True)
        gaps = [rf"[\s\S]{{{least},{most}}}{text}" for (least, most), text in following]
        expression = re.compile(first + "".join(gaps))
        return self._constant(
            query.boost,
            lambda d: any(expression.search(d.get(name, "")) for name in query.fields),
        )

    # combinations

    def _and(self, query):
        parts = [self.scores(q) for q in query.subqueries]
        both = set(parts[0]).intersection(*parts[1:])
        return {n: query.boost * sum(part[n] for part in parts) for n in both}

    def _or(self, query):
        parts = [self.scores(q) for q in query.subqueries]
        return {
            n: query.boost * sum(part[n] for part in parts if n in part)
            for n in set().union(*parts)
        }

    def _disjunctionmax(self, query):
        parts = [self.scores(q) for q in query.subqueries]
        found = {}
        for n in set().union(*parts):
            own = sorted(part[n] for part in parts if n in part)
            found[n] = query.boost * (own[-1] + query.tiebreak * sum(own[:-1]))
        return found

    def _not(self, query):
        without = self.scores(query.query)
        return {n: 1.0 for n in self.live if n not in without}

    def _andnot(self, query):
        without = self.scores(query.b)
        return {n: s for n, s in self.scores(query.a).items() if n not in without}

    def _andmaybe(self, query):
        optional = self.scores(query.b)
        return {n: s + optional.get(n, 0.0) for n, s in self.scores(query.a).items()}

    def _require(self, query):
        required = self.scores(query.b)
        return {n: s for n, s in self.scores(query.a).items() if n in required}

    def _constantscorequery(self, query):
        return dict.fromkeys(self.scores(query.child), query.score)

    def _every(self, query):
        name = query.fieldname
        return self._constant(query.boost, lambda d: name is None or name in d)

    def _nullquery(self, query):
        return {}

    # many terms

    def _constant(self, score, holds):
        return {n: score for n in self.live if holds(self.all[n])}

    def _any_term(self, query, fits):
        terms = [term for term in self._index(query.fieldname) if fits(term)]
        if query.constantscore:
            found = {n for term in terms for n in self._index(query.fieldname)[term]}
            return {n: query.boost for n in self.live if n in found}
        parts = [self.term_scores(query.fieldname, term, query.boost) for term in terms]
        return {n: sum(p[n] for p in parts if n in p) for n in set().union(*parts)}

    def _prefix(self, query):
        return self._any_term(query, lambda term: term.startswith(query.text))

    def _wildcard(self, query):
        expression = re.compile(fnmatch.translate(query.text))
        return self._any_term(query, lambda term: bool(expression.match(term)))

    def _termrange(self, query):
        def fits(term):
            above = query.start is None or term > query.start
            above |= term == query.start and not query.startexcl
            below = query.end is None or term < query.end
            below |= term == query.end and not query.endexcl
            return above and below

        return self._any_term(query, fits)

    def _fuzzyterm(self, query):
        def fits(term):
            same = term[: query.prefixlength] == query.text[: query.prefixlength]
            return same and distance(term, query.text) <= query.maxdist

        return self._any_term(query, fits)

    def _numericrange(self, query):
        return self._between(query, query.start, query.end)

    def _daterange(self, query):
        return self._between(query, query.startdate, query.enddate)

    def _between(self, query, start, end):
        def holds(document):
            value = document.get(query.fieldname)
            if value is None:
                return False
            if start is not None and (value < start or (query.startexcl and value == start)):
                return False
            return not (end is not None and (value > end or (query.endexcl and value == end)))

        return self._constant(query.boost, holds)

    # places

    def _phrase(self, query):
        parts = [self.term_scores(query.fieldname, word, 1.0) for word in query.words]
        found = {}
        for n in set(parts[0]).intersection(*parts[1:]):
            tokens = self.tokens(n, query.fieldname)
            ends = {p for p, token in enumerate(tokens) if token == query.words[0]}
            for word in query.words[1:]:
                places = [p for p, token in enumerate(tokens) if token == word]
                ends = {p for p in places if any(1 <= p - e <= query.slop for e in ends)}
            if ends:
                found[n] = query.boost * sum(part[n] for part in parts)
        return found

    def _standing(self, query):
        scores = self.scores(base_of(query))
        return {n: s for n, s in scores.items() if self.spans(n, query)}

    def spans(self, number, query):
        """{(start, end)} of a span query or a part of one in a document; empty without a match."""
        if isinstance(query, wq.Term):
            tokens = self.tokens(number, query.fieldname)
            return {(p, p) for p, token in enumerate(tokens) if token == query.text}
        parts = [self.spans(number, part) for part in parts_of(query)]
        if isinstance(query, wq.And):
            return set().union(*parts) if all(parts) else set()
        if isinstance(query, wq.Or):
            return set().union(*parts)
        return SPANS[type(query)](query, parts)


def parts_of(query):
    """The queries whose places a span query looks at."""
    if isinstance(query, ws.SpanFirst):
        return [query.q]
    if isinstance(query, ws.SpanNear2):
        return query.qs
    if isinstance(query, ws.SpanOr):
        return query.subqs
    return list(query.subqueries) if hasattr(query, "subqueries") else [query.a, query.b]


def base_of(query):
    """What a span query scores by."""
    parts = list(parts_of(query))
    if isinstance(query, ws.SpanOr):
        return wq.Or(parts)
    if isinstance(query, ws.SpanNot):
        return wq.AndMaybe(*parts)
    return wq.And(parts)


def gap(a, b):
    """How far two spans lie apart; 0 where they overlap."""
    return max(b[0] - a[1], a[0] - b[1], 0)


def near(query, parts, in_order, mindist=1):
    def pair(firsts, seconds):
        return {
            (min(a[0], b[0]), max(a[1], b[1]))
            for a in firsts
            for b in seconds
            if mindist <= gap(a, b) <= query.slop and not (in_order and a[0] > b[0])
        }

    return reduce(pair, parts)


def joined(parts):
    """Spans of any part, made one where they overlap or touch."""
    found = []
    for start, end in sorted(set().union(*parts)):
        if found and start <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return set(found)


def overlaps(a, b):
    return a[0] <= b[1] and b[0] <= a[1]


SPANS = {
    ws.SpanNear: lambda q, p: near(q, p, q.ordered, q.mindist),
    ws.SpanNear2: lambda q, p: near(q, p, q.ordered, q.mindist),
    ws.SpanOr: lambda q, p: joined(p),
    ws.SpanFirst: lambda q, p: {s for s in p[0] if s[1] <= q.limit},
    ws.SpanNot: lambda q, p: {a for a in p[0] if not any(overlaps(a, b) for b in p[1])},
    ws.SpanContains: lambda q, p: {
        a for a in p[0] if any(a[0] <= b[0] and b[1] <= a[1] for b in p[1])
    },
    ws.SpanBefore: lambda q, p: {a for a in p[0] if p[1] and a[1] < min(p[1])[0]},
    ws.SpanCondition: lambda q, p: p[0] if p[1] else set(),
}


def distance(a, b):
    """Levenshtein's, with transpositions of neighbours counted as one (as Whoosh's automaton)."""
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (x != y)))
        rows.append(row)
    return rows[-1][-1]
