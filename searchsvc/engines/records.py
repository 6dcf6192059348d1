"""Articles as engines store and read them: lean records, and the folded texts of their fields.

What every engine keeps of an article is its record without what is empty; what patterns and similarity
look at are the folded texts. Called by the engines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import Any, Final

from searchsvc.analysis import compact
from searchsvc.articles import READING_KINDS, Article
from searchsvc.schema import TEXT_FIELD, TextField
from searchsvc.text import fold_text, fold_texts

DEFAULT_ROLE: Final = "text"
"""Of a paragraph whose record names none."""


def folded_pieces(pieces: tuple[str, ...]) -> str:
    """The folded text of a field: its pieces, a line each."""
    return "\n".join([fold_text(piece) for piece in pieces])


def folded_texts(field: TextField, articles: Sequence[Article]) -> tuple[list[int], list[str]]:
    """The numbers of the articles that have a field, and its text in each, folded at one go."""
    pieces = [field.pieces(article) for article in articles]
    folded = iter(fold_texts(list(chain.from_iterable(pieces))))
    having = [number for number, found in enumerate(pieces) if found]
    return having, ["\n".join(islice(folded, len(found))) for found in pieces if found]


def read_bodies(
    articles: Sequence[Article], having: Iterable[int], bodies: Iterable[str]
) -> list[tuple[int, str]]:
    """What reprints are known by, with the articles' numbers: the bodies of what is read, whatever stands
    over them.
    """
    numbered = zip(having, bodies, strict=True)
    return [(n, body) for n, body in numbered if articles[n].kind in READING_KINDS]


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
