"""Articles as engines store and read them: lean records, and the folded texts of their fields.

What every engine keeps of an article is its record without what is empty; what patterns and similarity
look at are the folded texts. Called by the engines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from searchsvc.analysis import compact
from searchsvc.articles import Article
from searchsvc.schema import TEXT_FIELD
from searchsvc.text import fold_text

DEFAULT_ROLE: Final = "text"
"""Of a paragraph whose record names none."""


def folded_pieces(pieces: tuple[str, ...]) -> str:
    """The folded text of a field: its pieces, a line each."""
    return "\n".join([fold_text(piece) for piece in pieces])


def searched_text(article: Article, field: str) -> str:
    """The text that a pattern in this field must describe: folded, without spaces."""
    return compact(folded_pieces(TEXT_FIELD[field].pieces(article)))


def to_lean_record(article: Article) -> dict[str, Any]:
    """The article's record without empty fields, plain paragraphs as strings; ``Article.from_record``
    reads it."""
    record = {name: value for name, value in article.to_record().items() if value}
    record["body"] = [_lean(paragraph) for paragraph in record.get("body", ())]
    return record


def _lean(paragraph: Mapping[str, Any]) -> Any:
    kept = {name: value for name, value in paragraph.items() if value}
    if kept.get("role") == DEFAULT_ROLE:
        del kept["role"]
    return kept["text"] if list(kept) == ["text"] else kept
