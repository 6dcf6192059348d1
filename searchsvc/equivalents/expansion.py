"""A query tree to one that knows what else its words stand for, with notices that say so.

Bare words stand for their synonyms, for numbers and dates written otherwise, and for the spelling of
the other script; a phrase for that spelling alone, since quotation marks ask for these characters.
Near queries, wildcards and fields of whole values are left as they are. Called by the service.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Final

from searchsvc.analysis import Analyzer, compact
from searchsvc.equivalents.lists import Synonyms, read_stop_words, read_synonyms, spellings
from searchsvc.equivalents.numbers import number_places
from searchsvc.equivalents.place import Place
from searchsvc.equivalents.units import word_spans
from searchsvc.query.tree import (
    And,
    Equivalent,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Wildcard,
    Words,
    bare_leaves,
    text_leaves,
)
from searchsvc.results import Notice
from searchsvc.schema import KEYWORD_FIELD
from searchsvc.text import Folded, fold

MAX_TEXTS: Final = 24
"""Of the texts that are as good as one place of a query, so many are looked for."""
MAX_SPELLINGS: Final = 8
"""Of a phrase."""


class Equivalents:
    """Expands queries. Safe to use from several threads."""

    def __init__(
        self,
        analyzer: Analyzer,
        synonyms: Path | None = None,
        stop_words: Path | None = None,
    ) -> None:
        """Raises SettingsError where a list cannot be read."""
        self._analyzer = analyzer
        self.synonyms: Synonyms = read_synonyms(synonyms) if synonyms else {}
        self.stop_words = read_stop_words(stop_words) if stop_words else frozenset()
        self._longest = max(map(len, self.synonyms), default=0)

    def expand(self, tree: Node) -> tuple[Node, list[Notice]]:
        """The tree with equivalents, and what the reader should know of it, each once."""
        notices: list[Notice] = []
        tree = self._without_stop_words(tree, notices)
        tree = self._expanded(tree, notices)
        return tree, [n for i, n in enumerate(notices) if n not in notices[:i]]

    def _expanded(self, node: Node, notices: list[Notice]) -> Node:
        match node:
            case And(children):
                return And(tuple(self._expanded(child, notices) for child in children))
            case Or(children):
                return Or(tuple(self._expanded(child, notices) for child in children))
            case Not(child):
                return Not(self._expanded(child, notices))
            case Words() | Phrase() if node.field not in KEYWORD_FIELD:
                _tell_folding([node.text], notices)
                expand = self._words if isinstance(node, Words) else self._phrase
                return expand(node, notices)  # type: ignore[arg-type]
            case Near(texts, field=field) if field not in KEYWORD_FIELD:
                _tell_folding(texts, notices)
                return node
            case Wildcard(pattern, field=field) if field not in KEYWORD_FIELD:
                _tell_folding([pattern], notices)
                return node
            case _:
                return node

    def _words(self, node: Words, notices: list[Notice]) -> Words:
        folded = fold(node.text)
        spans = word_spans(self._analyzer.query_words(folded.text), folded.text)
        equivalents: list[Equivalent] = []
        for code, found in (
            ("other_numbers", number_places(folded.text)),
            ("other_spelling", self._spelling_places(folded.text)),
            ("synonyms", self._synonym_places(folded.text)),
        ):
            for place in found:
                _tell(code, node.text, folded, place, notices)
                equivalents.append(_of_whole_words(place, folded.text, spans))
        return replace(node, equivalents=_merged(equivalents, folded.text))

    def _synonym_places(self, folded: str) -> Iterator[Place]:
        """The longest synonyms that begin and end where words do."""
        if not self.synonyms:
            return
        edges = self._analyzer.edges(folded)
        position = 0
        for start in edges:
            if start < position:
                continue
            ends = [end for end in edges if start < end <= start + self._longest]
            for end in reversed(ends):
                if (texts := self.synonyms.get(folded[start:end])) is not None:
                    yield Place(start, end, texts)
                    position = end
                    break

    def _phrase(self, node: Phrase, notices: list[Notice]) -> Phrase:
        folded = fold(node.text)
        pieces: list[Sequence[str]] = []
        position = 0
        for place in self._spelling_places(folded.text):
            _tell("other_spelling", node.text, folded, place, notices)
            pieces += [
                [folded.text[position : place.start]],
                [folded.text[place.start : place.end], *map(_folded, place.texts)],
            ]
            position = place.end
        pieces.append([folded.text[position:]])
        texts = [_compact("".join(chosen)) for chosen in product(*pieces)]
        return replace(node, spellings=tuple(texts[1 : MAX_SPELLINGS + 1]))

    def _spelling_places(self, folded: str) -> Iterator[Place]:
        """Words, or pieces of a single word, that the other script may spell otherwise."""
        known = spellings()
        edges = self._analyzer.edges(folded)
        longest = max(map(len, known))
        position = 0
        while position < len(folded):
            for end in range(min(position + longest, len(folded)), position + 1, -1):
                texts = known.get(folded[position:end])
                if texts is not None and _is_whole(position, end, edges):
                    yield Place(position, end, texts)
                    position = end
                    break
            else:
                position += 1

    def _without_stop_words(self, tree: Node, notices: list[Notice]) -> Node:
        """The tree without them, unless nothing else is asked for."""
        if not self.stop_words:
            return tree
        bare = [leaf for leaf in bare_leaves(tree) if isinstance(leaf, Words)]
        words = {id(leaf): self._analyzer.query_words(fold(leaf.text).text) for leaf in bare}
        stopped = {w for found in words.values() for w in found if w in self.stop_words}
        others = any(w not in stopped for found in words.values() for w in found)
        if not stopped or not (others or len(list(text_leaves(tree))) > len(bare)):
            return tree
        notices.append(Notice("stop_words", {"words": sorted(stopped)}))
        children = tree.children if isinstance(tree, And) else (tree,)
        kept: list[Node] = []
        for child in children:
            found = words.get(id(child))
            if not found or not isinstance(child, Words):
                kept.append(child)
            elif not stopped.issuperset(found):
                kept.append(replace(child, ignored=frozenset(stopped.intersection(found))))
        return kept[0] if len(kept) == 1 else And(tuple(kept))


def _is_whole(start: int, end: int, edges: Sequence[int]) -> bool:
    """Whether words are whole in a range, or it lies within one word."""
    inner = [edge for edge in edges if start < edge < end]
    return not inner or (start in edges and end in edges)


def _of_whole_words(place: Place, folded: str, spans: Iterable[tuple[int, int]]) -> Equivalent:
    """The place with the rest of the words that it stands in."""
    touched = [(s, e) for s, e in spans if s < place.end and place.start < e]
    start = min([place.start, *(s for s, _ in touched)])
    end = max([place.end, *(e for _, e in touched)])
    before, after = folded[start : place.start], folded[place.end : end]
    return Equivalent(start, end, tuple(before + _folded(text) + after for text in place.texts))


def _merged(found: list[Equivalent], folded: str) -> tuple[Equivalent, ...]:
    """In order; those that overlap are one, with the texts of each."""
    merged: list[Equivalent] = []
    for one in sorted(found, key=lambda e: (e.start, e.end)):
        if merged and one.start < merged[-1].end:
            last = merged.pop()
            end = max(last.end, one.end)
            texts = [text + folded[last.end : end] for text in last.texts]
            texts += [folded[last.start : one.start] + t + folded[one.end : end] for t in one.texts]
            one = Equivalent(last.start, end, tuple(texts))
        merged.append(one)
    return tuple(
        replace(e, texts=tuple(dict.fromkeys(map(_compact, e.texts)))[:MAX_TEXTS]) for e in merged
    )


def _tell(code: str, typed: str, folded: Folded, place: Place, notices: list[Notice]) -> None:
    start, end = folded.original(place.start, place.end)
    notices.append(Notice(code, {"typed": typed[start:end], "also": list(place.texts)}))


def _tell_folding(texts: Iterable[str], notices: list[Notice]) -> None:
    """A notice for a text whose letters and digits are looked for in another form."""
    for text in texts:
        searched = fold(text).text
        if _letters(text) != _letters(searched):
            notices.append(Notice("normalised", {"typed": text, "searched": searched}))


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def _folded(text: str) -> str:
    return _compact(fold(text).text)


def _compact(folded: str) -> str:
    return compact(folded).replace("\n", "")
