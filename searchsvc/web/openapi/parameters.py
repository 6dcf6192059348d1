"""What the endpoints take, as JSON Schema: the limits are those that ``searchsvc.requests`` checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from searchsvc.articles import Article
from searchsvc.people import ROLES
from searchsvc.requests import (
    CONTEXT_CHARS,
    EXPORTS,
    LINES,
    MAX_CONTEXT_CHARS,
    MAX_LIKE_CHARS,
    MAX_LINES,
    MAX_SEARCHES,
    MAX_SUGGESTIONS,
    MAX_TRENDS,
    MAX_VALUES,
    ORDERS,
    PERSON_SORTS,
    SIMILAR,
    SUGGESTIONS,
    VALUE_ORDERS,
)
from searchsvc.results import FACETS, FILTERS, FOLDS, SORTS
from searchsvc.settings import Settings
from searchsvc.timeline import INTERVALS

Schema = dict[str, Any]

_DAY = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"


def parameter_schemas(settings: Settings) -> dict[str, Schema]:
    """Every parameter by name; ``description`` says what it is."""
    day = {"type": "string", "pattern": _DAY, "examples": ["2018", "2018-07", "2018-07-31"]}
    return {
        "q": _text("the query", maxLength=settings.max_query_chars, examples=["古桥 修缮"]),
        "page": _whole("the page of hits, from 1", 10**9, 1),
        "per_page": _whole("hits on a page", settings.max_per_page, 10),
        "sort": _one_of("the order of hits", SORTS),
        "filter": {
            "type": "array",
            "items": {"type": "string", "pattern": f"^({'|'.join(FILTERS)}):.+$"},
            "description": "`name:value`; values of one name are alternatives",
            "examples": [["newspaper:澜江日报"]],
        },
        "date_from": day | {"description": "the first issue date: a day, month or year"},
        "date_to": day | {"description": "the last issue date: a day, month or year"},
        "cursor": _text("the `next_cursor` of a page of the same search, as it is"),
        "facets": _list_of("the facets to count", FACETS),
        "highlight": _switch("whether hits carry `highlights`", default=True),
        "fields": _list_of("the fields of documents to give", [f.name for f in fields(Article)]),
        "explain": _switch("whether hits carry `explanation`", default=False),
        "fold": _one_of("what hits are folded by", FOLDS),
        "histogram": _one_of("the interval of counts over time", INTERVALS),
        "literal": _switch("whether only text exactly as typed is found", default=False),
        "limit": _whole("how many to give", MAX_SUGGESTIONS, SUGGESTIONS),
        "similar": _whole("how many to give", MAX_SUGGESTIONS, SIMILAR),
        "text": _text("the text to analyse", maxLength=settings.max_query_chars),
        "lines": _whole("the most lines to give", MAX_LINES, LINES),
        "queries": {
            "type": "array",
            "items": {"type": "string", "maxLength": settings.max_query_chars},
            "maxItems": MAX_TRENDS,
            "description": "the queries to compare",
            "examples": [["古桥", "大桥"]],
        },
        "interval": _one_of("the length of periods; without it one that fits", INTERVALS),
        "order": _one_of("the order of lines", ORDERS),
        "context": _whole("characters on each side", MAX_CONTEXT_CHARS, CONTEXT_CHARS),
        "format": _one_of("the format of the file", EXPORTS),
        "facet": _one_of("a facet", FACETS),
        "name": _text("a person, as the archive names them"),
        "like": _text("what a name must hold, folded", maxLength=MAX_LIKE_CHARS),
        "role": _one_of("a role that a person has", ROLES),
        "person_sort": _one_of("the order of a person's articles", PERSON_SORTS),
        "values_order": _one_of("the order of values", VALUE_ORDERS),
        "values_per_page": _whole("values or people on a page", MAX_VALUES, 100),
        "newspaper": _text("a newspaper of the archive"),
        "date": {
            "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": "an issue date",
        },
        "year": _whole("the year of a calendar; no more than a hint here", 9_999, None),
        "lang": _one_of("the language of messages, before what `Accept-Language` says", ("zh", "en")),
    }  # fmt: skip


def body_schema(names: Iterable[str], settings: Settings) -> Schema:
    """The same parameters as a JSON object."""
    schemas = parameter_schemas(settings)
    schemas["cursor"] = schemas["cursor"] | {"type": ["string", "null"]}
    schemas["filter"] = {
        "type": "object",
        "properties": {
            name: {
                "anyOf": [
                    {"type": "string", "minLength": 1},
                    {"type": "array", "items": {"type": "string", "minLength": 1}},
                ]
            }
            for name in FILTERS
        },
        "additionalProperties": False,
        "description": "names to a value or several alternatives",
    }
    return {
        "type": "object",
        "properties": {name: schemas[name] for name in names},
        "additionalProperties": False,
        "examples": [{"q": "古桥 修缮", "per_page": 5, "facets": ["newspaper", "year"]}],
    }


def searches_schema(search: Schema) -> Schema:
    """Several bodies of searches."""
    return {
        "type": "object",
        "properties": {
            "searches": {"type": "array", "items": search, "minItems": 1, "maxItems": MAX_SEARCHES}
        },
        "required": ["searches"],
        "additionalProperties": False,
    }


def _text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


def _whole(description: str, largest: int, default: int | None) -> Schema:
    schema: Schema = {
        "type": "integer", "minimum": 1, "maximum": largest, "description": description,
    }  # fmt: skip
    return schema if default is None else schema | {"default": default}


def _one_of(description: str, values: Iterable[str]) -> Schema:
    return {"type": "string", "enum": list(values), "description": description}


def _list_of(description: str, values: Iterable[str]) -> Schema:
    items = {"type": "string", "enum": list(values)}
    return {"type": "array", "items": items, "description": description}


def _switch(description: str, *, default: bool) -> Schema:
    return {"type": "boolean", "default": default, "description": description}
