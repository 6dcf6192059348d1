"""Plain BM25 over one kind of terms, in NumPy: what the product's ranking is held against.

The formula is Lucene's (Robertson and Zaragoza 2009 with the idf that is never negative)::

    sum over query terms of  ln(1 + (N - df + 0.5) / (df + 0.5)) * tf / (tf + k1 * (1 - b + b * l / mean l))
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from relevance.collection import Collection, Query
from relevance.measures import measure

Terms = Callable[[str], Iterable[str]]
"""A text's terms, with repetition."""

B_VALUES = (0.0, 0.1, 0.25, 0.4, 0.6, 0.75, 0.9)
K1_VALUES = (0.2, 0.4, 0.6, 0.9, 1.2, 1.6, 2.4)


class Baseline:
    """BM25 over ``terms``; all fields of a document are one text, a line each."""

    def __init__(self, collection: Collection, terms: Terms) -> None:
        self._terms = terms
        self._ids = [str(record["id"]) for record in collection.documents]
        asked = {term for query in collection.queries for term in terms(query.text)}
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths = np.zeros(len(self._ids))
        for number, record in enumerate(collection.documents):
            texts = [str(value) for name, value in record.items() if name != "id"]
            counts = Counter(terms("\n".join(texts)))
            lengths[number] = counts.total()
            for term in asked & counts.keys():
                found[term].append((number, counts[term]))
        self._postings = {term: np.array(pairs).T for term, pairs in found.items()}
        self._lengths = lengths / max(lengths.mean(), 1.0)

    def rank(self, query: str, k1: float, b: float, limit: int = 100) -> list[str]:
        """Ids of the best documents; ties in the order of the collection."""
        totals = np.zeros(len(self._ids))
        for term in dict.fromkeys(self._terms(query)):
            postings = self._postings.get(term)
            if postings is not None:
                documents, tf = postings
                df = documents.size
                idf = log(1 + (len(self._ids) - df + 0.5) / (df + 0.5))
                norm = k1 * (1 - b + b * self._lengths[documents])
                totals[documents] += idf * tf / (tf + norm)
        best = np.argsort(-totals, kind="stable")[:limit]
        return [self._ids[n] for n in best if totals[n] > 0]

    def best_parameters(self, queries: Sequence[Query]) -> tuple[float, float]:
        """k1 and b with the best MRR@10 for the queries: b first at k1 1.2, then k1."""
        b = max(B_VALUES, key=lambda b: self._mean(queries, 1.2, b))
        return max(K1_VALUES, key=lambda k1: self._mean(queries, k1, b)), b

    def scores(self, queries: Sequence[Query], k1: float, b: float) -> NDArray[np.float64]:
        """(queries, measures)."""
        return np.array([measure(self.rank(q.text, k1, b), q.grades) for q in queries])

    def _mean(self, queries: Sequence[Query], k1: float, b: float) -> float:
        return float(self.scores(queries, k1, b)[:, 0].mean())
