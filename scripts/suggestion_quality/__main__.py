"""Measures corrections over an index; see scripts/evaluate-suggestions."""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from searchsvc.articles import Article
from searchsvc.results import SearchRequest
from searchsvc.service import SearchService, open_service
from searchsvc.settings import Settings
from searchsvc.sources import Reject, find_sources, read_source
from searchsvc.text import fold_text
from suggestion_quality.errors import KINDS, ErrorMaker, title_words

SHOWN = 30


def main() -> None:
    """Reads the arguments, measures, prints a table."""
    parser = argparse.ArgumentParser(prog="scripts/evaluate-suggestions")
    parser.add_argument("index", type=Path, help="an index of the articles")
    parser.add_argument("paths", nargs="+", type=Path, help="the articles")
    parser.add_argument("--errors", type=int, default=500, help="of each kind (500)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--words", choices=("standing", "different"), default="standing",
        help="words as often as they stand in titles, or each different one alike",
    )  # fmt: skip
    parser.add_argument("--show", action="store_true", help="show some of what went wrong")
    given = parser.parse_args()
    service = open_service(Settings(index_dir=given.index))
    titles = [article.title for article in _articles(given.paths)]
    words = title_words(titles)
    if given.words == "different":
        words = sorted(set(words))
    maker = ErrorMaker(titles, given.seed)
    for kind in KINDS:
        _print(kind, *mended(service, words, maker, kind, given.errors, given.seed), given.show)
    rng = random.Random(given.seed)
    for name, queries in (("words", words), ("titles", titles)):
        drawn = [rng.choice(queries) for _ in range(2 * given.errors)]
        left: list[Case] = [(query, None, query, _suggestion(service, query)) for query in drawn]
        wrong = [case for case in left if case[3] is not None]
        print(f"correct {name:<13} left alone {1 - len(wrong) / len(drawn):7.1%} of {len(drawn):,}")
        if given.show:
            _show(wrong)


Case = tuple[str, str | None, str, str | None]
"""The word, what was typed, what is right to answer, what was answered."""


def mended(
    service: SearchService, words: list[str], maker: ErrorMaker, kind: str, n: int, seed: int
) -> tuple[list[Case], list[Case], Counter[str]]:
    """The errors that were mended, those that were not, and what could not be one.

    An error that is itself a text of the archive, standing there more often than a slip would, is no
    error that anyone could see; it is drawn anew and counted.
    """
    rng = random.Random(f"{seed}{kind}")
    right: list[Case] = []
    wrong: list[Case] = []
    skipped: Counter[str] = Counter()
    while len(right) + len(wrong) < n:
        word = rng.choice(words)
        typed = maker.wrong(word, kind)
        if typed is None:
            skipped["no place"] += 1
        elif _stands(service, typed):
            skipped["a text of the archive"] += 1
        else:
            case = (word, typed, word, _suggestion(service, typed))
            (
                right if case[3] is not None and fold_text(case[3]) == fold_text(word) else wrong
            ).append(case)
    return right, wrong, skipped


def _stands(service: SearchService, text: str) -> bool:
    return service.search(SearchRequest(query=f'"{text}"', per_page=1)).total > MAX_SLIPS


MAX_SLIPS = 2


def _suggestion(service: SearchService, query: str) -> str | None:
    return service.search(SearchRequest(query=query, highlight=False, per_page=1)).suggestion


def _articles(paths: list[Path]) -> Iterator[Article]:
    for file in find_sources(paths):
        for item in read_source(file, lambda _: None):
            if not isinstance(item, Reject) and item.title:
                yield item


def _print(
    kind: str, right: list[Case], wrong: list[Case], skipped: Counter[str], show: bool
) -> None:
    n = len(right) + len(wrong)
    none = sum(case[3] is None for case in wrong)
    print(
        f"{kind:<14} right word first {len(right) / n:7.1%} of {n:,}; no answer {none / n:.1%};",
        end=" ",
    )
    print(
        "drawn anew:",
        ", ".join(f"{reason} {count:,}" for reason, count in skipped.items()) or "none",
    )
    if show:
        _show(wrong)


def _show(wrong: list[Case]) -> None:
    for word, typed, _, answered in wrong[:SHOWN]:
        print(f"    {typed or ''} ({word}): {answered}")


if __name__ == "__main__":
    started = perf_counter()
    main()
    print(f"{perf_counter() - started:.0f} s")
