"""Keyword fields in every engine: whole values, and beside them the folded ones that differ.

Values are compared folded, unless literal ones are asked for. A value that folding leaves as it is stands in
the field itself alone, so that queries ask both. Called by the engines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from searchsvc.query.tree import Near, TextLeaf, Wildcard
from searchsvc.schema import KEYWORD_FIELD, KIND_NAMES
from searchsvc.text import fold_text


class Comparison(Enum):
    """How a value must be like the text that is asked for."""

    WHOLE = auto()
    """It is that text."""
    PART = auto()
    """It contains that text."""
    PATTERN = auto()
    """The text, with its stars and question marks, describes it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The values that a leaf asks for: a text, in any of these fields of the index."""

    names: tuple[str, ...]
    text: str
    comparison: Comparison


def asked(leaf: TextLeaf) -> Asked:
    """What a leaf of a keyword field asks for; those of a partial field need only contain it."""
    field = KEYWORD_FIELD[leaf.field or ""]
    names = (field.name,) if leaf.literal else (field.name, folded_field(field.name))
    fold: Callable[[str], str] = str if leaf.literal else fold_text
    if isinstance(leaf, Wildcard):
        return Asked(names, fold(leaf.pattern), Comparison.PATTERN)
    text = " ".join(leaf.texts) if isinstance(leaf, Near) else leaf.text
    wanted = fold(KIND_NAMES.get(text, text) if field.name == "kind" else text)
    return Asked(names, wanted, Comparison.PART if field.partial else Comparison.WHOLE)


def folded_field(name: str) -> str:
    """The field with the folded values of a keyword field."""
    return f"{name}_folded"


def folded_values(values: Sequence[str]) -> list[str]:
    """The folded values, of those that folding changes."""
    return [folded for value in values if (folded := _folded(value)) != value]


@lru_cache(1 << 14)
def _folded(value: str) -> str:
    """``fold_text``; values repeat."""
    return fold_text(value)
