"""What an article is made of, and the words that say what each part is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

KINDS: Final = ("article", "photo", "ad", "notice", "masthead", "imprint")
READING_KINDS: Final = ("article", "photo")
"""Kinds that an ordinary query finds; the others only when asked for by kind."""

ROLES: Final = ("reporter", "correspondent", "photographer", "author", "editor", "adviser", "")
"""What a person named with an article did; empty where the page does not say (「报道」)."""

PARAGRAPH_ROLES: Final = ("text", "subhead", "caption")
FLAGS: Final = ("truncated", "no_headline", "generated_title")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named in a byline or imprint, with one of ``ROLES``."""

    name: str
    role: str = ""

    def __reduce__(self) -> tuple[type[Person], tuple[Any, ...]]:
        return Person, (self.name, self.role)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of the body, joined across column breaks.

    ``lines`` are the 1-based source lines it came from, in reading order; empty where unknown.
    """

    text: str
    role: str = "text"
    lines: tuple[int, ...] = ()

    def __reduce__(self) -> tuple[type[Paragraph], tuple[Any, ...]]:
        return Paragraph, (self.text, self.role, self.lines)


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date inside the text: as written, and resolved as EDTF (ISO 8601-2) says it.

    ``value`` is a day, month or year (``2018-07-24``, ``2018-06``, ``2018``) or an interval of such,
    ``..`` for an open end. ``paragraph`` counts from 0 in the body.
    """

    text: str
    value: str
    paragraph: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where an article stands: a path and 1-based inclusive line ranges in it, ascending.

    ``line_count`` is the number of lines of the page, 0 where unknown. ``boxes`` are its rectangles
    on the page as (left, top, right, bottom), fractions of the page's width and height.
    """

    path: str
    lines: tuple[tuple[int, int], ...] = ()
    line_count: int = 0
    boxes: tuple[tuple[float, float, float, float], ...] = ()

    def __reduce__(self) -> tuple[type[Source], tuple[Any, ...]]:
        return Source, (self.path, self.lines, self.line_count, self.boxes)
