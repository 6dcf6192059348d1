"""Pages into articles: the lines of a newspaper page to blocks with a role for every line.

``segment_lines`` finds the blocks (``segment_page`` those of a plain text), ``page_articles`` makes articles of them, ``line_labels`` gives
the labels in the form that segmentation is scored by.
"""

from searchsvc.pages.assembly import page_articles
from searchsvc.pages.corrections import BLOCK_FIELDS, ISSUE_FIELDS, Correction, in_force
from searchsvc.pages.explanation import Decision, Reason, page_decisions
from searchsvc.pages.lines import Box, Line, PageLines, text_lines
from searchsvc.pages.model import Block, Issue, Page, line_labels
from searchsvc.pages.segmenter import segment_lines, segment_page

__all__ = [
    "BLOCK_FIELDS",
    "ISSUE_FIELDS",
    "Block",
    "Box",
    "Correction",
    "Decision",
    "Issue",
    "Line",
    "Page",
    "PageLines",
    "Reason",
    "in_force",
    "line_labels",
    "page_articles",
    "page_decisions",
    "segment_lines",
    "segment_page",
    "text_lines",
]
