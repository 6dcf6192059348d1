"""Lines of a page to units: what its writer meant as one line.

In a page that gives a paragraph to a line, every non-blank line is a unit. In a hard-wrapped page
(narrow lines, as character recognition gives) the lines of a paragraph or heading are one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median, quantiles
from string import ascii_letters

from searchsvc.pages.characters import QUOTES
from searchsvc.pages.lines import PageLines

_FINAL = "。！？!?…"
_CLOSING = "”’」』）)】"
_LONG_CHARS = 60
"""A text of that length that ends in a closing bracket is taken for whole."""
_LETTERS = frozenset(ascii_letters)
INDENTS = " \u3000\t"
WRAPPED_WIDTH = 40
LONG_CHARS = 45


@dataclass(frozen=True, slots=True)
class Unit:
    """One logical line: its text and the 1-based lines that it stands on.

    ``gap`` counts the blank lines before it, ``indented`` tells of white space at its beginning.
    """

    text: str
    lines: tuple[int, ...]
    gap: int
    indented: bool

    @property
    def is_finished(self) -> bool:
        """Whether it ends as a sentence does."""
        return ends_sentence(self.text) and open_quotes(self.text) <= 0


@dataclass(frozen=True, slots=True)
class PageUnits:
    """The units of a page; ``wrapped`` tells that its lines are cut to ``measure`` characters."""

    units: tuple[Unit, ...]
    wrapped: bool
    measure: int


def ends_sentence(text: str) -> bool:
    """Whether a text ends as a sentence does, quotation marks and brackets after it aside."""
    if text.rstrip(_CLOSING)[-1:] in _FINAL and text.rstrip(_CLOSING):
        return True
    return len(text) > _LONG_CHARS and text[-1] in _CLOSING


def open_quotes(text: str) -> int:
    """How many quotation marks are opened and not closed; negative where more are closed."""
    return sum(text.count(first) - text.count(last) for first, last in QUOTES)


def page_units(page: PageLines, stands_alone: Callable[[str], bool]) -> PageUnits:
    """The units of a page, top to bottom; lines that ``stands_alone`` names are never joined."""
    lines = [(number, line, blank) for number, line, blank in _numbered(page) if line.strip()]
    widths = [len(line.strip()) for _, line, _ in lines]
    measure = _measure(widths)
    if not _is_wrapped(widths, measure):
        single = tuple(
            Unit(line.strip(), (number,), gap, line[0] in INDENTS) for number, line, gap in lines
        )
        return PageUnits(single, wrapped=False, measure=measure)
    return PageUnits(tuple(_joined(lines, measure, stands_alone)), wrapped=True, measure=measure)


def joined_text(parts: Iterable[str]) -> str:
    """Parts of one paragraph as one text; a space only between two Latin words."""
    pieces: list[str] = []
    for part in parts:
        stripped = part.strip()
        if pieces and stripped[:1] in _LETTERS and pieces[-1][-1:] in _LETTERS:
            pieces.append(" ")
        pieces.append(stripped)
    return "".join(pieces)


def _numbered(page: PageLines) -> Iterable[tuple[int, str, int]]:
    gap = 0
    region = 0
    for number, line in enumerate(page.lines, 1):
        yield number, line.text, max(gap, int(line.region != region and number > 1))
        gap = gap + 1 if not line.text.strip() else 0
        region = line.region


def _is_wrapped(widths: list[int], measure: int) -> bool:
    """Whether most lines are narrow and the commonest narrow width is filled again and again."""
    if len(widths) < 12:
        return False
    narrow = [w for w in widths if w <= WRAPPED_WIDTH]
    if len(narrow) < 0.9 * len(widths):
        return False
    return sum(abs(w - measure) <= 2 for w in widths) >= 0.4 * len(widths)


def _measure(widths: list[int]) -> int:
    """The page's own line length: its upper decile."""
    return round(quantiles(widths, n=10)[8]) if len(widths) > 1 else sum(widths)


def _joined(
    lines: list[tuple[int, str, int]], measure: int, stands_alone: Callable[[str], bool]
) -> list[Unit]:
    units: list[Unit] = []
    usual_gap = median(gap for _, _, gap in lines)
    pending: list[tuple[int, str]] = []
    pending_gap = 0
    for number, line, gap in lines:
        alone = stands_alone(line.strip()) or bool(pending and stands_alone(pending[-1][1].strip()))
        if pending and (alone or gap > usual_gap or _starts_unit(pending, line, measure)):
            units.append(_unit(pending, pending_gap))
            pending = []
        if not pending:
            pending_gap = gap
        pending.append((number, line))
    if pending:
        units.append(_unit(pending, pending_gap))
    return units


def _starts_unit(pending: list[tuple[int, str]], line: str, measure: int) -> bool:
    """Indented lines start a paragraph; so does what follows a line that was not filled."""
    last = pending[-1][1]
    if line[0] in INDENTS:
        return True
    return len(last.strip()) + (len(last) - len(last.lstrip())) < measure - 2


def _unit(lines: list[tuple[int, str]], gap: int) -> Unit:
    first = lines[0][1]
    return Unit(
        joined_text(line for _, line in lines),
        tuple(number for number, _ in lines),
        gap,
        first[0] in INDENTS,
    )
