"""A page as its readers hand it to the segmenter: lines in reading order, with boxes where known.

Readers of text, ALTO, hOCR, PAGE XML and PDF make ``PageLines``; ``segment_lines`` takes them. A
line's number is its place in ``PageLines.lines``, from 1; blocks, articles and corrections name
lines by it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from searchsvc.pages.model import Issue

_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the page in any one unit, origin at the top left; ``right > left``,
    ``bottom > top``.
    """

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line as printed or written; blank lines of a text are lines, too.

    ``region`` numbers the text block that a reader found the line in (ALTO's TextBlock, PAGE's
    TextRegion), from 1; 0 where there are none. ``size`` is the height of its type in the box's
    unit; 0 where unknown.
    """

    text: str
    box: Box | None = None
    region: int = 0
    size: float = 0.0


@dataclass(frozen=True, slots=True)
class PageLines:
    """The lines of one page in reading order, with what its file says of the issue.

    ``issue`` comes from metadata (METS, an HTML page's head), not from the lines. ``width`` and
    ``height`` measure the page in the unit of the boxes; 0 where there are no boxes.
    """

    lines: tuple[Line, ...]
    issue: Issue = field(default_factory=Issue)
    width: float = 0.0
    height: float = 0.0

    @property
    def checksum(self) -> str:
        """SHA-256 of the lines' texts; the same page in another encoding or format has the same."""
        text = "\n".join(line.text for line in self.lines)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def text_lines(text: str) -> PageLines:
    """The lines of a page of plain text; LF, CR LF and CR end a line."""
    return PageLines(tuple(map(Line, _BREAK.split(text))))


def fractions(page: PageLines, numbers: Sequence[int]) -> tuple[Box, ...]:
    """Where lines stand on the page, as fractions of its width and height; one box for every run
    of lines of one region; nothing where the page has no boxes.
    """
    if page.width <= 0 or page.height <= 0:
        return ()
    runs: list[tuple[int, list[Box]]] = []
    for number in numbers:
        line = page.lines[number - 1]
        if line.box is not None:
            if not runs or runs[-1][0] != line.region or not _below(runs[-1][1][-1], line.box):
                runs.append((line.region, []))
            runs[-1][1].append(line.box)
    return tuple(_around(page, boxes) for _, boxes in runs)


def _below(first: Box, second: Box) -> bool:
    """Whether the second box goes on in the first one's column."""
    overlap = min(first.right, second.right) - max(first.left, second.left)
    return second.top >= first.top and overlap > 0


def _around(page: PageLines, boxes: Sequence[Box]) -> Box:
    return Box(
        _share(min(box.left for box in boxes), page.width),
        _share(min(box.top for box in boxes), page.height),
        _share(max(box.right for box in boxes), page.width),
        _share(max(box.bottom for box in boxes), page.height),
    )


def _share(value: float, whole: float) -> float:
    return round(min(1.0, max(0.0, value / whole)), 4)
