"""Pages into articles: the lines of a newspaper page to blocks with a role for every line.

``segment_lines`` finds the blocks (``segment_page`` those of a plain text), ``page_articles`` makes articles of them, ``line_labels`` gives
the labels in the form that segmentation is scored by.
"""

from searchsvc.pages.assembly import page_articles
from searchsvc.pages.lines import Box, Line, PageLines, text_lines
from searchsvc.pages.model import Block, Issue, Page, line_labels
from searchsvc.pages.segmenter import segment_lines, segment_page

__all__ = [
    "Block",
    "Box",
    "Issue",
    "Line",
    "Page",
    "PageLines",
    "line_labels",
    "page_articles",
    "segment_lines",
    "segment_page",
    "text_lines",
]
