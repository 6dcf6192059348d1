"""Pages into articles: the raw text of a newspaper page to blocks with a role for every line.

``segment_page`` finds the blocks, ``page_articles`` makes articles of them, ``line_labels`` gives
the labels in the form that segmentation is scored by.
"""

from searchsvc.pages.assembly import page_articles
from searchsvc.pages.model import Block, Issue, Page, line_labels
from searchsvc.pages.segmenter import segment_page

__all__ = ["Block", "Issue", "Page", "line_labels", "page_articles", "segment_page"]
