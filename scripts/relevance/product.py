"""The product's own answers: its sources, analysis, index, query language and ranking."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from relevance.collection import Collection, Query
from relevance.measures import measure
from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.contract import Engine, Search
from searchsvc.engines.whoosh import DocumentMaker, create_writer, open_engine
from searchsvc.errors import QueryError
from searchsvc.query import parse_query
from searchsvc.ranking import RANKING, Ranking
from searchsvc.service import find
from searchsvc.sources.records import ALIASES

BATCH = 256


def build(collection: Collection, folder: Path) -> None:
    """Indexes the collection in an empty folder, read as a source of JSON Lines is."""
    writer, documents = create_writer(folder), DocumentMaker()
    records = iter(collection.documents)
    while batch := list(islice(records, BATCH)):
        named = [{ALIASES.get(k, k): value for k, value in record.items()} for record in batch]
        writer.add(documents([Article.from_record(record) for record in named]))
    writer.commit()


class Product:
    """Answers over an index that ``build`` made."""

    def __init__(self, folder: Path, ranking: Ranking = RANKING) -> None:
        self._analyzer = Analyzer()
        self._ranking = ranking
        self._engine: Engine = open_engine(folder, self._analyzer, ranking)

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
