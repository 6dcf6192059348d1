"""Articles to documents: many at a time, as the columns that the batch writer takes.

Made in the processes that analyse, sent to the one that writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from searchsvc.analysis import Analyzer, pair_columns
from searchsvc.articles import Article
from searchsvc.engines.whoosh.layout import (
    DATE_COLUMN,
    DATED_COLUMN,
    encode,
    folded_field,
    folded_pieces,
    whoosh_schema,
)
from searchsvc.postings.batches import (
    Batch,
    Column,
    CountsColumn,
    NumbersColumn,
    PairsColumn,
    counts_column,
)
from searchsvc.schema import KEYWORD_FIELDS, TEXT_FIELDS
from searchsvc.text import fold_text


@dataclass(frozen=True, slots=True)
class Documents:
    """Articles as they will be written; cheap to send from process to process."""

    ids: list[str]
    kinds: list[str]
    batch: Batch


class DocumentMaker:
    """Makes documents of articles."""

    def __init__(self, user_dictionary: Path | None = None) -> None:
        """Raises SettingsError where the user dictionary cannot be read."""
        self._analyzer = Analyzer(user_dictionary)
        schema = whoosh_schema()
        self._numeric = {name: schema[name] for name in (DATE_COLUMN, DATED_COLUMN)}

    def __call__(self, articles: Sequence[Article]) -> Documents:
        """The documents of articles, in their order."""
        columns = [*self._texts(articles), *_keywords(articles), *self._dates(articles)]
        return Documents(
            [article.id for article in articles],
            [article.kind for article in articles],
            Batch([encode(article) for article in articles], columns),
        )

    def _texts(self, articles: Sequence[Article]) -> Iterator[tuple[str, Column]]:
        for field in TEXT_FIELDS:
            pieces = [field.pieces(article) for article in articles]
            having = np.array([n for n, found in enumerate(pieces) if found], np.uint32)
            texts = [folded_pieces(found) for found in pieces if found]
            if texts:
                words = self._analyzer.count_terms(texts)
                yield f"{field.name}_words", CountsColumn(having, *words)
                yield f"{field.name}_bigrams", PairsColumn(having, *pair_columns(texts))

    def _dates(self, articles: Sequence[Article]) -> Iterator[tuple[str, Column]]:
        dates = [(n, a.date.toordinal()) for n, a in enumerate(articles) if a.date]
        if not dates:
            return
        documents = [n for n, _ in dates]
        for name, values in (
            (DATE_COLUMN, [day for _, day in dates]),
            (DATED_COLUMN, [1] * len(dates)),
        ):
            field = self._numeric[name]
            dtype = np.dtype(field.column_type._typecode)
            yield name, NumbersColumn(np.array(documents, np.uint32), np.array(values, dtype))
            terms = {value: field.to_bytes(value) for value in set(values)}
            yield name, counts_column(documents, [{terms[value]: 1} for value in values])


def _keywords(articles: Sequence[Article]) -> Iterator[tuple[str, Column]]:
    for field in KEYWORD_FIELDS:
        values = [field.values(article) for article in articles]
        folded = [[f for v in found if (f := fold_text(v)) != v] for found in values]
        for name, kept in ((field.name, values), (folded_field(field.name), folded)):
            documents = [n for n, found in enumerate(kept) if found]
            if documents:
                counts = [dict.fromkeys(kept[n], 1) for n in documents]
                yield name, counts_column(documents, counts)
