"""Words with boxes to lines of a page, upright, with spaces where the print has them.

Recognition programs put a space between Chinese words, or none between a label and a name: where
there are boxes, the gap on the page decides. Columns of vertical type are turned, so that the segmenter sees every page as
horizontal. Called by the readers of ALTO, hOCR, PAGE XML and PDF.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from searchsvc.pages import Box, Issue, Line, PageLines

WIDE_GAP = 0.5
"""A gap beside a Chinese character is a space from this share of the type's height on."""
LATIN_GAP = 0.1
"""And between two Latin ones."""
VERTICAL_RATIO = 1.5
"""A line of two and more characters that is so much higher than wide is set vertically."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word or character as a reader finds it; ``spaced`` says that its file has a space before."""

    text: str
    box: Box | None = None
    spaced: bool = False


def make_box(left: float, top: float, right: float, bottom: float) -> Box | None:
    """A box, None where it is empty or no box at all."""
    good = all(abs(v) < 1e9 for v in (left, top, right, bottom)) and left < right and top < bottom
    return Box(left, top, right, bottom) if good else None


def union(boxes: Iterable[Box | None]) -> Box | None:
    """The box around all boxes; None where there are none."""
    known = [box for box in boxes if box is not None]
    if not known:
        return None
    return Box(
        min(b.left for b in known), min(b.top for b in known),
        max(b.right for b in known), max(b.bottom for b in known),
    )  # fmt: skip


def word_line(words: Sequence[Word], box: Box | None, region: int) -> Line:
    """A line of words; ``box`` is the line's own where its file gives one."""
    box = box or union(word.box for word in words)
    vertical = box is not None and _is_vertical(box, "".join(word.text for word in words))
    size = 0.0 if box is None else _thickness(box, vertical)
    pieces: list[str] = []
    for before, word in zip((None, *words), words, strict=False):
        if before is not None and _is_spaced(before, word, vertical, size):
            pieces.append(" ")
        pieces.append(word.text)
    return Line("".join(pieces).strip(), box, region, size)


def upright_page(
    lines: Sequence[Line], issue: Issue, width: float = 0.0, height: float = 0.0
) -> PageLines:
    """A page of lines; one whose text stands mostly in vertical lines is turned by a quarter."""
    boxed = [line for line in lines if line.box is not None]
    vertical = sum(len(ln.text) for ln in boxed if ln.box and _is_vertical(ln.box, ln.text))
    around = union(line.box for line in boxed)
    if around is not None:
        width, height = max(width, around.right), max(height, around.bottom)
    if 2 * vertical <= sum(len(line.text) for line in boxed):
        return PageLines(tuple(lines), issue, width, height)
    turned = tuple(replace(ln, box=ln.box and _turned(ln.box, width)) for ln in lines)
    return PageLines(turned, issue, height, width)


def _turned(box: Box, width: float) -> Box:
    """Columns from right to left become lines from top to bottom."""
    return Box(box.top, width - box.right, box.bottom, width - box.left)


def _is_vertical(box: Box, text: str) -> bool:
    return len(text) > 1 and box.bottom - box.top > VERTICAL_RATIO * (box.right - box.left)


def _thickness(box: Box, vertical: bool) -> float:
    return box.right - box.left if vertical else box.bottom - box.top


def _is_spaced(before: Word, word: Word, vertical: bool, size: float) -> bool:
    if not before.text or not word.text:
        return False
    latin = before.text[-1].isascii() and word.text[0].isascii()
    if before.box is None or word.box is None or not size:
        return word.spaced or latin
    gap = (
        word.box.top - before.box.bottom if vertical else word.box.left - before.box.right
    ) / size
    return gap >= (LATIN_GAP if latin else WIDE_GAP)
