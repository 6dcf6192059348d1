"""Matches to HTML: whole texts with marks, and the fragments that show most of a query.

Everything from an article is escaped; the only tags are ``<mark>`` and, in whole texts, the links that
the caller asks for.
"""

from __future__ import annotations

import re
from bisect import bisect, bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from searchsvc.articles import Article
from searchsvc.deadlines import check
from searchsvc.results import Match

MAX_FRAGMENTS = 3
FRAGMENT_CHARS = 110
_HEAD = ("title", "kicker", "subtitle", "byline")
_SENTENCE_END = re.compile(r"[。！？!?；;]+[”’」』）)]*")
_CLAUSE_END = re.compile(r"[，,、：:\s]")


Link: TypeAlias = tuple[int, int, str]
"""Start and end (half-open, code points) of a part of a text, and the address that it leads to."""

FindLinks: TypeAlias = Callable[[str, str], Iterable[Link]]
"""A field's name and one of its texts to the links in it, in order, without overlap."""


class _Fragment(NamedTuple):
    paragraph: int
    start: int
    end: int
    matched: frozenset[str]


def marked(
    text: str, spans: Sequence[tuple[int, int]], start: int = 0, end: int | None = None
) -> str:
    """``text[start:end]`` escaped, with the parts of it that stand in ``spans`` in ``<mark>``."""
    end = len(text) if end is None else end
    pieces, position = [], start
    for first, last in spans:
        first, last = max(first, start), min(last, end)
        if first < last:
            pieces.append(f"{escape(text[position:first])}<mark>{escape(text[first:last])}</mark>")
            position = last
    pieces.append(escape(text[position:end]))
    return "".join(pieces)


def no_links(_field: str, _text: str) -> tuple[Link, ...]:
    """The links of a text that has none."""
    return ()


def linked(text: str, spans: Sequence[tuple[int, int]], links: Iterable[Link]) -> str:
    """The whole text as ``marked`` gives it, with links; a mark that crosses a link's edge is cut there."""
    pieces, position = [], 0
    for first, last, address in links:
        inner = marked(text, spans, first, last)
        pieces.append(marked(text, spans, position, first))
        pieces.append(f'<a href="{escape(address)}">{inner}</a>')
        position = last
    return "".join(pieces) + marked(text, spans, position)


def whole_texts(
    article: Article, matches: Sequence[Match], find_links: FindLinks = no_links
) -> dict[str, tuple[str, ...]]:
    """Title, kicker, subtitle, byline and every paragraph of the body, marked and linked."""
    texts: dict[str, tuple[str, ...]] = {}
    for name in _HEAD:
        text = getattr(article, name)
        texts[name] = (linked(text, _spans(matches, name), find_links(name, text)),)
    texts["body"] = tuple(
        linked(p.text, _spans(matches, "body", number), find_links("body", p.text))
        for number, p in enumerate(article.body)
    )
    return texts


def fragments(article: Article, matches: Sequence[Match]) -> dict[str, tuple[str, ...]]:
    """The marked title; kicker, subtitle and byline where they match; the best of the body.

    Fragments of the body stand in reading order; an article that matches nowhere in its body shows
    its beginning. An ellipsis says that a paragraph goes on.
    """
    shown: dict[str, tuple[str, ...]] = {
        name: (marked(getattr(article, name), _spans(matches, name)),)
        for name in _HEAD
        if name == "title" or _spans(matches, name)
    }
    body = [
        _html(article, fragment, _spans(matches, "body", fragment.paragraph))
        for fragment in _best(article, matches)
    ]
    return {**shown, "body": tuple(body)}


def _spans(
    matches: Sequence[Match], field: str, paragraph: int | None = None
) -> list[tuple[int, int]]:
    return [(m.start, m.end) for m in matches if m.field == field and m.paragraph == paragraph]


def _best(article: Article, matches: Sequence[Match]) -> list[_Fragment]:
    """Fragments chosen one by one: most words not yet shown, then most words, then the first."""
    candidates: list[_Fragment] = []
    for number, found in groupby(matches, attrgetter("paragraph")):
        if number is not None:
            candidates += _sentences(article.body[number].text, number, list(found))
    if not candidates:
        return _beginning(article)
    chosen: list[_Fragment] = []
    seen: set[str] = set()
    while candidates and len(chosen) < MAX_FRAGMENTS:
        check()
        best = max(candidates, key=lambda f: (len(f.matched - seen), len(f.matched)))
        if chosen and not best.matched - seen and len(chosen) > 1:
            break
        chosen.append(best)
        seen |= best.matched
        candidates = [c for c in candidates if not _overlap(c, best)]
    return sorted(chosen, key=lambda f: (f.paragraph, f.start))


def _overlap(one: _Fragment, other: _Fragment) -> bool:
    return one.paragraph == other.paragraph and one.start < other.end and other.start < one.end


def _beginning(article: Article) -> list[_Fragment]:
    for number, paragraph in enumerate(article.body):
        if paragraph.role == "text":
            end = _cut(paragraph.text, 0, FRAGMENT_CHARS)
            return [_Fragment(number, 0, end, frozenset())]
    return []


def _sentences(text: str, number: int, matches: Sequence[Match]) -> Iterator[_Fragment]:
    """The fragments of a paragraph around each of its matches, which stand in order, none over another."""
    starts = [0, *(found.end() for found in _SENTENCE_END.finditer(text))]
    firsts = [match.start for match in matches]
    lasts = [match.end for match in matches]
    for match in matches:
        check()
        start, end = _around(text, match, starts[bisect(starts, match.start) - 1])
        # What stands across an end is shown whole.
        shown = matches[bisect(lasts, start) : bisect_left(firsts, end)]
        start, end = min(start, shown[0].start), max(end, shown[-1].end)
        yield _Fragment(number, start, end, frozenset(text[m.start : m.end] for m in shown))


def _around(text: str, match: Match, start: int) -> tuple[int, int]:
    """The sentence of a match, which begins at ``start``, cut to a fragment's length at clause ends."""
    if match.end - start > FRAGMENT_CHARS:
        earliest = max(start, match.start - FRAGMENT_CHARS // 2)
        clause = _CLAUSE_END.search(text, earliest, match.start)
        start = clause.end() if clause else earliest
    end = _cut(text, start, max(match.end, start + FRAGMENT_CHARS))
    return start, max(end, match.end)


def _cut(text: str, start: int, limit: int) -> int:
    """The last sentence or clause end in the last two thirds before ``limit``, or ``limit``."""
    if len(text) <= limit:
        return len(text)
    least = start + (limit - start) // 3
    for boundary in (_SENTENCE_END, _CLAUSE_END):
        ends = [found.end() for found in boundary.finditer(text, least, limit)]
        if ends:
            return ends[-1]
    return limit


def _html(article: Article, fragment: _Fragment, spans: Sequence[tuple[int, int]]) -> str:
    text = article.body[fragment.paragraph].text
    before = "…" if fragment.start else ""
    after = "…" if fragment.end < len(text) else ""
    return before + marked(text, spans, fragment.start, fragment.end) + after
