"""What a bare text asks for, piece by piece: its words, and what is as good as some of them.

Called by the engines (what must be found), highlights (what is marked) and the service (how many
words there are).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from searchsvc.analysis import Analyzer, compact
from searchsvc.query.tree import Words
from searchsvc.text import fold_text


class Unit(NamedTuple):
    """Words that must all be found, and texts of which one is as good as all of them."""

    words: tuple[str, ...]
    equivalents: tuple[str, ...] = ()


def units(leaf: Words, analyzer: Analyzer) -> list[Unit]:
    """The units of a leaf in order, ``ignored`` words left out, each only once.

    A text without any words stands for itself.
    """
    folded = fold_text(leaf.text)
    spans = word_spans(analyzer.query_words(folded), folded)
    if not spans:
        return [Unit((compact(folded).replace("\n", ""),))]
    found: dict[Unit, None] = {}
    position = 0
    for place in leaf.equivalents:
        found |= _single(spans, position, place.start, folded, leaf.ignored)
        words = tuple(folded[s:e] for s, e in spans if place.start <= s and e <= place.end)
        found[Unit(words, place.texts)] = None
        position = place.end
    found |= _single(spans, position, len(folded), folded, leaf.ignored)
    return list(found)


def word_spans(words: Sequence[str], folded: str) -> list[tuple[int, int]]:
    """Where words stand that are in the text in this order."""
    spans = []
    position = 0
    for word in words:
        start = folded.index(word, position)
        position = start + len(word)
        spans.append((start, position))
    return spans


def _single(
    spans: Sequence[tuple[int, int]], start: int, end: int, folded: str, ignored: frozenset[str]
) -> dict[Unit, None]:
    words = (folded[s:e] for s, e in spans if start <= s and e <= end)
    return {Unit((word,)): None for word in words if word not in ignored}
