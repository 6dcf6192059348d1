"""Asks the Whoosh and the OpenSearch engine the same; see scripts/compare-engines.

Takes sources; indexes their articles with both, asks both the same random searches, prints every
difference and a table. Ends with status 1 where hits differ or the best ten agree too little.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from statistics import mean, median

from comparison.asking import Asker
from comparison.cluster_index import ClusterIndex
from comparison.differences import BEST, Outcome, compare
from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.whoosh import DocumentMaker, create_writer, open_engine
from searchsvc.settings import load_settings
from searchsvc.sources import find_sources, read_source

ENOUGH_OVERLAP = 0.9
_BATCH = 256
_TOLD_EVERY = 20


def main() -> int:
    """Builds, asks, prints."""
    parser = argparse.ArgumentParser(prog="scripts/compare-engines", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--articles", type=int, help="only the first so many")
    parser.add_argument("--minutes", type=float, default=600, help="ask no longer than that")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hosts", default=None, help="the cluster; else as the settings have it")
    parser.add_argument("--folder", type=Path, help="keep the Whoosh index here, or use that one")
    parser.add_argument("--index", help="keep the cluster's index by this name, or use that one")
    given = parser.parse_args()
    settings = load_settings({"engine": "opensearch", "opensearch_hosts": given.hosts})
    found = (
        item for file in find_sources(given.paths) for item in read_source(file, lambda _: None)
    )
    articles = list(islice((i for i in found if isinstance(i, Article)), given.articles))
    analyzer = Analyzer()
    index = ClusterIndex(settings, given.index or "searchsvc-comparison", analyzer)
    try:
        with tempfile.TemporaryDirectory() as temporary:
            folder = given.folder or Path(temporary) / "whoosh"
            if not folder.exists():
                folder.mkdir(parents=True)
                _build(articles, folder)
            if not index.exists:
                index.build(articles)
            first, second = open_engine(folder, analyzer), index.open()
            asker = Asker(articles, given.seed)
            ends_at = time.monotonic() + 60 * given.minutes
            outcomes: list[Outcome] = []
            while len(outcomes) < given.queries and time.monotonic() < ends_at:
                outcomes.append(compare(first, second, asker.asked()))
                _print_outcome(len(outcomes), outcomes[-1])
    finally:
        if given.index is None and index.exists:
            index.drop()
    print(f"{len(articles):,} articles, {len(outcomes):,} searches, seed {given.seed}")
    return _report(outcomes)


def _build(articles: Sequence[Article], folder: Path) -> None:
    writer, make = create_writer(folder), DocumentMaker()
    for start in range(0, len(articles), _BATCH):
        writer.add(make(articles[start : start + _BATCH]))
    writer.commit()


def _print_outcome(number: int, one: Outcome) -> None:
    """Prints a difference at once; and now and then how far it is."""
    asked = f"{one.asked.kind}: {one.asked.query!r}"
    if one.refused:
        print(f"refused  {asked}: {one.refused}")
    elif not one.is_same:
        only = f"{len(one.only_first)} only Whoosh, {len(one.only_second)} only OpenSearch"
        print(f"DIFFERS  {asked}: of {one.total} {only}; counts {one.same_counts}")
    elif one.overlap < 1:
        print(f"ranking  {asked}: {one.overlap:.0%} of the best ten, scores within {one.gap:.2%}")
    if number % _TOLD_EVERY == 0:
        print(f"{time.strftime('%H:%M:%S')}  {number:,} asked", flush=True)


def _report(outcomes: Sequence[Outcome]) -> int:
    """Prints the table; the status to end with."""
    print(f"\n{'kind':<12}{'asked':>7}{'same':>7}{'refused':>9}{'overlap':>9}{'of many':>9}"
          f"{'order':>7}{'ms':>8}{'ms':>8}")  # fmt: skip
    by_kind: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        by_kind[one.asked.kind].append(one)
    for kind, those in (*sorted(by_kind.items()), ("all", list(outcomes))):
        print(f"{kind:<12}{_row(those)}")
    answered = [one for one in outcomes if not one.refused]
    same = all(one.is_same for one in answered)
    return 0 if same and mean(one.overlap for one in answered) >= ENOUGH_OVERLAP else 1


def _row(those: Sequence[Outcome]) -> str:
    """Asked, the same hits and counts, refused, mean overlap of the best ten (of all; of those with more
    than ten hits), the same order of the best ten, median milliseconds of each engine."""
    answered = [one for one in those if not one.refused] or list(those)
    many = [one.overlap for one in answered if one.total > BEST] or [1.0]
    times = [median(one.seconds[n] for one in those) * 1e3 for n in (0, 1)]
    return (
        f"{len(those):>7}{sum(one.is_same for one in answered):>7}"
        f"{sum(bool(one.refused) for one in those):>9}"
        f"{mean(one.overlap for one in answered):>9.3f}{mean(many):>9.3f}"
        f"{sum(one.same_order for one in answered):>7}{times[0]:>8.1f}{times[1]:>8.1f}"
    )


if __name__ == "__main__":
    sys.exit(main())
