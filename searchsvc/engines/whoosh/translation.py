"""Query trees to Whoosh queries: what a tree finds, and what its text is scored by.

Takes a tree and the analyzer, gives a ``whoosh.query`` tree that ``searchsvc.evaluation`` evaluates.
A text leaf becomes ``AndMaybe(found, scored)``: *found* says which documents hold the text, exactly
and without a score; *scored* adds BM25F over its words and bigrams for those. Bare texts side by side
add the bigrams that cross from one to the next. Nothing else scores.
Called by the engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import translate as fnmatch_expression

from whoosh import query as wq

from searchsvc.analysis import Analyzer
from searchsvc.engines.contract import Search
from searchsvc.engines.keywords import Comparison, asked
from searchsvc.engines.literal import is_literally_in
from searchsvc.engines.scoring import RankedTerm, Scoring, searched, text_fields
from searchsvc.engines.whoosh.layout import DATE_COLUMN
from searchsvc.engines.whoosh.patterns import pattern_query, verified
from searchsvc.equivalents import Unit, units
from searchsvc.equivalents.numbers import at_its_edges
from searchsvc.evaluation import BoundedPhrase, CharacterNear, CharacterPhrase, CombinedTerm
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
from searchsvc.ranking import LEAD, RANKING, Ranking
from searchsvc.schema import KEYWORD_FIELD

_NO_SCORE = 0.0


class Translator:
    """Translates trees for one analyzer and one ranking."""

    def __init__(self, analyzer: Analyzer, ranking: Ranking = RANKING) -> None:
        self._analyzer = analyzer
        self._ranking = ranking
        self._scoring = Scoring(analyzer, ranking)

    def query(self, node: Node) -> wq.Query:
        """The Whoosh query of a tree."""
        match node:
            case Everything():
                return wq.Every(boost=_NO_SCORE)
            case Range(low, high):
                return _unscored(_dates(low, high))
            case Not(child):
                return _unscored(wq.Not(self.query(child)))
            case And(children):
                found = wq.And([self.query(child) for child in children])
                crossings = self._all_scored(self._scoring.crossings(children))
                return wq.AndMaybe(found, wq.Or(crossings)) if crossings else found
            case Or(children):
                relaxed = any(isinstance(c, Words) and c.any_word for c in children)
                crossings = self._all_scored(self._scoring.crossings(children)) if relaxed else []
                return wq.Or([*(self.query(child) for child in children), *crossings])
            case Words() | Phrase() | Near() | Wildcard():
                return self._leaf(node)

    def narrowing(self, search: Search) -> wq.Query | None:
        """The query of a search's filters and dates; None where it has neither."""
        clauses = [
            _any([wq.Term(field, value) for value in values])
            for field, values in search.filters.items()
        ]
        if search.date_from is not None or search.date_to is not None:
            clauses.append(_dates(search.date_from, search.date_to))
        return wq.And(clauses) if clauses else None

    def term(self, text: str, analysis: str, boost: float = 1.0) -> CombinedTerm:
        """A word or bigram, looked for in all text fields."""
        return next(self._scored(RankedTerm(text, analysis, boost=boost)))

    def _all_scored(self, terms: Iterable[RankedTerm]) -> list[CombinedTerm]:
        return [scored for term in terms for scored in self._scored(term)]

    def _scored(self, ranked: RankedTerm) -> Iterator[CombinedTerm]:
        """What a term adds: by all of the fields together, and by the title once more."""
        analysis, names = ranked.analysis, ranked.fields
        boost = ranked.boost * self._ranking.analyses[analysis].weight
        with_lead = (*names, LEAD) if "body" in names else names
        fields = {
            f"{n}_{analysis}": (r.weight, r.b)
            for n, r in self._ranking.fields.items()
            if n in with_lead
        }
        yield CombinedTerm(ranked.text, fields, boost, self._ranking.analyses[analysis].k1)
        if "title" in names:
            title = self._ranking.title
            fields = {f"title_{analysis}": (1.0, title.b)}
            yield CombinedTerm(ranked.text, fields, boost * title.weight, title.k1)

    def _leaf(self, leaf: TextLeaf) -> wq.Query:
        if leaf.field in KEYWORD_FIELD:
            return _unscored(_keyword(leaf))
        terms = self._all_scored(self._scoring.terms(leaf))
        if isinstance(leaf, Words) and leaf.any_word and terms:
            return wq.Or(terms)
        found = self._literally_found(leaf) if leaf.literal else self._found(leaf)
        return wq.AndMaybe(found, wq.Or(terms)) if terms else found

    def _found(self, leaf: TextLeaf) -> wq.Query:
        fields = [f"{name}_bigrams" for name in text_fields(leaf)]
        match leaf:
            case Phrase(text, spellings=spellings):
                texts = (searched(text), *spellings)
                return _any([CharacterPhrase(t, fields, _NO_SCORE) for t in texts])
            case Near(texts, distance):
                return CharacterNear([searched(t) for t in texts], distance, fields, _NO_SCORE)
            case Wildcard(pattern):
                return pattern_query(searched(pattern).strip("*"), text_fields(leaf))
            case Words(any_word=any_word):
                found = [_unit(unit, fields) for unit in units(leaf, self._analyzer)]
                return _any(found) if any_word else wq.And(found)

    def _literally_found(self, leaf: TextLeaf) -> wq.Query:
        """Of what folding finds, the documents where the texts stand as they were typed."""
        whole = Phrase(leaf.text, leaf.field) if isinstance(leaf, Words) else leaf
        found = self._found(whole) if any(map(searched, self._scoring.texts(leaf))) else wq.Every()
        holds = is_literally_in(leaf, text_fields(leaf))
        return verified(found, holds, ("literal", leaf))


def _unit(unit: Unit, fields: Sequence[str]) -> wq.Query:
    """All words of a unit, or one of its equivalents with whole numbers at its edges."""
    words = wq.And([CharacterPhrase(word, fields, _NO_SCORE) for word in unit.words])
    bounded = [
        BoundedPhrase(text, *at_its_edges(text), fields, _NO_SCORE) for text in unit.equivalents
    ]
    return _any([words, *bounded])


def _any(queries: Sequence[wq.Query]) -> wq.Query:
    return queries[0] if len(queries) == 1 else wq.Or(queries)


def _unscored(query: wq.Query) -> wq.Query:
    return wq.ConstantScoreQuery(query, _NO_SCORE)


def _dates(low: object, high: object) -> wq.Query:
    """Documents with a date in the range, both ends inclusive; None leaves an end open."""
    first, last = (None if day is None else day.toordinal() for day in (low, high))  # type: ignore[attr-defined]
    return wq.NumericRange(DATE_COLUMN, first or 1, last, boost=_NO_SCORE)


def _keyword(leaf: TextLeaf) -> wq.Query:
    wanted = asked(leaf)
    match wanted.comparison:
        case Comparison.PATTERN:
            pattern = fnmatch_expression(wanted.text.replace("[", "[[]"))
            return wq.Or([wq.Regex(name, pattern) for name in wanted.names])
        case Comparison.PART:
            part = f"(?s:.*{re.escape(wanted.text)})"
            return wq.Or([wq.Regex(name, part) for name in wanted.names])
        case Comparison.WHOLE:
            return wq.Or([wq.Term(name, wanted.text) for name in wanted.names])
