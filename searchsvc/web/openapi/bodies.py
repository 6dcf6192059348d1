"""What the write endpoints take, as JSON Schema: no narrower than what ``searchsvc.articles`` reads."""

from __future__ import annotations

from typing import Any

from searchsvc.articles import (
    FLAGS,
    KINDS,
    MAX_BODY_CHARS,
    MAX_ID_CHARS,
    MAX_TITLE_CHARS,
    PARAGRAPH_ROLES,
    ROLES,
)
from searchsvc.articles.fields import MAX_SHORT_CHARS

Schema = dict[str, Any]


def _text(longest: int) -> Schema:
    """A text, a whole number as one, or nothing."""
    return {"type": ["string", "integer", "null"], "maxLength": longest}


def _list(*items: Schema) -> Schema:
    return {"type": ["array", "null"], "items": {"anyOf": list(items)}}


_SHORT: Schema = {"type": "string", "maxLength": MAX_SHORT_CHARS}
_LINE: Schema = {"type": "integer", "minimum": 1}
_LINES: Schema = {"type": "array", "items": _LINE}
_PERSON = {
    "type": "object",
    "properties": {"name": _SHORT, "role": {"enum": [*ROLES, None]}},
    "required": ["name"],
}
_DATE_MENTION = {
    "type": "object",
    "properties": {
        "text": _SHORT,
        "value": {"type": "string", "description": "EDTF: 2018-07, 2018-07-30/2018-07-31"},
        "paragraph": {"type": "integer", "minimum": 0},
    },
    "required": ["value"],
}
_PARAGRAPH = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "role": {"enum": list(PARAGRAPH_ROLES)},
        "lines": _LINES,
    },
    "required": ["text"],
}
_PLACE = {
    "type": "object",
    "properties": {
        "path": {"type": "string"},
        "lines": {"type": "array", "items": _LINES | {"minItems": 2, "maxItems": 2}},
    },
    "required": ["path"],
}

ARTICLE_RECORD: Schema = {
    "type": "object",
    "properties": {
        "id": _text(MAX_ID_CHARS) | {"description": "in an address's body it may be left out"},
        "kind": {"enum": [*KINDS, "", None]},
        **{name: _text(MAX_TITLE_CHARS) for name in ("kicker", "title", "subtitle", "byline")},
        **{
            name: _text(MAX_SHORT_CHARS)
            for name in ("place", "agency", "newspaper", "page", "section")
        },
        "date": {"anyOf": [{"type": "string", "format": "date"}, {"enum": ["", None]}]},
        "people": _list(_SHORT, _PERSON),
        "tags": {"type": ["array", "string", "null"], "items": _SHORT},
        "url": _text(4_000),
        "documents": _list(_SHORT),
        "standards": _list(_SHORT),
        "flags": _list({"enum": [*FLAGS, ""]}),
        "dates": _list(_DATE_MENTION),
        "body": {
            "anyOf": [
                {"type": ["string", "null"], "maxLength": MAX_BODY_CHARS},
                {"type": "array", "items": {"anyOf": [{"type": "string"}, _PARAGRAPH]}},
            ],
            "description": "a text, a paragraph to a line, or a list of paragraphs",
        },
        "source": {
            "anyOf": [{"type": ["string", "null"]}, _PLACE],
            "description": "where it stands; a text counts as `newspaper`",
        },
    },
    "description": "An article, as a `.jsonl` source has it, with a title or a body. Chinese names of fields"
    " are understood, too; what else there is, is left out",
    "examples": [
        {"title": "古桥修缮开工", "newspaper": "澜江日报", "date": "2018-07-31", "body": "本报讯"}
    ],
}

ARTICLE_LINES: Schema = {
    "description": 'JSON Lines: a line is an `ArticleRecord` with its `id`, or `{"delete": "ID"}`',
    "examples": ['{"id": "1", "title": "古桥修缮开工"}\n{"delete": "2"}\n'],
}
