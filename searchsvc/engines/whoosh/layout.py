"""How articles lie in a Whoosh index: its schema, made from the one field table, and the records.

Each text field has three inverted lists (``body_words``, ``body_bigrams``, ``body_characters``),
each keyword field one, named as itself. The posting's weight is the term frequency; there are no
positions: phrases are verified against the stored text. A fixed-width column holds the ``DocInfo``
of every document: exact field lengths and the issue date. The stored field ``record`` is the
article as zlib-compressed JSON.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from typing import Any, Final

import numpy as np
from whoosh import columns, fields, formats

from searchsvc.analysis import Analyzer, characters, compact
from searchsvc.articles import Article
from searchsvc.schema import KEYWORD_FIELDS, TEXT_FIELDS
from searchsvc.text import fold_text

ANALYSES: Final = ("words", "bigrams")
"""The two ranked analyses of a text field."""

INFO_COLUMN: Final = "info"
RECORD_FIELD: Final = "record"

LENGTH_NAMES: Final = tuple(f"{f.name}_{analysis}" for f in TEXT_FIELDS for analysis in ANALYSES)
INFO_DTYPE: Final = np.dtype([("date", "<u4"), *((name, "<u4") for name in LENGTH_NAMES)])
"""A document's issue date (proleptic Gregorian ordinal, 0 for none) and lengths in tokens."""


class Counts(fields.FieldType):  # type: ignore[misc]
    """A Whoosh field that is given ``{term: frequency}`` and indexes it as it is."""

    def __init__(self) -> None:
        super().__init__(format=formats.Existence(), analyzer=None)

    def index(self, value: dict[str, int], **_: Any) -> list[tuple[bytes, int, float, bytes]]:
        """Posting tuples as Whoosh's writer takes them."""
        return [(term.encode(), count, float(count), b"") for term, count in value.items()]


def whoosh_schema() -> fields.Schema:
    """The Whoosh schema. Always passed to Whoosh when opening, so that none is unpickled."""
    schema = fields.Schema()
    for text_field in TEXT_FIELDS:
        for analysis in (*ANALYSES, "characters"):
            schema.add(f"{text_field.name}_{analysis}", Counts())
    for keyword_field in KEYWORD_FIELDS:
        schema.add(keyword_field.name, Counts())
    schema.add(INFO_COLUMN, fields.COLUMN(columns.FixedBytesColumn(INFO_DTYPE.itemsize)))
    schema.add(RECORD_FIELD, fields.STORED())
    return schema


def document(article: Article, analyzer: Analyzer) -> dict[str, Any]:
    """The Whoosh document for an article."""
    info = np.zeros(1, INFO_DTYPE)
    if article.date:
        info["date"] = article.date.toordinal()
    document: dict[str, Any] = {}
    for text_field in TEXT_FIELDS:
        pieces = text_field.pieces(article)
        if not pieces:
            continue
        folded = folded_pieces(pieces)
        counted = {
            "words": analyzer.word_counts(folded),
            "bigrams": analyzer.bigram_counts(folded),
            "characters": Counter(characters(folded)),
        }
        for analysis, counts in counted.items():
            document[f"{text_field.name}_{analysis}"] = counts
        for analysis in ANALYSES:
            info[f"{text_field.name}_{analysis}"] = counted[analysis].total()
    for keyword_field in KEYWORD_FIELDS:
        if values := keyword_field.values(article):
            document[keyword_field.name] = dict.fromkeys(values, 1)
    document[INFO_COLUMN] = info.tobytes()
    document[RECORD_FIELD] = encode(article)
    return document


def folded_pieces(pieces: tuple[str, ...]) -> str:
    """The folded text of a field: its pieces, a line each."""
    return "\n".join([fold_text(piece) for piece in pieces])


def searched_text(article: Article, field: str) -> str:
    """The text that a phrase in this field must stand in: folded, without spaces."""
    pieces = next(f.pieces for f in TEXT_FIELDS if f.name == field)(article)
    return compact(folded_pieces(pieces))


def encode(article: Article) -> bytes:
    """The article as stored."""
    record = json.dumps(article.to_record(), ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(record.encode(), 6)


def decode(stored: bytes) -> Article:
    """The article from its stored form."""
    return Article.from_record(json.loads(zlib.decompress(stored)))
