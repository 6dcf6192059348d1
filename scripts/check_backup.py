"""Holds a restored backup against the index that it was taken of; see scripts/check-backup.

Takes sources and a number of queries; indexes the sources, changes the index, backs it up, restores it
into another folder, and gives how many queries got the same answer: ids, scores, totals, facets, marks,
suggestions.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from searchsvc import backups, indexer
from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.cli.progress import make_progress
from searchsvc.engines.contract import Search
from searchsvc.engines.whoosh import open_engine
from searchsvc.errors import QueryError
from searchsvc.generations import current_generation, data_folder
from searchsvc.query import parse_query
from searchsvc.results import SORTS, SearchRequest
from searchsvc.service import SearchService
from searchsvc.settings import Settings

MAX_CHARS = 6
DELETED = 20


def main() -> None:
    """Reads the options, checks, reports."""
    parser = argparse.ArgumentParser(prog="scripts/check-backup", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    rng = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(index_dir=Path(name, "index"))
        indexer.reindex(settings, given.paths, make_progress())
        articles = list(_articles(settings))
        gone = rng.sample(articles, min(DELETED, len(articles) // 2))
        indexer.delete(settings, [article.id for article in gone])
        requests = [_request(rng, articles) for _ in range(given.queries)]
        service = SearchService(settings)
        before = [_answer(service, request) for request in requests]
        started = time.perf_counter()
        state = backups.backup(settings, Path(name, "backup"))
        taken_s = time.perf_counter() - started
        restored = Settings(index_dir=Path(name, "restored"))
        started = time.perf_counter()
        backups.restore(restored, Path(name, "backup"))
        restored_s = time.perf_counter() - started
        service = SearchService(restored)
        same = sum(
            _answer(service, request) == answer
            for request, answer in zip(requests, before, strict=True)
        )
    found = sum(answer[0] > 0 for answer in before if isinstance(answer[0], int))
    print(
        f"{state.articles:,} articles, {state.size_bytes / 1e6:,.1f} MB; backed up in {taken_s:.1f} s, "
        f"restored in {restored_s:.1f} s; {same:,} of {len(requests):,} queries answered the same, "
        f"{found:,} of them with hits"
    )
    sys.exit(0 if same == len(requests) else 1)


def _articles(settings: Settings) -> Iterator[Article]:
    folder = data_folder(current_generation(settings.index_dir))
    engine = open_engine(folder, Analyzer())
    _, found = engine.walk(Search(tree=parse_query("*")))
    yield from (scored.article for scored in found)
    engine.close()


def _request(rng: random.Random, articles: Sequence[Article]) -> SearchRequest:
    """Words, phrases, beginnings of words and slips out of the articles, asked for in all ways."""
    texts = [_piece(rng, rng.choice(articles)) for _ in range(rng.randint(1, 3))]
    form = rng.randrange(5)
    if form == 0:
        query = f'"{texts[0]}"'
    elif form == 1:
        query = f"{texts[0][:2]}*"
    elif form == 2:
        query = rng.choice((" OR ", " AND ", " NOT ")).join(texts)
    elif form == 3:
        query = f"title:{texts[0][:3]}"
    else:
        query = " ".join(texts)
    return SearchRequest(
        query,
        per_page=rng.choice((5, 20, 50)),
        sort=rng.choice(list(SORTS)),
        facets=rng.choice(((), ("kind", "year"), ("newspaper", "person"))),
        fold=rng.choice(("", "reprints")),
        literal=rng.random() < 0.1,
    )


def _piece(rng: random.Random, article: Article) -> str:
    text = rng.choice([article.title, *(paragraph.text for paragraph in article.body)])
    kept = "".join(c for c in text if c.isalnum()) or "新闻"
    start = rng.randrange(len(kept))
    return kept[start : start + rng.randint(1, MAX_CHARS)]


def _answer(service: SearchService, request: SearchRequest) -> tuple[Any, ...]:
    try:
        page = service.search(request)
    except QueryError as error:
        return (str(error),)
    hits = [
        (hit.article.to_record(), hit.score, hit.highlights, hit.matches, hit.reprints)
        for hit in page.hits
    ]
    return page.total, hits, page.facets, page.notices, page.suggestion


if __name__ == "__main__":
    main()
