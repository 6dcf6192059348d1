"""A query from the fields of a form: what the reader fills in becomes a text to see and edit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from searchsvc.query.lexer import half_width, plain_query
from searchsvc.schema import KIND_NAMES

FORM_FIELDS: Final = (
    "all", "exact", "any", "near", "distance", "none", "in", "person", "role",
    "newspaper", "section", "page", "kind",
)  # fmt: skip
SEARCHED_FIELDS: Final = ("标题", "引题", "正文", "署名")
ROLE_FIELDS: Final = ("人物", "记者", "通讯员", "摄影", "作者", "编辑")
KINDS: Final = tuple(KIND_NAMES)
DEFAULT_DISTANCE: Final = "20"


def composed(given: Mapping[str, str]) -> str:
    """The query that asks for all that the form's fields say; empty where they say nothing.

    Operators inside the fields mean nothing. A field, role or kind that the forms do not offer is
    left out, and a distance that is no number is ``DEFAULT_DISTANCE``.
    """
    words = {name: plain_query(given.get(name, "")).split() for name in ("all", "any", "near")}
    clauses = list(words["all"])
    if exact := _quoted(given.get("exact", "")):
        clauses.append(exact)
    if len(words["any"]) > 1:
        clauses.append(f"({' OR '.join(words['any'])})")
    else:
        clauses += words["any"]
    if len(words["near"]) > 1:
        distance = given.get("distance", "").strip()
        distance = distance if distance.isascii() and distance.isdecimal() else DEFAULT_DISTANCE
        clauses.append(f'"{" ".join(words["near"])}"~{distance}')
    else:
        clauses += words["near"]
    text = " AND ".join(clauses)
    if text and given.get("in") in SEARCHED_FIELDS:
        text = f"{given['in']}:({text})" if len(clauses) > 1 else f"{given['in']}:{text}"
    role = given.get("role", "")
    values = (
        (role if role in ROLE_FIELDS else ROLE_FIELDS[0], given.get("person", "")),
        ("报纸", given.get("newspaper", "")),
        ("版面", given.get("section", "")),
        ("版次", given.get("page", "")),
        ("类型", given.get("kind", "") if given.get("kind") in KINDS else ""),
    )
    parts = [text, *(f"{name}:{_quoted(value)}" for name, value in values if _quoted(value))]
    parts += [f"NOT {word}" for word in plain_query(given.get("none", "")).split()]
    return " AND ".join(part for part in parts if part)


def _quoted(text: str) -> str:
    """The text as a phrase, the quotation marks in it left out; empty for one without text."""
    plain = "".join(
        " " if twin == '"' or not twin.isprintable() else char
        for char, twin in zip(text, half_width(text), strict=True)
    )
    return f'"{" ".join(plain.split())}"' if plain.strip() else ""
