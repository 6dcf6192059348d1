"""Where a query stands in an article: exact offsets into the original text.

Takes an article and a query tree, gives ``Match`` objects that do not overlap within a text. The
text is folded as the index folds it; offsets go back through the fold's own map, so that the marked
original, folded again, is what was asked for, or an equivalent of it. Literal texts are found in the
original itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from searchsvc.analysis import Analyzer, compact
from searchsvc.articles import Article
from searchsvc.deadlines import check
from searchsvc.equivalents import units
from searchsvc.equivalents.numbers import at_its_edges
from searchsvc.query.tree import Near, Node, Phrase, TextLeaf, Wildcard, Words, text_leaves
from searchsvc.query.wildcards import wildcard_expression
from searchsvc.results import Match
from searchsvc.schema import KEYWORD_FIELD, TEXT_FIELD
from searchsvc.text import Folded, fold_all, fold_text

_PEOPLE_FIELDS = ("person", "reporter", "correspondent", "photographer", "author", "editor")


@dataclass(frozen=True, slots=True)
class Needle:
    """An expression over folded, compact text, or over the text itself where it is ``literal``.

    ``field`` None means every text field. ``within`` is a part of all that it matches.
    """

    expression: re.Pattern[str]
    field: str | None
    within: str = ""
    literal: bool = False


def needles_of(tree: Node, analyzer: Analyzer) -> tuple[Needle, ...]:
    """What to look for in articles that a tree finds."""
    return tuple(n for leaf in text_leaves(tree) for n in _needles(leaf, analyzer))


def find_matches(article: Article, needles: Sequence[Needle]) -> tuple[Match, ...]:
    """All matches: title, kicker, subtitle, byline, then the body's paragraphs in order."""
    heads = (
        ("title", "title", article.title),
        ("kicker", "kicker", article.kicker),
        ("kicker", "subtitle", article.subtitle),
        ("byline", "byline", article.byline),
    )
    bodies = [paragraph.text for paragraph in article.body]
    folded = iter(fold_all([*(text for _, _, text in heads), *bodies]))
    found = [
        Match(name, start, end)
        for field, name, text in heads
        for start, end in _spans(text, next(folded), field, needles)
    ]
    for number, paragraph in enumerate(article.body):
        check()
        found += [
            Match("body", start, end, number, paragraph.lines)
            for start, end in _spans(paragraph.text, next(folded), "body", needles)
        ]
    return tuple(found)


def _needles(leaf: TextLeaf, analyzer: Analyzer) -> Iterator[Needle]:
    field = leaf.field
    if field in _PEOPLE_FIELDS:
        field = "byline"
    elif field in KEYWORD_FIELD or (field is not None and field not in TEXT_FIELD):
        return
    if isinstance(leaf, Wildcard):
        pattern = leaf.pattern if leaf.literal else compact(fold_text(leaf.pattern))
        yield Needle(wildcard_expression(pattern.strip("*")), field, literal=leaf.literal)
    elif leaf.literal:
        for text in leaf.texts if isinstance(leaf, Near) else (leaf.text,):
            yield Needle(re.compile(re.escape(text)), field, text, literal=True)
    else:
        for text in _texts(leaf, analyzer):
            if wanted := compact(fold_text(text)).replace("\n", ""):
                yield Needle(re.compile(re.escape(wanted)), field, wanted)
        for text in _equivalents(leaf):
            before, after = at_its_edges(text)
            expression = _not("?<!", before) + re.escape(text) + _not("?!", after)
            yield Needle(re.compile(expression), field, text)


def _texts(leaf: Words | Phrase | Near, analyzer: Analyzer) -> Sequence[str]:
    match leaf:
        case Words():
            return _word_literals(leaf, analyzer)
        case Phrase(text, spellings=spellings):
            return (text, *spellings)
        case Near(texts):
            return texts


def _word_literals(leaf: Words, analyzer: Analyzer) -> list[str]:
    """The whole text and its words; a single character only where there is nothing longer."""
    words = [word for unit in units(leaf, analyzer) for word in unit.words]
    longer = [word for word in words if len(word) > 1]
    return [leaf.text, *(longer or words)]


def _equivalents(leaf: TextLeaf) -> Iterator[str]:
    if isinstance(leaf, Words):
        for place in leaf.equivalents:
            yield from place.texts


def _not(assertion: str, chars: str) -> str:
    return f"({assertion}[{chars}])" if chars else ""


def _spans(
    text: str, folded: Folded, field: str, needles: Iterable[Needle]
) -> list[tuple[int, int]]:
    """The needles' ranges in the original text, merged where they overlap, ascending."""
    if not text:
        return []
    searched = compact(folded.text)
    ranges: list[tuple[int, int]] = []
    compacted: list[tuple[int, int]] = []
    for needle in needles:
        within = text if needle.literal else searched
        if needle.field in (None, field) and needle.within in within:
            spans = (found.span() for found in needle.expression.finditer(within))
            (ranges if needle.literal else compacted).extend((a, b) for a, b in spans if a < b)
    if compacted:
        standing: Sequence[int] = range(len(searched))
        if len(searched) < len(folded.text):
            standing = [i for i, char in enumerate(folded.text) if char != " "]
        ranges += [folded.original(standing[a], standing[b - 1] + 1) for a, b in compacted]
    ranges.sort()
    merged: list[tuple[int, int]] = []
    for start, end in ranges:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
