"""Page text: one file, one newspaper page."""

from __future__ import annotations

from collections.abc import Iterator

from searchsvc.errors import SourceError
from searchsvc.pages import text_lines
from searchsvc.sources.decoding import decode_page
from searchsvc.sources.model import Content, NamedPage


def read_page_text(content: Content) -> Iterator[NamedPage]:
    """The page of a text file. Raises SourceError: empty, too large, or no text."""
    text = decode_page(content.whole())
    if not text.strip():
        raise SourceError("source.empty")
    yield NamedPage(content.name, text_lines(text))
