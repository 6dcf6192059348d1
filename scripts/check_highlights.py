"""Highlights of random queries against the original text; see scripts/check-highlights.

Queries are words, phrases and mixtures from a random article, in its own script or the other; every mark,
folded, must be a word or the phrase that was asked for, and every place where that stands must be
marked, whole, in one mark.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from html import unescape
from itertools import islice
from pathlib import Path

import opencc

from searchsvc.analysis import Analyzer, compact
from searchsvc.articles import Article
from searchsvc.highlight import find_matches, fragments, needles_of, whole_texts
from searchsvc.query import Phrase, parse_query, plain_query
from searchsvc.query.tree import Node, Words, text_leaves
from searchsvc.results import Match
from searchsvc.settings import Settings
from searchsvc.sources import find_sources, read_source
from searchsvc.text import fold_text

ARTICLES = 20_000
_MARK = re.compile("<mark>(.*?)</mark>", re.S)


def folded(text: str) -> str:
    """A text as phrases are compared."""
    return compact(fold_text(text)).replace("\n", "")


def random_query(rng: random.Random, article: Article, other: opencc.OpenCC) -> Node:
    """A phrase or words from the article, half of them in the other script."""
    text = rng.choice([article.title, *(paragraph.text for paragraph in article.body)])
    start = rng.randrange(len(text))
    piece = text[start : start + rng.randint(1, 12)]
    if rng.random() < 0.5:
        piece = other.convert(piece)
    if rng.random() < 0.5:
        return Phrase(piece)
    return parse_query(plain_query(piece) or "的")


def faults(article: Article, tree: Node, analyzer: Analyzer) -> Iterator[str]:
    """What is wrong with the marks of a query in an article."""
    wanted = {text for leaf in text_leaves(tree) for text in _wanted(leaf, analyzer)} - {""}
    texts = {("title", None): article.title} | {
        ("body", number): paragraph.text for number, paragraph in enumerate(article.body)
    }
    matches = find_matches(article, needles_of(tree, analyzer))
    spans: dict[tuple[str, int | None], list[tuple[int, int]]] = {}
    for match in matches:
        spans.setdefault((match.field, match.paragraph), []).append((match.start, match.end))
    for place, text in texts.items():
        marked = spans.get(place, [])
        for start, end in marked:
            if not _covered(folded(text[start:end]), wanted):
                yield f"{text[start:end]!r} is marked, wanted {sorted(wanted)}"
        for asked in wanted:
            if asked in folded(text) and not any(asked in folded(text[s:e]) for s, e in marked):
                yield f"{asked!r} stands in {text!r} and is not marked whole"
    yield from _shown_faults(article, matches, wanted)


def _shown_faults(article: Article, matches: tuple[Match, ...], wanted: set[str]) -> Iterator[str]:
    """What is wrong with the texts and fragments that are shown."""
    for name, shown in whole_texts(article, matches).items():
        if name in ("title", "body"):
            plain = [unescape(re.sub("</?mark>", "", html)) for html in shown]
            if plain != ([article.title] if name == "title" else [p.text for p in article.body]):
                yield f"{name} is shown as {plain!r}"
    for html in fragments(article, matches)["body"]:
        plain = unescape(re.sub("</?mark>", "", html)).removeprefix("…").removesuffix("…")
        if not any(plain in paragraph.text for paragraph in article.body):
            yield f"no paragraph holds the fragment {plain!r}"
        for mark in _MARK.findall(html):
            if not _covered(folded(unescape(mark)), wanted):
                yield f"{unescape(mark)!r} is marked in a fragment, wanted {sorted(wanted)}"


def _wanted(leaf: object, analyzer: Analyzer) -> list[str]:
    match leaf:
        case Phrase(text):
            return [folded(text)]
        case Words(text):
            words = [compact(word) for word in analyzer.query_words(fold_text(text))]
            longer = [word for word in words if len(word) > 1]
            return [folded(text), *(longer or words)]
    return []


def _covered(mark: str, wanted: set[str]) -> bool:
    """Whether a mark is one of the texts, or several that overlap in it."""
    reached = 0
    while reached < len(mark):
        ends = [
            start + len(text)
            for text in wanted
            for start in range(reached + 1)
            if mark.startswith(text, start)
        ]
        if max(ends, default=0) <= reached:
            return False
        reached = max(ends)
    return True


def main(queries: int, paths: list[str]) -> int:
    """Checks and prints; 1 where something is wrong."""
    files = find_sources([Path(path) for path in paths])
    found = (i for f in files for i in read_source(f, lambda _: None, Settings()))
    articles = list(islice((a for a in found if isinstance(a, Article) and a.title), ARTICLES))
    rng, analyzer, other = random.Random(1), Analyzer(), opencc.OpenCC("s2t")
    wrong = 0
    for _ in range(queries):
        article = rng.choice(articles)
        tree = random_query(rng, article, other)
        problems = list(faults(article, tree, analyzer))
        wrong += bool(problems)
        for problem in problems[:2]:
            print(tree, problem)
    print(f"{queries - wrong:,} of {queries:,} queries marked exactly")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
