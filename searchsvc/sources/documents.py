"""XML and HTML files: which kind they are, by their content, and so which reader takes them."""

from __future__ import annotations

from collections.abc import Iterator

from searchsvc.errors import SourceError
from searchsvc.pages import Issue
from searchsvc.sources.alto import alto_pages
from searchsvc.sources.hocr import hocr_pages, is_hocr
from searchsvc.sources.markup import html_root, local_name, xml_root
from searchsvc.sources.mets import described_issue
from searchsvc.sources.model import Content, Item
from searchsvc.sources.newspaper_html import newspaper_article
from searchsvc.sources.page_xml import page_xml_pages


def read_xml(content: Content) -> Iterator[Item]:
    """The pages of ALTO, PAGE XML or hOCR as XHTML; METS gives none but describes those beside it.

    Raises SourceError for any other XML.
    """
    data = content.whole()
    root = xml_root(data)
    match name := local_name(root).lower():
        case "alto":
            yield from alto_pages(root, content, described_issue(content))
        case "pcgts":
            yield from page_xml_pages(root, content, described_issue(content))
        case "html":
            yield from _html(data, content)
        case "mets":
            return
        case _:
            raise SourceError("source.unknown_xml", found=name[:80])


def read_html(content: Content) -> Iterator[Item]:
    """The pages of hOCR, or the article of a digital newspaper's page. Raises SourceError."""
    yield from _html(content.whole(), content)


def _html(data: bytes, content: Content) -> Iterator[Item]:
    root = html_root(data)
    if is_hocr(root):
        yield from hocr_pages(root, content, Issue())
    else:
        yield from newspaper_article(root, content)
