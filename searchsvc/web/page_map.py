"""Where an article stands on its page, to be drawn. Called by the article page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from searchsvc.articles import Article

MAP_WIDTH: Final = 100
MAP_HEIGHT: Final = 140
_MARGIN = 0.08


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A part of the page on a sheet of MAP_WIDTH by MAP_HEIGHT, origin at the top left."""

    x: float
    y: float
    width: float
    height: float


def page_map(article: Article) -> list[Rectangle]:
    """The rectangles of an article: its boxes where its source has them, else its lines as if those
    of the page filled it from top to bottom; none where neither is known.
    """
    source = article.source
    if source is None:
        return []
    boxes = source.boxes
    if not boxes and source.line_count:
        count = source.line_count
        boxes = tuple(
            (_MARGIN, (first - 1) / count, 1 - _MARGIN, last / count)
            for first, last in source.lines
        )
    return [
        Rectangle(
            round(left * MAP_WIDTH, 1),
            round(top * MAP_HEIGHT, 1),
            round((right - left) * MAP_WIDTH, 1),
            round((bottom - top) * MAP_HEIGHT, 1),
        )
        for left, top, right, bottom in boxes
    ]
