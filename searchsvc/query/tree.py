"""The query tree: what was asked, independent of any engine.

Made by the parser; evaluated by the engines; read by highlights. ``field`` is a canonical name of
the schema or None (every text field). Texts are as typed; the engine folds and analyses them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias, TypeGuard


@dataclass(frozen=True, slots=True)
class Equivalent:
    """Other ``texts`` for ``start:end`` of a leaf's folded text: folded, compact, of whole words.

    A number at the edge of one of them must be whole: 10年 does not stand in 2010年.
    """

    start: int
    end: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Bare text: all its words must stand in the article (``any_word``: best match, where a word
    or two neighbouring characters of it are enough). ``required`` words were joined by AND and are
    never relaxed. ``ignored`` words are not asked for. ``literal`` text must stand in the article as
    it is, unfolded and whole.
    """

    text: str
    field: str | None = None
    boost: float = 1.0
    any_word: bool = False
    required: bool = False
    equivalents: tuple[Equivalent, ...] = ()
    ignored: frozenset[str] = frozenset()
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Phrase:
    """The folded text must contain this folded text, spaces left out of account on both sides.

    ``in_text``: quoted within running text, as headlines do; relaxed like bare words. ``spellings``
    (folded, compact) are as good as the text. ``literal``: the text itself must contain this text
    itself, spaces included.
    """

    text: str
    field: str | None = None
    boost: float = 1.0
    in_text: bool = False
    spellings: tuple[str, ...] = ()
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """All texts stand, in any order, with at most ``distance`` other characters between them.

    Spaces are not counted; ``literal``: the texts themselves stand so.
    """

    texts: tuple[str, ...]
    distance: int
    field: str | None = None
    boost: float = 1.0
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Wildcard:
    """``*`` stands for up to 10 letters, digits or Han characters, ``?`` for one."""

    pattern: str
    field: str | None = None
    boost: float = 1.0
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """Issue dates from ``low`` to ``high``, both inclusive; None leaves that end open."""

    low: date | None
    high: date | None


@dataclass(frozen=True, slots=True)
class Everything:
    """Every article."""


@dataclass(frozen=True, slots=True)
class Not:
    """What ``child`` does not find."""

    child: Node


@dataclass(frozen=True, slots=True)
class And:
    """What all children find."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """What some child finds."""

    children: tuple[Node, ...]


Node: TypeAlias = Words | Phrase | Near | Wildcard | Range | Everything | Not | And | Or
TextLeaf: TypeAlias = Words | Phrase | Near | Wildcard


def text_leaves(node: Node) -> Iterator[TextLeaf]:
    """The leaves that ask for text and are not negated, in the order they were typed."""
    match node:
        case And(children) | Or(children):
            for child in children:
                yield from text_leaves(child)
        case Words() | Phrase() | Near() | Wildcard():
            yield node
        case _:
            return


def as_literal(node: Node) -> Node:
    """The tree that looks for its texts as they stand, without folding."""
    match node:
        case And(children):
            return And(tuple(map(as_literal, children)))
        case Or(children):
            return Or(tuple(map(as_literal, children)))
        case Not(child):
            return Not(as_literal(child))
        case Words() | Phrase() | Near() | Wildcard():
            return replace(node, literal=True)
        case _:
            return node


def names_field(node: Node, field: str) -> bool:
    """Whether any leaf, negated or not, asks for this field."""
    match node:
        case And(children) | Or(children):
            return any(names_field(child, field) for child in children)
        case Not(child):
            return names_field(child, field)
        case Words() | Phrase() | Near() | Wildcard():
            return node.field == field
        case _:
            return False


def bare_leaves(node: Node) -> list[Words | Phrase]:
    """The bare words, and quotes within them, that the whole query hangs on."""
    children = node.children if isinstance(node, And) else (node,)
    return [child for child in children if _is_bare(child)]


def relaxed(node: Node, *, phrases: bool = False) -> Node | None:
    """The tree with bare words as alternatives, None where that would change nothing.

    Fields, negations and what the user joined by OR keep their meaning; so do phrases that stand by
    themselves, unless ``phrases`` makes bare words of them, too. A code is looked for whole.
    """
    children = node.children if isinstance(node, And) else (node,)
    words = [
        c
        for c in children
        if isinstance(c, Words | Phrase)
        and not c.literal
        and (_is_bare(c) or (phrases and isinstance(c, Phrase) and c.field is None))
    ]
    if not words:
        return None
    loose: list[Node] = [_any_word(child) for child in words]
    kept = [child for child in children if child not in words]
    either: Node = loose[0] if len(loose) == 1 else Or(tuple(loose))
    return And((either, *kept)) if kept else either


def is_code(text: str) -> bool:
    """Whether a text typed without a space is one thing, however it is cut: ``GB/T33230-2016``, a
    telephone number, ``360``."""
    plain = unicodedata.normalize("NFKC", text)
    return plain.isascii() and any(character.isdigit() for character in plain)


def _any_word(node: Words | Phrase) -> Words | Phrase:
    if isinstance(node, Phrase):
        return Words(node.text, node.field, node.boost, any_word=True)
    if is_code(node.text):
        return node if node.equivalents else Phrase(node.text, node.field, node.boost)
    return replace(node, any_word=True)


def _is_bare(node: Node) -> TypeGuard[Words | Phrase]:
    """Words that nobody joined by AND, or a quote within a text; in no field."""
    match node:
        case Words(field=None, required=False) | Phrase(field=None, in_text=True):
            return not node.literal
        case _:
            return False
