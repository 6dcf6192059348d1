"""Compares the product's ranking with plain BM25 on judged queries; see scripts/evaluate."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from comparison.cluster_index import ClusterIndex
from numpy.typing import NDArray

from relevance.baselines import Baseline
from relevance.collection import Collection, Query, read_collection
from relevance.measures import MEASURES, p_value
from relevance.product import Product, articles_of, build
from relevance.tuning import tune
from searchsvc.analysis import Analyzer, bigram_terms
from searchsvc.ranking import RANKING
from searchsvc.settings import load_settings
from searchsvc.text import fold_text

Scores = NDArray[np.float64]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/evaluate", description=__doc__)
    parser.add_argument("folder", type=Path, help="docs.jsonl, queries.jsonl and qrels.tsv")
    parser.add_argument("--docs", type=Path, help="the documents, where they are not in the folder")
    parser.add_argument("--fields", default="title,text", help="what is indexed of a document")
    parser.add_argument("--type", dest="of_type", help="only queries of this type")
    parser.add_argument("--limit", type=int, help="a sample of so many documents")
    parser.add_argument("--queries", type=int, help="only the first so many queries")
    parser.add_argument("--index", type=Path, help="keep the product's index here, or use that one")
    parser.add_argument("--hosts", help="of an OpenSearch cluster: ranks there, too")
    parser.add_argument(
        "--alone", action="store_true", help="without plain BM25, which takes longest"
    )
    parser.add_argument("--tune", action="store_true", help="look for better ranking parameters")
    return parser.parse_args()


def main() -> None:
    """Indexes, asks, prints a table for either half."""
    given = _arguments()
    fields = given.fields.split(",")
    collection = read_collection(given.folder, fields, given.docs, given.of_type, given.limit)
    queries = collection.queries[: given.queries]
    training = [q for q in queries if q.is_training]
    test = [q for q in queries if not q.is_training]
    if not training or not test:
        sys.exit("too few judged queries for two halves")
    print(f"{given.folder.name}: {len(collection.documents):,} documents ({given.fields}), "
          f"{len(training):,} training and {len(test):,} test queries")  # fmt: skip
    with ExitStack() as held:
        folder = given.index or Path(held.enter_context(tempfile.TemporaryDirectory()))
        if not folder.exists() or not any(folder.iterdir()):
            folder.mkdir(parents=True, exist_ok=True)
            build(collection, folder)
        ranking = tune(folder, training) if given.tune else RANKING
        products = {"searchsvc": Product.over(folder, ranking)}
        if given.hosts:
            products["on OpenSearch"] = held.enter_context(_in_cluster(collection, given.hosts))
        asked = Collection(collection.documents, (*training, *test))
        baselines = {} if given.alone else _baselines(asked, training)
        for name, half in (("training", training), ("test", test)):
            _print_half(name, half, products, baselines)


@contextmanager
def _in_cluster(collection: Collection, hosts: str) -> Iterator[Product]:
    """The product over the collection in a cluster, as long as it is needed."""
    analyzer = Analyzer()
    settings = load_settings({"engine": "opensearch", "opensearch_hosts": hosts})
    index = ClusterIndex(settings, "searchsvc-evaluation", analyzer)
    try:
        index.build(articles_of(collection))
        yield Product(index.open(), analyzer)
    finally:
        if index.exists:
            index.drop()


def _baselines(
    collection: Collection, training: list[Query]
) -> dict[str, tuple[Baseline, tuple[float, float]]]:
    analyzer = Analyzer()
    terms = {
        "jieba BM25": lambda text: [t.term for t in analyzer.word_tokens(fold_text(text))],
        "bigram BM25": lambda text: bigram_terms(fold_text(text)),
    }
    made = {name: Baseline(collection, of) for name, of in terms.items()}
    return {name: (one, one.best_parameters(training)) for name, one in made.items()}


def _print_half(
    name: str,
    queries: list[Query],
    products: dict[str, Product],
    baselines: dict[str, tuple[Baseline, tuple[float, float]]],
) -> None:
    print(f"\n{name + ' half':<14}" + "".join(f"{m:>12}" for m in MEASURES))
    found: list[Scores] = []
    for title, product in products.items():
        started = time.process_time()
        found.append(product.scores(queries))
        took_s = (time.process_time() - started) / len(queries)
        compared = f", {_compared(found[0], found[-1])}" if len(found) > 1 else ""
        print(f"{title:<14}{_row(found[-1])}   {took_s * 1e3:.1f} ms a query{compared}", flush=True)
    for title, (baseline, (k1, b)) in baselines.items():
        theirs = baseline.scores(queries, k1, b)
        compared = _compared(found[0], theirs)
        print(f"{title:<14}{_row(theirs)}   k1 {k1}, b {b}; {compared}", flush=True)


def _compared(ours: Scores, theirs: Scores) -> str:
    """How much better the first is by MRR@10, and how likely chance would do the same."""
    difference = ours[:, 0].mean() - theirs[:, 0].mean()
    return f"MRR {difference:+.4f}, p {p_value(ours[:, 0], theirs[:, 0]):.4f}"


def _row(scores: Scores) -> str:
    return "".join(f"{value:>12.4f}" for value in scores.mean(axis=0))


if __name__ == "__main__":
    main()
