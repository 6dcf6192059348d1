"""The article: what a reader finds. Made by the segmenter and the source readers, indexed by the
engines, shown by web and command line.

``Article.from_record`` validates a plain JSON record, ``Article.to_record`` writes one; the two
round-trip. Nothing here knows about files or indexes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from searchsvc.errors import RecordError

KINDS: Final = ("article", "photo", "ad", "notice", "masthead", "imprint")
READING_KINDS: Final = ("article", "photo")
"""Kinds that an ordinary query finds; the others only when asked for by kind."""

ROLES: Final = ("reporter", "correspondent", "photographer", "author", "editor", "adviser", "")
"""What a person named with an article did; empty where the page does not say (「报道」)."""

PARAGRAPH_ROLES: Final = ("text", "subhead", "caption")
FLAGS: Final = ("truncated", "no_headline", "generated_title")

MAX_ID_CHARS: Final = 200
MAX_TITLE_CHARS: Final = 1_000
MAX_BODY_CHARS: Final = 2_000_000
_ID_FORBIDDEN = re.compile(r"[\x00-\x20\x7f/?#%\\]")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named in a byline or imprint, with one of ``ROLES``."""

    name: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of the body, joined across column breaks.

    ``lines`` are the 1-based source lines it came from, in reading order; empty where unknown.
    """

    text: str
    role: str = "text"
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where an article stands: a path and 1-based inclusive line ranges in it, ascending."""

    path: str
    lines: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """One article, photo item, ad, notice or imprint of a newspaper page.

    ``body`` is in reading order. ``date`` is the issue date; ``page`` and ``section`` are as
    printed (``A03``, 要闻); ``place`` and ``agency`` come from the dateline; ``byline`` is the
    byline as printed.
    """

    id: str
    title: str
    body: tuple[Paragraph, ...] = ()
    kind: str = "article"
    kicker: str = ""
    subtitle: str = ""
    byline: str = ""
    people: tuple[Person, ...] = ()
    place: str = ""
    agency: str = ""
    newspaper: str = ""
    date: date | None = None
    page: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    url: str = ""
    source: Source | None = None

    def to_record(self) -> dict[str, Any]:
        """The article as a JSON object; empty fields are there too, so that its shape is fixed."""
        return {
            "id": self.id,
            "kind": self.kind,
            "kicker": self.kicker,
            "title": self.title,
            "subtitle": self.subtitle,
            "byline": self.byline,
            "people": [{"name": p.name, "role": p.role} for p in self.people],
            "place": self.place,
            "agency": self.agency,
            "newspaper": self.newspaper,
            "date": self.date.isoformat() if self.date else None,
            "page": self.page,
            "section": self.section,
            "tags": list(self.tags),
            "flags": list(self.flags),
            "url": self.url,
            "body": [{"text": p.text, "role": p.role, "lines": list(p.lines)} for p in self.body],
            "source": {
                "path": self.source.path,
                "lines": [list(r) for r in self.source.lines],
            }
            if self.source
            else None,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Article:
        """An article from a JSON object as ``to_record`` writes it.

        Every field but ``id`` may be left out; ``body`` may also be one string (a paragraph to a
        line) or a list of strings. Raises RecordError that names the field and what it holds. An
        article must have a title or a body.
        """
        if not isinstance(record, Mapping):
            raise RecordError("record.not_object", found=type(record).__name__)
        body = _body(record.get("body"))
        title = _string(record, "title", MAX_TITLE_CHARS)
        if not title and not body:
            raise RecordError("record.empty")
        return cls(
            id=_identifier(record),
            title=title,
            body=body,
            kind=_choice("kind", _string(record, "kind") or "article", KINDS),
            kicker=_string(record, "kicker", MAX_TITLE_CHARS),
            subtitle=_string(record, "subtitle", MAX_TITLE_CHARS),
            byline=_string(record, "byline", MAX_TITLE_CHARS),
            people=tuple(_people(record.get("people"))),
            place=_string(record, "place"),
            agency=_string(record, "agency"),
            newspaper=_string(record, "newspaper"),
            date=_date(record.get("date")),
            page=_string(record, "page"),
            section=_string(record, "section"),
            tags=tuple(_strings(record, "tags")),
            flags=tuple(_choice("flags", flag, FLAGS) for flag in _strings(record, "flags")),
            url=_string(record, "url", 4_000),
            source=_source(record.get("source")),
        )


def _invalid(field: str, value: object, expected: str) -> RecordError:
    shown = repr(value)
    return RecordError(
        "record.invalid", field=field, value=shown[:77] + "..." if len(shown) > 80 else shown,
        expected=expected,
    )  # fmt: skip


def _clean(field: str, value: object, max_chars: int) -> str:
    if not isinstance(value, str):
        raise _invalid(field, value, "string")
    if len(value) > max_chars:
        raise RecordError("record.too_long", field=field, length=len(value), limit=max_chars)
    if _SURROGATE.search(value):
        raise RecordError("record.surrogate", field=field)
    if "\0" in value:
        raise RecordError("record.control", field=field)
    return value.strip()


def _string(record: Mapping[str, Any], field: str, max_chars: int = 200) -> str:
    value = record.get(field)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return "" if value is None else _clean(field, value, max_chars)


def _strings(record: Mapping[str, Any], field: str) -> list[str]:
    value = record.get(field)
    if value is None:
        return []
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise _invalid(field, value, "list of strings")
    return [cleaned for item in value if (cleaned := _clean(field, item, 200))]


def _choice(field: str, value: str, choices: Sequence[str]) -> str:
    if value not in choices:
        raise _invalid(field, value, " | ".join(c for c in choices if c))
    return value


def _identifier(record: Mapping[str, Any]) -> str:
    value = _string(record, "id", MAX_ID_CHARS)
    if not value:
        raise RecordError("record.no_id")
    if _ID_FORBIDDEN.search(value) or value in (".", ".."):
        raise _invalid("id", value, "no spaces, control characters or any of / ? # % \\")
    return value


def _date(value: object) -> date | None:
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise _invalid("date", value, "YYYY-MM-DD") from None


def _body(value: object) -> tuple[Paragraph, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        value = value.splitlines()
    if not isinstance(value, Sequence):
        raise _invalid("body", value, "string, or list of paragraphs")
    paragraphs = []
    remaining = MAX_BODY_CHARS
    for item in value:
        fields = {"text": item} if isinstance(item, str) else item
        if not isinstance(fields, Mapping):
            raise _invalid("body", item, "string, or object with text, role, lines")
        text = _clean("body", fields.get("text"), remaining)
        remaining -= len(text)
        role = _choice("body.role", fields.get("role", "text"), PARAGRAPH_ROLES)
        lines = _line_numbers(fields.get("lines", ()))
        if text:
            paragraphs.append(Paragraph(text, role, lines))
    return tuple(paragraphs)


def _line_numbers(value: object) -> tuple[int, ...]:
    if not isinstance(value, Sequence) or not all(_is_line(number) for number in value):
        raise _invalid("body.lines", value, "list of line numbers from 1")
    return tuple(value)


def _people(value: object) -> list[Person]:
    if value is None:
        return []
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise _invalid("people", value, "list of objects with name and role")
    people = []
    for item in value:
        fields = {"name": item} if isinstance(item, str) else item
        if not isinstance(fields, Mapping):
            raise _invalid("people", item, "object with name and role")
        name = _clean("people.name", fields.get("name"), 200)
        role = fields.get("role") or ""
        if name:
            people.append(Person(name, _choice("people.role", role, ROLES)))
    return people


def _source(value: object) -> Source | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or not isinstance(value.get("path"), str):
        raise _invalid("source", value, "object with path and lines")
    lines = value.get("lines", ())
    valid = isinstance(lines, Sequence) and all(
        isinstance(r, Sequence) and len(r) == 2 and all(_is_line(n) for n in r) and r[0] <= r[1]
        for r in lines
    )
    if not valid:
        raise _invalid("source.lines", lines, "list of [first, last] line numbers from 1")
    return Source(_clean("source.path", value["path"], 4_000), tuple((r[0], r[1]) for r in lines))


def _is_line(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 1
