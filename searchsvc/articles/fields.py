"""Fields of a JSON record to parts of an article; RecordError says which field is wrong and how."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from searchsvc.articles.parts import (
    PARAGRAPH_ROLES,
    ROLES,
    DateMention,
    Paragraph,
    Person,
    Source,
)
from searchsvc.errors import RecordError

MAX_ID_CHARS: Final = 200
MAX_PATH_CHARS: Final = 4_000
MAX_SHORT_CHARS: Final = 200
MAX_TITLE_CHARS: Final = 1_000
MAX_BODY_CHARS: Final = 2_000_000
_MAPPINGS: Final = (dict, Mapping)
_SEQUENCES: Final = (list, tuple, Sequence)
"""Asking an abstract class alone takes five times as long."""
_ID_FORBIDDEN = re.compile(r"[\x00-\x20\x7f/?#%\\]")
_POINT = r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?"
_EDTF = re.compile(rf"{_POINT}(?:/(?:{_POINT}|\.\.))?|\.\./{_POINT}")


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
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise RecordError("record.surrogate", field=field) from error
    if "\0" in value:
        raise RecordError("record.control", field=field)
    return value.strip()


def read_string(record: Mapping[str, Any], field: str, max_chars: int = MAX_SHORT_CHARS) -> str:
    """A short text, or a whole number as one; empty where it is missing."""
    value = record.get(field)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return "" if value is None else _clean(field, value, max_chars)


def read_strings(record: Mapping[str, Any], field: str) -> list[str]:
    """A list of texts, empty ones left out."""
    value = record.get(field)
    if value is None:
        return []
    if not isinstance(value, _SEQUENCES) or isinstance(value, str):
        raise _invalid(field, value, "list of strings")
    return [cleaned for item in value if (cleaned := _clean(field, item, MAX_SHORT_CHARS))]


def read_choice(field: str, value: str, choices: Sequence[str]) -> str:
    """One of the choices."""
    if value not in choices:
        raise _invalid(field, value, " | ".join(c for c in choices if c))
    return value


def read_identifier(record: Mapping[str, Any]) -> str:
    """The id: a text that can stand in an address."""
    value = read_string(record, "id", MAX_ID_CHARS)
    if not value:
        raise RecordError("record.no_id")
    if not is_identifier(value):
        raise _invalid("id", value, "no spaces, control characters or any of / ? # % \\")
    return value


def is_identifier(text: str) -> bool:
    """Whether a text can be an id."""
    short = 0 < len(text) <= MAX_ID_CHARS
    return short and text not in (".", "..") and not _ID_FORBIDDEN.search(text)


def read_date(value: object) -> date | None:
    """A date as YYYY-MM-DD."""
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise _invalid("date", value, "YYYY-MM-DD") from None


def read_body(value: object) -> tuple[Paragraph, ...]:
    """Paragraphs: of one text, a line each, or of a list of texts or objects."""
    if value is None:
        return ()
    if isinstance(value, str):
        value = value.splitlines()
    if not isinstance(value, _SEQUENCES):
        raise _invalid("body", value, "string, or list of paragraphs")
    paragraphs = []
    remaining = MAX_BODY_CHARS
    for item in value:
        fields = {"text": item} if isinstance(item, str) else item
        if not isinstance(fields, _MAPPINGS):
            raise _invalid("body", item, "string, or object with text, role, lines")
        text = _clean("body", fields.get("text"), remaining)
        remaining -= len(text)
        role = read_choice("body.role", fields.get("role", "text"), PARAGRAPH_ROLES)
        lines = _line_numbers(fields.get("lines", ()))
        if text:
            paragraphs.append(Paragraph(text, role, lines))
    return tuple(paragraphs)


def _line_numbers(value: object) -> tuple[int, ...]:
    if not isinstance(value, _SEQUENCES) or not all(map(_is_line, value)):
        raise _invalid("body.lines", value, "list of line numbers from 1")
    return tuple(value)


def read_people(value: object) -> list[Person]:
    """People: a list of names, or of objects with name and role."""
    if value is None:
        return []
    if not isinstance(value, _SEQUENCES) or isinstance(value, str):
        raise _invalid("people", value, "list of objects with name and role")
    people = []
    for item in value:
        fields = {"name": item} if isinstance(item, str) else item
        if not isinstance(fields, _MAPPINGS):
            raise _invalid("people", item, "object with name and role")
        name = _clean("people.name", fields.get("name"), MAX_SHORT_CHARS)
        role = fields.get("role")
        role = read_choice("people.role", "" if role is None else role, ROLES)
        if name:
            people.append(Person(name, role))
    return people


def read_source(value: object) -> Source | None:
    """Where an article stands."""
    if value is None:
        return None
    if not isinstance(value, _MAPPINGS) or not isinstance(value.get("path"), str):
        raise _invalid("source", value, "object with path and lines")
    lines = value.get("lines", ())
    valid = isinstance(lines, _SEQUENCES) and all(
        isinstance(r, _SEQUENCES) and len(r) == 2 and all(_is_line(n) for n in r) and r[0] <= r[1]
        for r in lines
    )
    if not valid:
        raise _invalid("source.lines", lines, "list of [first, last] line numbers from 1")
    line_count = value.get("line_count", 0)
    if line_count and not _is_line(line_count):
        raise _invalid("source.line_count", line_count, "number of lines")
    return Source(
        _clean("source.path", value["path"], MAX_PATH_CHARS),
        tuple((r[0], r[1]) for r in lines),
        line_count,
        tuple(_box(box) for box in value.get("boxes", ())),
    )


def _box(value: object) -> tuple[float, float, float, float]:
    """A box whose edges lie on the page, left before right and top before bottom."""
    if isinstance(value, _SEQUENCES) and len(value) == 4:
        edges = [x for x in value if isinstance(x, int | float) and 0 <= x <= 1]
        if len(edges) == 4 and edges[0] <= edges[2] and edges[1] <= edges[3]:
            return (edges[0], edges[1], edges[2], edges[3])
    raise _invalid("source.boxes", value, "list of [left, top, right, bottom], each 0 to 1")


def read_dates(value: object) -> tuple[DateMention, ...]:
    """Dates that the text mentions: a list of objects with text, value and paragraph."""
    if value is None:
        return ()
    if not isinstance(value, _SEQUENCES) or isinstance(value, str):
        raise _invalid("dates", value, "list of objects with text, value and paragraph")
    return tuple(map(_date_mention, value))


def _date_mention(value: object) -> DateMention:
    if not isinstance(value, _MAPPINGS):
        raise _invalid("dates", value, "object with text, value and paragraph")
    told = _clean("dates.value", value.get("value"), 40)
    if not _EDTF.fullmatch(told):
        raise _invalid("dates.value", told, "YYYY-MM-DD, YYYY-MM, YYYY, or two of them with /")
    paragraph = value.get("paragraph", 0)
    if not isinstance(paragraph, int) or paragraph < 0:
        raise _invalid("dates.paragraph", paragraph, "place in the body, from 0")
    return DateMention(
        _clean("dates.text", value.get("text", ""), MAX_SHORT_CHARS), told, paragraph
    )


def _is_line(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 1
