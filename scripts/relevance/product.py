"""The product's own answers: its sources, analysis, index, query language and ranking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from relevance.collection import Collection, Query
from relevance.measures import measure
from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.contract import Search
from searchsvc.engines.whoosh import DocumentMaker, create_writer, open_engine
from searchsvc.errors import QueryError
from searchsvc.finding import find
from searchsvc.query import parse_query
from searchsvc.ranking import RANKING, Ranking
from searchsvc.sources.records import ALIASES

BATCH = 256


def build(collection: Collection, folder: Path) -> None:
    """Indexes the collection in an empty folder."""
    writer, documents = create_writer(folder), DocumentMaker()
    articles = articles_of(collection)
    while batch := list(islice(articles, BATCH)):
        writer.add(documents(batch))
    writer.commit()


def articles_of(collection: Collection) -> Iterator[Article]:
    """The collection's documents, read as a source of JSON Lines is."""
    for record in collection.documents:
        yield Article.from_record({ALIASES.get(k, k): value for k, value in record.items()})


class Product:
    """Answers of an engine."""

    def __init__(self, engine: Any, analyzer: Analyzer, ranking: Ranking = RANKING) -> None:
        self._analyzer = analyzer
        self._ranking = ranking
        self._engine = engine

    @classmethod
    def over(cls, folder: Path, ranking: Ranking = RANKING) -> Self:
        """Over an index that ``build`` made."""
        analyzer = Analyzer()
        return cls(open_engine(folder, analyzer, ranking), analyzer, ranking)

    def rank(self, query: str, limit: int = 100) -> list[str]:
        """Ids as the service would give them; a query that it refuses finds nothing."""
        try:
            tree = parse_query(query)
        except QueryError:
            return []
        search = Search(tree=tree, limit=limit)
        found, _, _ = find(self._engine, search, self._analyzer, self._ranking)
        return [hit.article.id for hit in found.hits]

    def scores(self, queries: Sequence[Query]) -> NDArray[np.float64]:
        """(queries, measures)."""
        return np.array([measure(self.rank(q.text), q.grades) for q in queries])
