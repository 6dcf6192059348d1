"""Searches by kind of query, interleaved with a brute-force scan; see scripts/bench-search.

Queries are made from the articles themselves with a fixed seed. For phrases and wildcards the scan is
also the oracle: the hits must be the same.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from statistics import median, quantiles

from searchsvc.analysis import Analyzer, compact
from searchsvc.articles import Article
from searchsvc.engines.contract import Search
from searchsvc.engines.whoosh import DocumentMaker, create_writer, open_engine
from searchsvc.query import parse_query
from searchsvc.query.wildcards import wildcard_expression
from searchsvc.sources import find_sources, read_source
from searchsvc.text import fold_text

ARTICLES = 20_000
QUERIES = 60
SEED = 20261124


def load(paths: list[str]) -> list[Article]:
    """The first articles of the sources."""
    items = (i for f in find_sources([Path(p) for p in paths]) for i in read_source(f, int))
    return list(islice((i for i in items if isinstance(i, Article) and i.body), ARTICLES))


def piece(rng: random.Random, articles: list[Article], length: int) -> str:
    """A run of letters and Han characters of this length from somewhere in the corpus."""
    while True:
        text = rng.choice(rng.choice(articles).body).text
        start = rng.randrange(len(text))
        found = text[start : start + length]
        if len(found) == length and found.isalnum():
            return found


def gapped(rng: random.Random, articles: list[Article], length: int, wild: str) -> str:
    """Two characters, a wildcard, and the two that end a run of this length."""
    run = piece(rng, articles, length)
    return f"{run[:2]}{wild}{run[-2:]}"


def described(query: str) -> Callable[[str], object]:
    """Whether a text holds what a query asks for, as the scan goes about it."""
    wanted = compact(fold_text(query.removeprefix("正文:").strip('"')))
    if not re.search(r"[*?]", wanted):
        return lambda text: wanted in text
    return wildcard_expression(wanted.strip("*")).search


def timed(work: Callable[[], object]) -> tuple[float, object]:
    """Milliseconds and result."""
    started = time.perf_counter()
    result = work()
    return (time.perf_counter() - started) * 1_000, result


def main(paths: list[str]) -> None:
    """Measures and prints a table."""
    if not paths:
        sys.exit("usage: scripts/bench-search PATH...")
    articles = load(paths)
    rng = random.Random(SEED)
    analyzer = Analyzer()
    kinds: dict[str, Callable[[], str]] = {
        "one word": lambda: piece(rng, articles, 2),
        "two words": lambda: f"{piece(rng, articles, 2)} {piece(rng, articles, 2)}",
        "a sentence's part": lambda: piece(rng, articles, 12),
        "phrase of 2": lambda: f'正文:"{piece(rng, articles, 2)}"',
        "phrase of 4": lambda: f'正文:"{piece(rng, articles, 4)}"',
        "phrase of 8": lambda: f'正文:"{piece(rng, articles, 8)}"',
        "one character": lambda: piece(rng, articles, 1),
        "word and year": lambda: f"{piece(rng, articles, 2)} date:2013",
        "wildcard at the end": lambda: f"正文:{piece(rng, articles, 2)}*",
        "wildcard ?": lambda: f"正文:{gapped(rng, articles, 5, '?')}",
        "wildcard *": lambda: f"正文:{gapped(rng, articles, 8, '*')}",
    }
    with tempfile.TemporaryDirectory() as folder:
        writer = create_writer(Path(folder))
        writer.add(DocumentMaker()(articles))
        writer.commit()
        engine = open_engine(Path(folder), analyzer)
        texts = {a.id: "\n".join(compact(fold_text(p.text)) for p in a.body) for a in articles}
        print(f"{len(articles):,} articles, {QUERIES} queries a kind, ms")
        print(f"{'kind':<20}{'p50':>8}{'p95':>8}{'scan p50':>10}{'ratio':>8}")
        wrong = 0
        for kind, make in kinds.items():
            ours, scans = [], []
            for _ in range(QUERIES):
                query = make()
                search = Search(tree=parse_query(query), limit=len(articles))
                timed(lambda s=search: engine.search(Search(tree=s.tree)))
                took, _ = timed(lambda s=search: engine.search(Search(tree=s.tree)))
                holds = described(query)
                scan, expected = timed(lambda h=holds: {i for i, text in texts.items() if h(text)})
                if kind.startswith(("phrase", "wildcard")):
                    wrong += {h.article.id for h in engine.search(search).hits} != expected
                ours.append(took)
                scans.append(scan)
            p95 = quantiles(ours, n=20)[-1]
            ratio = median(s / o for s, o in zip(scans, ours, strict=True))
            print(f"{kind:<20}{median(ours):>8.2f}{p95:>8.2f}{median(scans):>10.2f}{ratio:>8.1f}")
        print(json.dumps({"unlike_the_scan": wrong}))


if __name__ == "__main__":
    main(sys.argv[1:])
