"""Articles to documents: many at a time, as the columns that the batch writer takes.

Made in the processes that analyse, sent to the one that writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import Analyzer, count_bigrams, pair_columns
from searchsvc.articles import Article
from searchsvc.engines.keywords import folded_field, folded_values
from searchsvc.engines.records import folded_texts, read_bodies
from searchsvc.engines.whoosh.layout import (
    DATE_COLUMN,
    DATED_COLUMN,
    encode,
    whoosh_schema,
    words_field,
)
from searchsvc.postings.batches import (
    Batch,
    Column,
    CountsColumn,
    NumbersColumn,
    PairCountsColumn,
    PairsColumn,
    counts_column,
)
from searchsvc.ranking import LEAD, LEAD_CHARS
from searchsvc.reprints import BINS, signatures
from searchsvc.schema import KEYWORD_FIELDS, TEXT_FIELDS, TextField


@dataclass(frozen=True, slots=True)
class Documents:
    """Articles as they will be written; cheap to send from process to process."""

    ids: list[str]
    kinds: list[str]
    signatures: bytes
    batch: Batch

    def words(self) -> Iterator[dict[str, int]]:
        """For each text field, in how many articles each word stands there."""
        fields = {words_field(field.name) for field in TEXT_FIELDS}
        for name, column in self.batch.columns:
            if name in fields and isinstance(column, CountsColumn):
                counts = np.bincount(column.numbers, minlength=len(column.terms))
                yield dict(zip(map(str, column.terms), counts.tolist(), strict=True))


_Texts: TypeAlias = tuple[NDArray[np.uint32], list[str]]
"""The numbers of the articles that have a text in a field, ascending, and these texts, folded."""


class DocumentMaker:
    """Makes documents of articles."""

    def __init__(self, user_dictionary: Path | None = None) -> None:
        """Raises SettingsError where the user dictionary cannot be read."""
        self.analyzer = Analyzer(user_dictionary)
        schema = whoosh_schema()
        self._numeric = {name: schema[name] for name in (DATE_COLUMN, DATED_COLUMN)}

    def __call__(self, articles: Sequence[Article]) -> Documents:
        """The documents of articles, in their order."""
        texts = {field.name: _folded(field, articles) for field in TEXT_FIELDS}
        columns = [*self._texts(texts), *_keywords(articles), *self._dates(articles)]
        return Documents(
            [article.id for article in articles],
            [article.kind for article in articles],
            _signatures(articles, *texts["body"]),
            Batch([encode(article) for article in articles], columns),
        )

    def _texts(self, folded: Mapping[str, _Texts]) -> Iterator[tuple[str, Column]]:
        for name, (having, texts) in folded.items():
            if not texts:
                continue
            yield f"{name}_bigrams", PairsColumn(having, *pair_columns(texts))
            if name == "body":
                words, of_leads = self.analyzer.count_terms_and_leads(texts, LEAD_CHARS)
                yield f"{LEAD}_words", CountsColumn(having, *of_leads)
                pairs = count_bigrams([text[:LEAD_CHARS] for text in texts])
                yield f"{LEAD}_bigrams", PairCountsColumn(having, *pairs)
            else:
                words = self.analyzer.count_terms(texts)
            yield words_field(name), CountsColumn(having, *words)

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


def _folded(field: TextField, articles: Sequence[Article]) -> _Texts:
    having, folded = folded_texts(field, articles)
    return np.array(having, np.uint32), folded


def _signatures(
    articles: Sequence[Article], having: NDArray[np.uint32], bodies: Sequence[str]
) -> bytes:
    """What reprints are known by, a row for each article."""
    read = read_bodies(articles, having.tolist(), bodies)
    rows = np.zeros((len(articles), BINS), np.uint8)
    rows[[number for number, _ in read]] = signatures([body for _, body in read])
    return rows.tobytes()


def _keywords(articles: Sequence[Article]) -> Iterator[tuple[str, Column]]:
    for field in KEYWORD_FIELDS:
        values = [field.values(article) for article in articles]
        if not any(values):
            continue
        folded = list(map(folded_values, values))
        for name, kept in ((field.name, values), (folded_field(field.name), folded)):
            documents = [n for n, found in enumerate(kept) if found]
            if documents:
                counts = [dict.fromkeys(kept[n], 1) for n in documents]
                yield name, counts_column(documents, counts)
