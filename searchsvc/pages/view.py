"""A page as the cues see it: its lines, what is known of each, and which text stands around them.

Every array has one entry a non-blank line, top to bottom. Made once a page by ``page_view``; read
by the cues.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from searchsvc.pages.issues import is_masthead
from searchsvc.pages.lines import Line, PageLines
from searchsvc.pages.units import PageUnits, Unit, ends_sentence, page_units

Flags: TypeAlias = NDArray[np.bool_]
Places: TypeAlias = NDArray[np.int64]
Values: TypeAlias = NDArray[Any]
"""One flag or number a line, shape ``(lines,)``."""

LEAST_INDENT, MOST_INDENT = 1.2, 4.0
"""In heights of the line: an indent is two characters wide, and these as wide as high. Less is a crooked
scan, more another column.
"""
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
    def starts(self) -> Places:
        """Where each line begins in the texts written one after the other."""
        return np.cumsum(self.lengths) - self.lengths

    @cached_property
    def text(self) -> str:
        """The page as one text to look words up in; only so much as a page may have."""
        return "\n".join(self.texts)[:MAX_LOOKUP_CHARS]

    @cached_property
    def running(self) -> Flags:
        """Whether each line's unit reads as running text."""
        return self.of_units([unit.is_body for unit in self.units])

    @cached_property
    def finished(self) -> Flags:
        """Whether each line ends as a sentence does."""
        return self.where(ends_sentence)

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
    def begins_unit(self) -> Flags:
        """Whether each line is the first of its unit."""
        return np.not_equal(self.unit_of, before(self.unit_of, -1))

    def where(self, holds: Callable[[str], object]) -> Flags:
        """The lines whose text ``holds``."""
        return np.fromiter(map(bool, map(holds, self.texts)), np.bool_, len(self))

    def where_short(self, holds: Callable[[str], object], limit: int) -> Flags:
        """The lines of at most ``limit`` characters whose text ``holds``."""
        found = (len(text) <= limit and bool(holds(text)) for text in self.texts)
        return np.fromiter(found, np.bool_, len(self))

    def of_units(self, values: Sequence[bool]) -> Flags:
        """What holds for units, for their lines."""
        return np.array(values, np.bool_)[self.unit_of]

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
        line.text[:1] in " \u3000\t"
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
