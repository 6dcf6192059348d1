"""Query trees to the query DSL: what a tree finds, and what its text is scored by.

Takes a tree, gives the JSON of a query. A text leaf becomes a ``bool`` whose ``filter`` says which
documents hold the text, exactly and without a score, and whose ``should`` adds BM25F over its words
and bigrams for those. What the cluster cannot decide by its tokens (wildcards, literal texts) is asked
of ``Verifier`` while the query is made, and stands in it as the ids that were found. Called by the engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeAlias

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.contract import Search
from searchsvc.engines.keywords import Comparison, asked
from searchsvc.engines.literal import is_literally_in
from searchsvc.engines.opensearch import texts
from searchsvc.engines.opensearch.layout import (
    ALL,
    HEADING,
    SCALE,
    k1,
    ranking_field,
)
from searchsvc.engines.opensearch.texts import NOTHING, Query, any_of
from searchsvc.engines.records import searched_text
from searchsvc.engines.scoring import RankedTerm, Scoring, searched, text_fields
from searchsvc.equivalents import Unit, units
from searchsvc.equivalents.numbers import at_its_edges
from searchsvc.query.tree import (
    And,
    Everything,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Range,
    TextLeaf,
    Wildcard,
    Words,
)
from searchsvc.query.wildcards import not_before, wildcard_expression
from searchsvc.ranking import RANKING
from searchsvc.schema import DATE, KEYWORD_FIELD

Holds: TypeAlias = Callable[[Article], bool]

EVERYTHING: Query = {"bool": {"filter": [{"match_all": {}}]}}
"""Every document, without a score."""


class Verifier(Protocol):
    """Tells which documents of a query hold what only their articles can tell."""

    def __call__(self, candidates: Query, holds: Holds) -> list[str]:
        """The ids of those of the candidates whose article holds it. Raises QueryCostError."""


class Translator:
    """Translates trees for one analyzer."""

    def __init__(self, analyzer: Analyzer, *, times_k1: bool) -> None:
        """``times_k1``: the cluster's BM25 multiplies by k1 + 1 (OpenSearch before 3, with Lucene's
        ``LegacyBM25Similarity``); boosts take that back."""
        self._analyzer = analyzer
        self._times_k1 = times_k1
        self._scoring = Scoring(analyzer)

    def query(self, node: Node, verify: Verifier) -> Query:
        """The query of a tree."""
        match node:
            case Everything():
                return EVERYTHING
            case Range(low, high):
                return _filtered(dates(low, high))
            case Not(child):
                return {"bool": {**EVERYTHING["bool"], "must_not": [self.query(child, verify)]}}
            case And(children):
                found = [self.query(child, verify) for child in children]
                crossings = self.scored(self._scoring.crossings(children))
                return {"bool": {"must": found, "should": crossings, "minimum_should_match": 0}}
            case Or(children):
                found = [self.query(child, verify) for child in children]
                if any(isinstance(child, Words) and child.any_word for child in children):
                    found += self.scored(self._scoring.crossings(children))
                return any_of(found)
            case Words() | Phrase() | Near() | Wildcard():
                return self._leaf(node, verify)

    def holding(self, text: str) -> Query:
        """Documents in which a text stands, without a score."""
        return self._found(Phrase(text), _nothing_to_verify)

    def scored(self, terms: Iterable[RankedTerm]) -> list[Query]:
        """What terms add: by all of their fields together, and by the title once more."""
        return [query for term in terms for query in self._scored(term)]

    def term(self, term: RankedTerm) -> Query:
        """What a term adds by all of its fields together."""
        scope = ALL if len(term.fields) > 1 else term.fields[0]
        return self._ranked(scope, term, 1.0)

    def _scored(self, term: RankedTerm) -> list[Query]:
        found = [self.term(term)]
        if "title" in term.fields:
            found.append(self._ranked(HEADING, term, RANKING.title.weight))
        return found

    def _ranked(self, scope: str, term: RankedTerm, weight: float) -> Query:
        boost = term.boost * RANKING.analyses[term.analysis].weight * weight
        if self._times_k1:
            boost /= k1(scope, term.analysis) * SCALE + 1
        field = ranking_field(scope, term.analysis)
        return {"term": {field: {"value": term.text, "boost": boost}}}

    def _leaf(self, leaf: TextLeaf, verify: Verifier) -> Query:
        if leaf.field in KEYWORD_FIELD:
            return _filtered(_keyword(leaf))
        terms = self.scored(self._scoring.terms(leaf))
        if isinstance(leaf, Words) and leaf.any_word and terms:
            return any_of(terms)
        found = self._literally_found(leaf, verify) if leaf.literal else self._found(leaf, verify)
        return {"bool": {"filter": [found], "should": terms, "minimum_should_match": 0}}

    def _found(self, leaf: TextLeaf, verify: Verifier) -> Query:
        fields = text_fields(leaf)
        match leaf:
            case Phrase(text, spellings=spellings):
                return any_of([texts.phrase(t, fields) for t in (searched(text), *spellings)])
            case Near(near_texts, distance):
                return texts.near(list(map(searched, near_texts)), distance, fields)
            case Wildcard(pattern):
                return _pattern(searched(pattern).strip("*"), fields, verify)
            case Words(any_word=any_word):
                found = [_unit(unit, fields) for unit in units(leaf, self._analyzer)]
                return any_of(found) if any_word else _all(found)

    def _literally_found(self, leaf: TextLeaf, verify: Verifier) -> Query:
        """Of what folding finds, the documents where the texts stand as they were typed."""
        whole = Phrase(leaf.text, leaf.field) if isinstance(leaf, Words) else leaf
        has_text = any(map(searched, self._scoring.texts(leaf)))
        found = self._candidates(whole) if has_text else EVERYTHING
        return ids(verify(found, is_literally_in(leaf, text_fields(leaf))))

    def _candidates(self, leaf: TextLeaf) -> Query:
        if isinstance(leaf, Wildcard):
            return texts.pattern(searched(leaf.pattern).strip("*"), text_fields(leaf))
        return self._found(leaf, _nothing_to_verify)


def narrowing(search: Search) -> list[Query]:
    """The queries of a search's filters and dates."""
    clauses: list[Query] = [
        {"terms": {field: list(values)}} for field, values in search.filters.items()
    ]
    if search.date_from is not None or search.date_to is not None:
        clauses.append(dates(search.date_from, search.date_to))
    return clauses


def dates(low: object, high: object) -> Query:
    """Documents with a date in the range, both ends inclusive; None leaves an end open."""
    bounds = {name: str(day) for name, day in (("gte", low), ("lte", high)) if day is not None}
    return {"range": {DATE: bounds}} if bounds else {"exists": {"field": DATE}}


def ids(found: Sequence[str]) -> Query:
    """The documents with these ids."""
    return {"ids": {"values": list(found)}} if found else NOTHING


def _nothing_to_verify(candidates: Query, holds: Holds) -> list[str]:
    raise AssertionError("texts are found by tokens alone")


def _pattern(pattern: str, fields: Sequence[str], verify: Verifier) -> Query:
    """Documents with a text that the pattern describes in one of the fields.

    A single text is found by its tokens; a Latin word must begin where it does.
    """
    if not re.search(r"[*?]", pattern):
        return texts.bounded(pattern, not_before(pattern), "", fields)
    expression = wildcard_expression(pattern)

    def holds(article: Article) -> bool:
        return any(expression.search(searched_text(article, field)) for field in fields)

    return ids(verify(texts.pattern(pattern, fields), holds))


def _unit(unit: Unit, fields: Sequence[str]) -> Query:
    """All words of a unit, or one of its equivalents with whole numbers at its edges."""
    words = _all([texts.phrase(word, fields) for word in unit.words])
    bounded = [texts.bounded(text, *at_its_edges(text), fields) for text in unit.equivalents]
    return any_of([words, *bounded])


def _all(queries: Sequence[Query]) -> Query:
    if not queries:
        return NOTHING
    return queries[0] if len(queries) == 1 else {"bool": {"filter": list(queries)}}


def _filtered(query: Query) -> Query:
    return {"bool": {"filter": [query]}}


def _keyword(leaf: TextLeaf) -> Query:
    wanted = asked(leaf)
    match wanted.comparison:
        case Comparison.PATTERN:
            pattern = wanted.text.replace("\\", "\\\\")
            return any_of([_matching(name, pattern) for name in wanted.names])
        case Comparison.PART:
            return any_of([_matching(name, f"*{_escaped(wanted.text)}*") for name in wanted.names])
        case Comparison.WHOLE:
            return any_of([{"term": {name: {"value": wanted.text}}} for name in wanted.names])


def _matching(name: str, pattern: str) -> Query:
    return {"wildcard": {name: {"value": pattern}}}


def _escaped(text: str) -> str:
    return re.sub(r"([*?\\])", r"\\\1", text)
