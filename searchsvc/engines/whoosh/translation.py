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
from itertools import pairwise

from whoosh import query as wq

from searchsvc.analysis import Analyzer, bigram_terms, compact
from searchsvc.engines.contract import Search
from searchsvc.engines.literal import is_literally_in
from searchsvc.engines.whoosh.layout import DATE_COLUMN, folded_field
from searchsvc.engines.whoosh.patterns import pattern_query
from searchsvc.engines.whoosh.verified import VerifiedQuery
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
from searchsvc.schema import KEYWORD_FIELD, KIND_NAMES, TEXT_FIELD, TEXT_FIELDS
from searchsvc.text import fold_text

ALL_TEXT_FIELDS = tuple(field.name for field in TEXT_FIELDS)
_NO_SCORE = 0.0


class Translator:
    """Translates trees for one analyzer and one ranking."""

    def __init__(self, analyzer: Analyzer, ranking: Ranking = RANKING) -> None:
        self._analyzer = analyzer
        self._ranking = ranking

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
                crossings = self._crossings(children)
                return wq.AndMaybe(found, wq.Or(crossings)) if crossings else found
            case Or(children):
                relaxed = any(isinstance(c, Words) and c.any_word for c in children)
                crossings = self._crossings(children) if relaxed else []
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

    def scored_terms(self, leaf: TextLeaf) -> list[CombinedTerm]:
        """What a leaf is scored by; nothing for a keyword field.

        An equivalent with more terms than what it stands for weighs no more than that.
        """
        if leaf.field in KEYWORD_FIELD:
            return []
        terms = dict.fromkeys(self._terms(self._texts(leaf)), 1.0)
        typed = set(terms)
        for own, text in _equivalents(leaf):
            others = set(self._terms([text]))
            share = min(1.0, len(set(self._terms([own]))) / max(1, len(others)))
            for term in sorted(others - typed):
                terms[term] = max(terms.get(term, 0.0), self._ranking.equivalents * share)
        names = _text_fields(leaf)
        return [
            scored
            for (term, analysis), weight in terms.items()
            for scored in self._scored(term, analysis, names, leaf.boost * weight)
        ]

    def term(self, text: str, analysis: str, boost: float = 1.0) -> CombinedTerm:
        """A word or bigram, looked for in all text fields."""
        return next(self._scored(text, analysis, ALL_TEXT_FIELDS, boost))

    def _terms(self, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
        """(term, analysis) of folded texts."""
        for folded in texts:
            yield from ((word, "words") for word in self._analyzer.word_terms(folded))
            yield from ((pair, "bigrams") for pair in bigram_terms(folded))

    def _texts(self, leaf: TextLeaf) -> list[str]:
        """The folded texts that a leaf is scored by."""
        match leaf:
            case Words(ignored=ignored) if ignored:
                return [word for unit in units(leaf, self._analyzer) for word in unit.words]
            case Near(texts):
                return list(map(fold_text, texts))
            case Wildcard(pattern):
                return [fold_text(p) for p in pattern.replace("?", "*").split("*") if p]
            case Words(text) | Phrase(text):
                return [fold_text(text)]

    def _crossings(self, children: Sequence[Node]) -> list[CombinedTerm]:
        """The bigrams that cross from a text to the next, of those that no text holds itself.

        Two words that a reader puts side by side often stand so in a headline.
        """
        texts = [c if isinstance(c, Words | Phrase) and c.field is None else None for c in children]
        folded = [compact(fold_text(c.text)) if c else "" for c in texts]
        pairs: dict[str, float] = {}
        for (a, first), (b, second) in pairwise(zip(texts, folded, strict=True)):
            if a and b:
                pairs |= dict.fromkeys(bigram_terms(first[-1:] + second[:1]), min(a.boost, b.boost))
        for text in folded:
            for pair in bigram_terms(text):
                pairs.pop(pair, None)
        weight = self._ranking.crossing
        return [
            scored
            for pair, boost in pairs.items()
            for scored in self._scored(pair, "bigrams", ALL_TEXT_FIELDS, boost * weight)
        ]

    def _scored(
        self, term: str, analysis: str, names: Sequence[str], boost: float
    ) -> Iterator[CombinedTerm]:
        """What a term adds: by all of the fields together, and by the title once more."""
        boost *= self._ranking.analyses[analysis].weight
        with_lead = (*names, LEAD) if "body" in names else names
        fields = {
            f"{n}_{analysis}": (r.weight, r.b)
            for n, r in self._ranking.fields.items()
            if n in with_lead
        }
        yield CombinedTerm(term, fields, boost, self._ranking.analyses[analysis].k1)
        if "title" in names:
            title = self._ranking.title
            fields = {f"title_{analysis}": (1.0, title.b)}
            yield CombinedTerm(term, fields, boost * title.weight, title.k1)

    def _leaf(self, leaf: TextLeaf) -> wq.Query:
        if leaf.field in KEYWORD_FIELD:
            return _unscored(_keyword(leaf))
        terms = self.scored_terms(leaf)
        if isinstance(leaf, Words) and leaf.any_word and terms:
            return wq.Or(terms)
        found = self._literally_found(leaf) if leaf.literal else self._found(leaf)
        return wq.AndMaybe(found, wq.Or(terms)) if terms else found

    def _found(self, leaf: TextLeaf) -> wq.Query:
        fields = [f"{name}_bigrams" for name in _text_fields(leaf)]
        match leaf:
            case Phrase(text, spellings=spellings):
                texts = (_compact(text), *spellings)
                return _any([CharacterPhrase(t, fields, _NO_SCORE) for t in texts])
            case Near(texts, distance):
                return CharacterNear([_compact(t) for t in texts], distance, fields, _NO_SCORE)
            case Wildcard(pattern):
                return pattern_query(_compact(pattern).strip("*"), _text_fields(leaf))
            case Words(any_word=any_word):
                found = [_unit(unit, fields) for unit in units(leaf, self._analyzer)]
                return _any(found) if any_word else wq.And(found)

    def _literally_found(self, leaf: TextLeaf) -> wq.Query:
        """Of what folding finds, the documents where the texts stand as they were typed."""
        whole = Phrase(leaf.text, leaf.field) if isinstance(leaf, Words) else leaf
        found = self._found(whole) if any(map(_compact, self._texts(leaf))) else wq.Every()
        holds = is_literally_in(leaf, _text_fields(leaf))
        return VerifiedQuery(found, holds, ("literal", leaf))


def _text_fields(leaf: TextLeaf) -> Sequence[str]:
    return (leaf.field,) if leaf.field in TEXT_FIELD else ALL_TEXT_FIELDS


def _unit(unit: Unit, fields: Sequence[str]) -> wq.Query:
    """All words of a unit, or one of its equivalents with whole numbers at its edges."""
    words = wq.And([CharacterPhrase(word, fields, _NO_SCORE) for word in unit.words])
    bounded = [
        BoundedPhrase(text, *at_its_edges(text), fields, _NO_SCORE) for text in unit.equivalents
    ]
    return _any([words, *bounded])


def _equivalents(leaf: TextLeaf) -> Iterator[tuple[str, str]]:
    """(folded text of the query, what it also stands for)."""
    match leaf:
        case Words(text, equivalents=equivalents):
            folded = fold_text(text)
            for place in equivalents:
                yield from ((folded[place.start : place.end], other) for other in place.texts)
        case Phrase(text, spellings=spellings):
            yield from ((fold_text(text), other) for other in spellings)


def _compact(text: str) -> str:
    return compact(fold_text(text)).replace("\n", "")


def _any(queries: Sequence[wq.Query]) -> wq.Query:
    return queries[0] if len(queries) == 1 else wq.Or(queries)


def _unscored(query: wq.Query) -> wq.Query:
    return wq.ConstantScoreQuery(query, _NO_SCORE)


def _dates(low: object, high: object) -> wq.Query:
    """Documents with a date in the range, both ends inclusive; None leaves an end open."""
    first, last = (None if day is None else day.toordinal() for day in (low, high))  # type: ignore[attr-defined]
    return wq.NumericRange(DATE_COLUMN, first or 1, last, boost=_NO_SCORE)


def _keyword(leaf: TextLeaf) -> wq.Query:
    """Values are compared folded, unless literal ones are asked for; those of a partial field need only
    contain what is asked for.

    A value that folding leaves as it is stands in the field itself alone.
    """
    field = KEYWORD_FIELD[leaf.field or ""]
    names = (field.name,) if leaf.literal else (field.name, folded_field(field.name))
    fold = str if leaf.literal else fold_text
    if isinstance(leaf, Wildcard):
        pattern = fold(leaf.pattern).replace("[", "[[]")
        return wq.Or([wq.Regex(name, fnmatch_expression(pattern)) for name in names])
    text = " ".join(leaf.texts) if isinstance(leaf, Near) else leaf.text
    wanted = fold(KIND_NAMES.get(text, text) if field.name == "kind" else text)
    if field.partial:
        return wq.Or([wq.Regex(name, f"(?s:.*{re.escape(wanted)})") for name in names])
    return wq.Or([wq.Term(name, wanted) for name in names])
