"""Bulk writes: JSON Lines of articles to put and ids to delete, answered line by line.

Takes a body, gives a JSON answer. A line is an article's record, as a ``.jsonl`` source has it but with
its ``id``, or ``{"delete": "ID"}``. Called by the web.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from searchsvc.articles import Article
from searchsvc.errors import RecordError
from searchsvc.settings import Settings
from searchsvc.sources.records import own_names, parsed_record
from searchsvc.writing import Change, Writing

OUTCOMES: Final = ("created", "updated", "deleted", "missing", "rejected")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line by its number from 1, and the change that it asks for or why it cannot be one."""

    number: int
    id: str | None
    asked: Change | RecordError


def write_lines(writing: Writing, body: bytes, settings: Settings, language: str) -> dict[str, Any]:
    """Makes what the lines ask for, all at once; what a line holds wrong is told in its place.

    Gives ``{created, updated, deleted, missing, rejected, lines: [{line, id, result, ...}]}``. Raises
    what ``Writing.apply`` raises.
    """
    lines = list(_read(body, settings))
    results = iter(writing.apply([line.asked for line in lines if isinstance(line.asked, Change)]))
    answers: list[dict[str, Any]] = []
    for line in lines:
        answer: dict[str, Any] = {"line": line.number, "id": line.id}
        if isinstance(line.asked, RecordError):
            told = {"code": line.asked.code, "detail": line.asked.message(language)}
            answers.append(answer | {"result": "rejected"} | told)
        else:
            answers.append(answer | {"result": next(results)})
    counts = Counter(answer["result"] for answer in answers)
    return {name: counts[name] for name in OUTCOMES} | {"lines": answers}


def article_of(fields: Mapping[str, Any], settings: Settings, article_id: str) -> Article:
    """The article that a record describes for an id, which it may leave out. Raises RecordError."""
    record = own_names(fields, settings)
    if str(record.setdefault("id", article_id)) != article_id:
        raise RecordError("record.other_id", id=article_id, found=str(record["id"])[:80])
    return Article.from_record(record)


def _read(body: bytes, settings: Settings) -> Iterator[_Line]:
    for number, text in enumerate(body.split(b"\n"), 1):
        if not text.strip():
            continue
        article_id: str | None = None
        try:
            fields = parsed_record(_decoded(text))
            if fields.keys() == {"delete"}:
                article_id = _deleted(fields["delete"])
                yield _Line(number, article_id, Change(article_id, None))
                continue
            record = own_names(fields, settings)
            if isinstance(record.get("id"), str):
                article_id = record["id"][:200]
            article = Article.from_record(record)
            yield _Line(number, article.id, Change(article.id, article))
        except RecordError as error:
            yield _Line(number, article_id, error)


def _decoded(text: bytes) -> str:
    try:
        return text.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        raise RecordError("record.utf8", position=error.start) from error


def _deleted(value: object) -> str:
    if isinstance(value, str) and value:
        return value
    raise RecordError("record.invalid", field="delete", value=repr(value)[:80], expected='"ID"')
