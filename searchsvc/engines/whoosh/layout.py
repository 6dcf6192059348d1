"""How articles lie in a Whoosh index: its schema, made from the one field table, and the records.

Each text field has two inverted fields: ``body_words`` with term frequencies, and ``body_bigrams``
with positions, a pair for every character (``analysis.pair_columns``), whose length counts only
the pairs that rank. ``lead_words`` and ``lead_bigrams`` count those of the body's beginning, for
ranking alone. Each keyword field has one of its values, which is also the column that facets
count, and one of the folded values that differ, ``<name>_folded``; queries ask both. ``record`` is the article
as JSON.
"""

from __future__ import annotations

import json
from typing import Final

from whoosh import fields

from searchsvc.articles import Article
from searchsvc.engines.keywords import folded_field
from searchsvc.engines.records import to_lean_record
from searchsvc.ranking import LEAD
from searchsvc.schema import KEYWORD_FIELDS, TEXT_FIELDS

DATE_COLUMN: Final = "date"
"""The issue date as proleptic Gregorian ordinal, 0 for none."""

DATED_COLUMN: Final = "dated"
"""1 where an article has a date."""

SERIAL_COLUMN: Final = "serial"
"""A running number from 1, by which ``reprints`` knows the document; never searched."""

RECORD_FIELD: Final = "record"

REPRINTS: Final = "reprints"
SIDE_FILES: Final = "side_files"
"""What a commit keeps beside its segments: clusters of reprints, and what the writer's caller gave."""


def words_field(name: str) -> str:
    """The inverted field with the words of a text field."""
    return f"{name}_words"


def whoosh_schema() -> fields.Schema:
    """The Whoosh schema. It is the program's; no index keeps one."""
    schema = fields.Schema()
    for text_field in TEXT_FIELDS:
        schema.add(words_field(text_field.name), fields.TEXT(phrase=False))
        schema.add(f"{text_field.name}_bigrams", fields.TEXT(phrase=True))
    for analysis in ("words", "bigrams"):
        schema.add(f"{LEAD}_{analysis}", fields.TEXT(phrase=False))
    for keyword_field in KEYWORD_FIELDS:
        schema.add(keyword_field.name, fields.ID(sortable=True))
        schema.add(folded_field(keyword_field.name), fields.ID())
    for name, bits in ((DATE_COLUMN, 32), (DATED_COLUMN, 8), (SERIAL_COLUMN, 32)):
        column = fields.NUMERIC(
            int, bits=bits, signed=False, sortable=True, shift_step=0, default=0
        )
        column.indexed = name != SERIAL_COLUMN
        schema.add(name, column)
    schema.add(RECORD_FIELD, fields.STORED())
    return schema


def encode(article: Article) -> bytes:
    """The article as stored."""
    return json.dumps(to_lean_record(article), ensure_ascii=False, separators=(",", ":")).encode()


def decode(stored: bytes) -> Article:
    """The article from its stored form."""
    return Article.from_record(json.loads(stored))
