"""What a tree is scored by: words and bigrams with their weights, the same for every engine.

Takes leaves of a tree, gives ``RankedTerm``; each engine turns these into queries of its own. Bare texts
side by side add the bigrams that cross from one to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from searchsvc.analysis import Analyzer, bigram_terms, compact
from searchsvc.equivalents import units
from searchsvc.query.tree import Near, Node, Phrase, TextLeaf, Wildcard, Words
from searchsvc.ranking import RANKING, Ranking
from searchsvc.schema import KEYWORD_FIELD, TEXT_FIELD, TEXT_FIELDS
from searchsvc.text import fold_text

ALL_TEXT_FIELDS = tuple(field.name for field in TEXT_FIELDS)


@dataclass(frozen=True, slots=True)
class RankedTerm:
    """A word or bigram (``analysis`` says which), looked for in some text fields.

    ``boost`` is what the query gives it; the weight of its analysis is not in it.
    """

    text: str
    analysis: str
    fields: tuple[str, ...] = ALL_TEXT_FIELDS
    boost: float = 1.0


class Scoring:
    """Finds what leaves are scored by, for one analyzer and one ranking."""

    def __init__(self, analyzer: Analyzer, ranking: Ranking = RANKING) -> None:
        self._analyzer = analyzer
        self._ranking = ranking

    def terms(self, leaf: TextLeaf) -> list[RankedTerm]:
        """What a leaf is scored by; nothing for a keyword field.

        An equivalent with more terms than what it stands for weighs no more than that.
        """
        if leaf.field in KEYWORD_FIELD:
            return []
        terms = dict.fromkeys(self._terms(self.texts(leaf)), 1.0)
        typed = set(terms)
        for own, text in _equivalents(leaf):
            others = set(self._terms([text]))
            share = min(1.0, len(set(self._terms([own]))) / max(1, len(others)))
            for term in sorted(others - typed):
                terms[term] = max(terms.get(term, 0.0), self._ranking.equivalents * share)
        fields = text_fields(leaf)
        return [
            RankedTerm(term, analysis, fields, leaf.boost * weight)
            for (term, analysis), weight in terms.items()
        ]

    def texts(self, leaf: TextLeaf) -> list[str]:
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

    def crossings(self, children: Sequence[Node]) -> list[RankedTerm]:
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
            RankedTerm(pair, "bigrams", ALL_TEXT_FIELDS, boost * weight)
            for pair, boost in pairs.items()
        ]

    def _terms(self, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
        """(term, analysis) of folded texts."""
        for folded in texts:
            yield from ((word, "words") for word in self._analyzer.word_terms(folded))
            yield from ((pair, "bigrams") for pair in bigram_terms(folded))


def text_fields(leaf: TextLeaf) -> tuple[str, ...]:
    """The text fields that a leaf asks."""
    return (leaf.field,) if leaf.field in TEXT_FIELD else ALL_TEXT_FIELDS


def searched(text: str) -> str:
    """A text as it is looked for: folded, without spaces and line ends."""
    return compact(fold_text(text)).replace("\n", "")


def _equivalents(leaf: TextLeaf) -> Iterator[tuple[str, str]]:
    """(folded text of the query, what it also stands for)."""
    match leaf:
        case Words(text, equivalents=equivalents):
            folded = fold_text(text)
            for place in equivalents:
                yield from ((folded[place.start : place.end], other) for other in place.texts)
        case Phrase(text, spellings=spellings):
            yield from ((fold_text(text), other) for other in spellings)
