"""Evaluates a query tree: which documents it finds, and how they score.

Every node gives, per segment, a mask of its documents and their scores; the tree is walked once.
Called by the engine. A text leaf scores only the documents that it finds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from functools import reduce
from operator import and_, or_
from typing import NamedTuple

import numpy as np

from searchsvc.analysis import Analyzer, compact
from searchsvc.analysis.ngrams import bigram_terms
from searchsvc.engines.whoosh.containment import (
    containing,
    containing_near,
    containing_pattern,
)
from searchsvc.engines.whoosh.ranking import RankedTerm, Ranking, Scores
from searchsvc.engines.whoosh.segment import Mask, Segment
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
from searchsvc.schema import KEYWORD_FIELD, KIND_NAMES, TEXT_FIELD, TEXT_FIELDS
from searchsvc.text import fold_text

ALL_TEXT_FIELDS = tuple(field.name for field in TEXT_FIELDS)


class Evaluation(NamedTuple):
    """Per segment: the documents found, and the scores of all documents (None: all zero)."""

    masks: list[Mask]
    scores: list[Scores] | None


class Evaluator:
    """Evaluates trees over the segments of one index version."""

    def __init__(self, segments: Sequence[Segment], analyzer: Analyzer) -> None:
        self._segments = segments
        self._analyzer = analyzer
        self.ranking = Ranking(segments)

    def evaluate(self, node: Node) -> Evaluation:
        """The documents of the tree, deleted ones never among them, and their scores."""
        match node:
            case Everything():
                return Evaluation([s.live for s in self._segments], None)
            case Range():
                return Evaluation([_in_range(s, node) for s in self._segments], None)
            case Not(child):
                found = self.evaluate(child).masks
                return Evaluation(
                    [s.live & ~m for s, m in zip(self._segments, found, strict=True)], None
                )
            case And(children):
                return self._combined(children, and_)
            case Or(children):
                return self._combined(children, or_)
            case Words() | Phrase() | Near() | Wildcard():
                return self._leaf(node)

    def ranked_terms(self, leaf: TextLeaf) -> list[RankedTerm]:
        """What a leaf is scored by; nothing for a keyword field."""
        if leaf.field in KEYWORD_FIELD:
            return []
        fields = (leaf.field,) if leaf.field in TEXT_FIELD else ALL_TEXT_FIELDS
        terms: dict[RankedTerm, None] = {}
        for text in _texts(leaf):
            folded = fold_text(text)
            for word in self._analyzer.word_counts(folded):
                terms[RankedTerm(word, "words", fields, leaf.boost)] = None
            for bigram in bigram_terms(folded):
                terms[RankedTerm(bigram, "bigrams", fields, leaf.boost)] = None
        return list(terms)

    def _combined(
        self, children: Sequence[Node], operation: Callable[[Mask, Mask], Mask]
    ) -> Evaluation:
        parts = [self.evaluate(child) for child in children]
        masks = [
            reduce(operation, column) for column in zip(*(p.masks for p in parts), strict=True)
        ]
        scored = [p.scores for p in parts if p.scores is not None]
        totals = [np.sum(column, axis=0) for column in zip(*scored, strict=True)]
        return Evaluation(masks, totals if scored else None)

    def _leaf(self, leaf: TextLeaf) -> Evaluation:
        masks = [self._found(segment, leaf) for segment in self._segments]
        terms = self.ranked_terms(leaf)
        if not terms:
            return Evaluation(masks, None)
        scores = self.ranking.scores(terms)
        return Evaluation(masks, [np.where(m, s, 0.0) for m, s in zip(masks, scores, strict=True)])

    def _found(self, segment: Segment, leaf: TextLeaf) -> Mask:
        if leaf.field in KEYWORD_FIELD:
            return _with_keyword(segment, leaf)
        fields = (leaf.field,) if leaf.field in TEXT_FIELD else ALL_TEXT_FIELDS
        match leaf:
            case Phrase(text):
                return containing(segment, fields, _compact(text))
            case Near(texts, distance):
                wanted = [_compact(text) for text in texts]
                return containing_near(segment, fields, wanted, distance)
            case Wildcard(pattern):
                return containing_pattern(segment, fields, _compact(pattern).strip("*"))
            case Words(text, any_word=any_word):
                masks = [containing(segment, fields, word) for word in self.query_words(text)]
                return reduce(or_ if any_word else and_, masks)

    def query_words(self, text: str) -> list[str]:
        """The words that a bare text asks for; a text without any stands for itself."""
        folded = fold_text(text)
        return list(dict.fromkeys(self._analyzer.words(folded))) or [_compact(text)]


def _compact(text: str) -> str:
    return compact(fold_text(text)).replace("\n", "")


def _texts(leaf: TextLeaf) -> tuple[str, ...]:
    match leaf:
        case Near(texts):
            return texts
        case Wildcard(pattern):
            return tuple(part for part in pattern.replace("?", "*").split("*") if part)
        case Words(text) | Phrase(text):
            return (text,)


def _in_range(segment: Segment, span: Range) -> Mask:
    days = segment.info["date"]
    mask = segment.live & (days > 0)
    if span.low is not None:
        mask &= days >= span.low.toordinal()
    if span.high is not None:
        mask &= days <= span.high.toordinal()
    return mask


def _with_keyword(segment: Segment, leaf: TextLeaf) -> Mask:
    field = KEYWORD_FIELD[leaf.field or ""]
    if isinstance(leaf, Wildcard):
        pattern = fold_text(leaf.pattern).replace("[", "[[]")
        return segment.values_like(field.name, lambda value: fnmatchcase(value, pattern))
    text = leaf.text if isinstance(leaf, Words | Phrase) else " ".join(leaf.texts)
    wanted = fold_text(KIND_NAMES.get(text, text) if field.name == "kind" else text)
    if field.partial:
        return segment.values_like(field.name, lambda value: wanted in value)
    return segment.values_like(field.name, lambda value: value == wanted)
