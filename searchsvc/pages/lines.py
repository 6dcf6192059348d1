"""A page as its readers hand it to the segmenter: lines in reading order, with boxes where known.

Readers of text, ALTO, hOCR, PAGE XML and PDF make ``PageLines``; ``segment_lines`` takes them. A
line's number is its place in ``PageLines.lines``, from 1; blocks, articles and corrections name
lines by it.
"""

from __future__ import annotations

import hashlib
import re
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
