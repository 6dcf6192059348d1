"""Page text: one file, one newspaper page, segmented into its articles."""

from __future__ import annotations

from collections.abc import Iterator

from searchsvc.articles import Article
from searchsvc.errors import SourceError
from searchsvc.pages import text_lines
from searchsvc.sources.decoding import decode_page
from searchsvc.sources.model import Consumed, Reject, SourceFile
from searchsvc.sources.segmented import segmented_articles

MAX_PAGE_BYTES = 8 << 20


def read_page_text(file: SourceFile, consumed: Consumed) -> Iterator[Article | Reject]:
    """The articles of a page of raw text; one reject where the file is no page of text."""
    try:
        text = page_text(file)
    except SourceError as error:
        yield Reject(file.name, None, error)
        return
    finally:
        consumed(file.size_bytes)
    yield from segmented_articles(text_lines(text), file.name)


def page_text(file: SourceFile) -> str:
    """The text of a page file. Raises SourceError: empty, too large, or no text."""
    if file.size_bytes > MAX_PAGE_BYTES:
        raise SourceError("source.too_large", size_bytes=file.size_bytes, limit=MAX_PAGE_BYTES)
    text = decode_page(file.path.read_bytes())
    if not text.strip():
        raise SourceError("source.empty")
    return text
