"""Holds explanations against scores; see scripts/check-explanations.

Queries are words, phrases and fields from a random article; an article that each of them finds is
explained, and the sum over its terms, and over its fields, must be its score in the search.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from check_phrases import build

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.contract import Engine, Search
from searchsvc.finding import find
from searchsvc.query import parse_query, plain_query
from searchsvc.sources import find_sources, read_source

SEED = 20261128
TOLERANCE = 1e-4


def queries(articles: Sequence[Article], seed: int = SEED) -> Iterator[str]:
    """Random queries without end, of every shape that scores."""
    rng = random.Random(seed)
    while True:
        texts = [_piece(rng, rng.choice(articles)) for _ in range(rng.randint(1, 4))]
        article = rng.choice(articles)
        shape = rng.randrange(6)
        if shape == 0:
            yield " ".join(texts)
        elif shape == 1:
            yield " ".join(_piece(rng, article) for _ in range(3))
        elif shape == 2:
            yield f'"{_piece(rng, article)}"^2 OR {texts[0]}'
        elif shape == 3:
            yield f"标题:{_piece(rng, article)} OR ({' '.join(texts)})"
        elif shape == 4:
            yield f"{plain_quotes(article.title)}？".replace('"', "")
        else:
            yield f"{_piece(rng, article)} -{texts[0]}"


def _piece(rng: random.Random, article: Article) -> str:
    text = rng.choice([article.title, *(p.text for p in article.body)])
    start = rng.randrange(max(1, len(text)))
    words = plain_query(plain_quotes(text[start : start + rng.randint(2, 6)])).split()
    return "".join(words) or "的"


def checked(engine: Engine, articles: Sequence[Article], count: int, seed: int = SEED) -> list[str]:
    """What is wrong with the explanations of so many pairs of a query and a hit."""
    rng, analyzer, wrong = random.Random(seed), Analyzer(), []
    for query in queries(articles, seed):
        if not count:
            return wrong
        search = Search(tree=parse_query(query), limit=50)
        found, tree, _ = find(engine, search, analyzer)
        if not found.hits:
            continue
        count -= 1
        hit = rng.choice(found.hits)
        explained = engine.explain(tree, hit.article.id) or {"terms": [], "fields": []}
        sums = [sum(part["score"] for part in explained[name]) for name in ("terms", "fields")]
        if any(abs(total - hit.score) > TOLERANCE for total in sums):
            wrong.append(f"{query} {hit.article.id}: {hit.score} is explained as {sums}")
    return wrong


def plain_quotes(text: str) -> str:
    """A text without typographic quotation marks and brackets that an article's title may hold."""
    return "".join(" " if c in "“”「」『』＂（）【】" else c for c in text)


def main() -> None:
    """Checks and prints; the exit code is 1 where an explanation differs."""
    parser = argparse.ArgumentParser(prog="scripts/check-explanations", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--pairs", type=int, default=1_000)
    parser.add_argument("--articles", type=int, default=None, help="only the first so many")
    given = parser.parse_args()
    items = (i for f in find_sources(given.paths) for i in read_source(f, int))
    articles = list(islice((i for i in items if isinstance(i, Article)), given.articles))
    with tempfile.TemporaryDirectory() as folder:
        engine, _ = build(articles, Path(folder))
        wrong = checked(engine, articles, given.pairs)
        engine.close()
    print(f"{len(articles):,} articles, {given.pairs - len(wrong):,} of {given.pairs:,} explanations "
          "sum to the score by term and by field" + "".join(f"\n  {w}" for w in wrong))  # fmt: skip
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
