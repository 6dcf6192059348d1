"""A page as the cues see it: its lines, what is known of each, and which text stands around them.

Every array has one entry a non-blank line, top to bottom. Made once a page by ``page_view``; read
by the cues.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from statistics import median
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from searchsvc.pages.characters import BIT, QUOTES, Characters
from searchsvc.pages.issues import is_masthead
from searchsvc.pages.lines import Line, PageLines
from searchsvc.pages.units import INDENTS, LONG_CHARS, PageUnits, Unit, ends_sentence, page_units

Flags: TypeAlias = NDArray[np.bool_]
Places: TypeAlias = NDArray[np.int64]
Values: TypeAlias = NDArray[Any]
"""One flag or number a line, shape ``(lines,)``."""

LEAST_INDENT, MOST_INDENT = 1.2, 4.0
"""In heights of the line: an indent is two characters wide, and these as wide as high. Less is a crooked
scan, more another column.
"""
COMMA_CHARS = 20
"""A text of that length with a comma reads as running text."""
INDENT_SHARE = 0.03
"""A page that indents at least that share of its lines indents its paragraphs."""
MAX_LOOKUP_CHARS = 50_000
"""No newspaper page has more; what does must not take quadratic time."""


@dataclass(frozen=True, eq=False)
class View:
    """The non-blank lines of a page, with units of them as a first guess at what belongs together.

    ``numbers`` are line numbers from 1, ``texts`` stripped; ``gaps`` counts the blank lines before
    each; ``unit_of`` is the place of each line's unit in ``units``. ``measure`` is the page's line
    length in characters, ``wrapped`` tells that its lines are cut to it.
    """

    numbers: tuple[int, ...]
    texts: tuple[str, ...]
    gaps: Places
    indented: Flags
    wrapped: bool
    measure: int
    units: tuple[Unit, ...]
    unit_of: Places
    found: dict[str, Values] = field(default_factory=dict)
    """What cues found already, by name."""

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def lengths(self) -> Places:
        """Characters of each line."""
        return np.fromiter(map(len, self.texts), np.int64, len(self))

    @cached_property
    def characters(self) -> Characters:
        """The characters of all lines and their classes."""
        return Characters(self.texts, self.lengths)

    @cached_property
    def first_words(self) -> NDArray[np.uint32]:
        """The first ideograph or letter of each line; see ``Characters``."""
        return self.characters.first_words()

    @cached_property
    def open_pairs(self) -> Values:
        """What each line opens and does not close, ``(lines, pairs)``; see ``Characters``."""
        return self.characters.open_pairs()

    @cached_property
    def open_quotes(self) -> Values:
        """How many quotation marks each line opens and does not close."""
        found: Values = self.open_pairs[:, : len(QUOTES)].sum(axis=1)
        return found

    @cached_property
    def text(self) -> str:
        """The page as one text to look words up in; only so much as a page may have."""
        return "\n".join(self.texts)[:MAX_LOOKUP_CHARS]

    @cached_property
    def running(self) -> Flags:
        """Whether each line's unit reads as running text rather than as a heading: long, with
        brackets that do not close, or with the marks of sentences.
        """
        found = (self.unit_lengths >= LONG_CHARS) | self.in_units("stop")
        found |= (self.unit_lengths >= COMMA_CHARS) & self.in_units("comma")
        found |= np.add.reduceat(self.open_pairs, self.unit_starts, axis=0).any(axis=1)
        return found[self.unit_of]

    @cached_property
    def finished(self) -> Flags:
        """Whether each line ends as a sentence does."""
        found = self.ends_with("final")
        return found | self.where(ends_sentence, self.ends_with("closing"))

    @cached_property
    def last_running(self) -> Places:
        """The last line of running text before each line; -1 where there is none."""
        places = np.where(self.running, np.arange(len(self)), -1)
        return before(np.maximum.accumulate(places), -1)

    @cached_property
    def next_running(self) -> Places:
        """The first line of running text from each line on; ``len(self)`` where there is none."""
        places = np.where(self.running, np.arange(len(self)), len(self))
        return np.minimum.accumulate(places[::-1])[::-1]

    @cached_property
    def usual_gap(self) -> float:
        """The median of the gaps."""
        return float(median(self.gaps.tolist()))

    @cached_property
    def indents_paragraphs(self) -> bool:
        """Whether enough lines are indented for that to tell of paragraphs."""
        return int(np.count_nonzero(self.indented)) > INDENT_SHARE * len(self)

    @cached_property
    def unit_starts(self) -> Places:
        """The first line of each unit."""
        return np.flatnonzero(self.begins_unit)

    @cached_property
    def begins_unit(self) -> Flags:
        """Whether each line is the first of its unit."""
        return np.not_equal(self.unit_of, before(self.unit_of, -1))

    @cached_property
    def unit_lengths(self) -> Places:
        """Characters of each unit, ``(units,)``."""
        return np.fromiter((len(unit.text) for unit in self.units), np.int64, len(self.units))

    @cached_property
    def _unit_holds(self) -> NDArray[np.uint32]:
        return np.bitwise_or.reduceat(self.characters.holds, self.unit_starts)

    def in_units(self, name: str) -> Flags:
        """The units that hold a character of a class, ``(units,)``."""
        return (self._unit_holds & BIT[name]).astype(np.bool_)

    def begins_with(self, name: str) -> Flags:
        """The lines whose first character is of a class."""
        return (self.characters.first & BIT[name]).astype(np.bool_)

    def ends_with(self, name: str) -> Flags:
        """The lines whose last character is of a class."""
        return (self.characters.last & BIT[name]).astype(np.bool_)

    def holds(self, name: str) -> Flags:
        """The lines that hold a character of a class."""
        return (self.characters.holds & BIT[name]).astype(np.bool_)

    def where(self, holds: Callable[[str], object], among: Flags) -> Flags:
        """The lines whose text ``holds``, of those ``among`` which alone may."""
        found = np.zeros(len(self), np.bool_)
        for n in np.flatnonzero(among).tolist():
            found[n] = bool(holds(self.texts[n]))
        return found

    def at(self, places: Places, values: Values, missing: float) -> Values:
        """The values of other lines; ``missing`` where a place is none of the page."""
        inside = (places >= 0) & (places < len(self))
        return np.where(inside, values[np.where(inside, places, 0)], values.dtype.type(missing))


def cue(find: Callable[[View], Values]) -> Callable[[View], Values]:
    """A cue: found once a page, however many other cues ask for it."""

    @wraps(find)
    def cached(view: View) -> Values:
        values = view.found.get(find.__name__)
        if values is None:
            values = view.found[find.__name__] = find(view)
        return values

    return cached


def page_view(page: PageLines) -> View:
    """What the cues see of a page."""
    found: PageUnits = page_units(page, is_masthead)
    numbers = [number for unit in found.units for number in unit.lines]
    sizes = [len(unit.lines) for unit in found.units]
    raw = [page.lines[number - 1] for number in numbers]
    regions = np.array([line.region for line in raw], np.int64)
    gaps = np.array(numbers, np.int64) - before(np.array(numbers, np.int64), 0) - 1
    return View(
        numbers=tuple(numbers),
        texts=tuple(line.text.strip() for line in raw),
        gaps=np.maximum(gaps, (regions != before(regions, 0)).astype(np.int64)),
        indented=np.array(_indents(raw), np.bool_),
        wrapped=found.wrapped,
        measure=found.measure,
        units=found.units,
        unit_of=np.repeat(np.arange(len(sizes)), sizes),
    )


def _indents(lines: Sequence[Line]) -> list[bool]:
    """Whether each line begins with white space, or with as much of it on paper: more than a
    character right of the leftmost line of its region.
    """
    edges: dict[int, float] = {}
    for line in lines:
        if line.box:
            edges[line.region] = min(edges.get(line.region, line.box.left), line.box.left)
    return [
        line.text[0] in INDENTS
        or bool(
            line.box
            and LEAST_INDENT
            < (line.box.left - edges[line.region]) / (line.box.bottom - line.box.top)
            < MOST_INDENT
        )
        for line in lines
    ]


def before(values: Values, first: float) -> Values:
    """The value of the line before each; ``first`` for the first."""
    return np.concatenate([np.array([first], values.dtype), values[:-1]])


def after(values: Values, last: float) -> Values:
    """The value of the line after each; ``last`` for the last."""
    return np.concatenate([values[1:], np.array([last], values.dtype)])
