"""How articles lie in a Whoosh index: its schema, made from the one field table, and the records.

Each text field has two inverted fields: ``body_words`` with term frequencies, and ``body_bigrams``
with positions, a pair for every character (``analysis.character_pairs``), whose length counts only
the pairs that rank. Each keyword field has one of its values, which is also the column that facets
count, and one of the folded values that differ, ``<name>_folded``; queries ask both. ``record`` is the article
as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from whoosh import fields

from searchsvc.analysis import Analyzer, character_pairs, compact, count_bigrams
from searchsvc.articles import Article
from searchsvc.postings.pairs import CharacterPairs
from searchsvc.schema import KEYWORD_FIELDS, TEXT_FIELD, TEXT_FIELDS
from searchsvc.text import fold_text

DATE_COLUMN: Final = "date"
"""The issue date as proleptic Gregorian ordinal, 0 for none."""

DATED_COLUMN: Final = "dated"
"""1 where an article has a date."""

RECORD_FIELD: Final = "record"


def folded_field(name: str) -> str:
    """The inverted field with the folded values of a keyword field."""
    return f"{name}_folded"


def whoosh_schema() -> fields.Schema:
    """The Whoosh schema. Always passed to Whoosh when opening, so that none is unpickled."""
    schema = fields.Schema()
    for text_field in TEXT_FIELDS:
        schema.add(f"{text_field.name}_words", fields.TEXT(phrase=False))
        schema.add(f"{text_field.name}_bigrams", fields.TEXT(phrase=True))
    for keyword_field in KEYWORD_FIELDS:
        schema.add(keyword_field.name, fields.ID(sortable=True))
        schema.add(folded_field(keyword_field.name), fields.ID())
    for name, bits in ((DATE_COLUMN, 32), (DATED_COLUMN, 8)):
        column = fields.NUMERIC(
            int, bits=bits, signed=False, sortable=True, shift_step=0, default=0
        )
        schema.add(name, column)
    schema.add(RECORD_FIELD, fields.STORED())
    return schema


@dataclass(frozen=True, slots=True)
class AnalyzedText:
    """A text field of an article: folded, its words counted, and how many bigrams rank."""

    folded: str
    word_counts: Mapping[str, int]
    n_bigrams: int


@dataclass(frozen=True, slots=True)
class Document:
    """An article as it will be written; small to send from process to process."""

    id: str
    kind: str
    day: int
    texts: Mapping[str, AnalyzedText]
    keywords: Mapping[str, tuple[str, ...]]
    record: bytes


class DocumentMaker:
    """Makes documents of articles."""

    def __init__(self, user_dictionary: Path | None = None) -> None:
        """Raises SettingsError where the user dictionary cannot be read."""
        self._analyzer = Analyzer(user_dictionary)

    def __call__(self, article: Article) -> Document:
        """The document of an article."""
        texts = {f.name: self._analyzed(f.pieces(article)) for f in TEXT_FIELDS}
        keywords = {f.name: f.values(article) for f in KEYWORD_FIELDS}
        return Document(
            id=article.id,
            kind=article.kind,
            day=article.date.toordinal() if article.date else 0,
            texts={name: text for name, text in texts.items() if text is not None},
            keywords={name: values for name, values in keywords.items() if values},
            record=encode(article),
        )

    def _analyzed(self, pieces: tuple[str, ...]) -> AnalyzedText | None:
        if not pieces:
            return None
        folded = folded_pieces(pieces)
        return AnalyzedText(folded, self._analyzer.word_counts(folded), count_bigrams(folded))


def whoosh_fields(document: Document) -> dict[str, Any]:
    """The document as the batch writer takes it."""
    values: dict[str, Any] = {RECORD_FIELD: document.record}
    if document.day:
        values |= {DATE_COLUMN: document.day, DATED_COLUMN: 1}
    for name, text in document.texts.items():
        values[f"{name}_words"] = text.word_counts
        values[f"{name}_bigrams"] = CharacterPairs(*character_pairs(text.folded), text.n_bigrams)
    for name, keywords in document.keywords.items():
        values[name] = dict.fromkeys(keywords, 1)
        if changed := [folded for v in keywords if (folded := fold_text(v)) != v]:
            values[folded_field(name)] = dict.fromkeys(changed, 1)
    return values


def folded_pieces(pieces: tuple[str, ...]) -> str:
    """The folded text of a field: its pieces, a line each."""
    return "\n".join([fold_text(piece) for piece in pieces])


def searched_text(article: Article, field: str) -> str:
    """The text that a pattern in this field must describe: folded, without spaces."""
    return compact(folded_pieces(TEXT_FIELD[field].pieces(article)))


def encode(article: Article) -> bytes:
    """The article as stored."""
    return json.dumps(article.to_record(), ensure_ascii=False, separators=(",", ":")).encode()


def decode(stored: bytes) -> Article:
    """The article from its stored form."""
    return Article.from_record(json.loads(stored))
