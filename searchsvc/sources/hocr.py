"""hOCR: recognised pages as HTML, with boxes in the ``title`` of its elements.

Source of the class names: the hOCR specification 1.2, https://kba.github.io/hocr-spec/1.2/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from searchsvc.errors import SourceError
from searchsvc.pages import Box, Issue, Line
from searchsvc.sources.layout import Word, make_box, upright_page, word_line
from searchsvc.sources.model import Content, NamedPage

_REGIONS = ("ocr_carea", "ocr_par")
_LINES = frozenset(("ocr_line", "ocrx_line", "ocr_header", "ocr_caption", "ocr_textfloat"))
_BOX = re.compile(r"\bbbox\s+(-?[0-9.]+)\s+(-?[0-9.]+)\s+(-?[0-9.]+)\s+(-?[0-9.]+)")


def is_hocr(root: etree._Element) -> bool:
    """Whether an HTML document is a recognised page."""
    return next(_of_class(root, frozenset(("ocr_page",))), None) is not None


def hocr_pages(root: etree._Element, content: Content, issue: Issue) -> Iterator[NamedPage]:
    """The pages of an hOCR document. Raises SourceError where there is no line of text."""
    pages = list(_of_class(root, frozenset(("ocr_page",))))
    found = False
    for number, page in enumerate(pages, 1):
        lines = list(_lines(page))
        if lines:
            found = True
            name = content.name if len(pages) == 1 else f"{content.name}/{number}"
            box = _box(page)
            size = (box.right, box.bottom) if box else (0.0, 0.0)
            yield NamedPage(name, upright_page(lines, issue, *size))
    if not found:
        raise SourceError("source.empty")


def _lines(page: etree._Element) -> Iterator[Line]:
    regions: dict[etree._Element, int] = {}
    for element in _of_class(page, _LINES):
        block = _region(element)
        region = 0 if block is None else regions.setdefault(block, len(regions) + 1)
        words = [
            Word("".join(word.itertext()).strip(), _box(word), spaced=True)
            for word in _of_class(element, frozenset(("ocrx_word", "ocr_word")))
        ] or [Word(re.sub(r"\s+", " ", "".join(element.itertext())))]
        line = word_line([word for word in words if word.text], _box(element), region)
        if line.text:
            yield line


def _region(line: etree._Element) -> etree._Element | None:
    """The area that a line stands in, or where there is none its paragraph."""
    above = list(line.iterancestors())
    for name in _REGIONS:
        for element in above:
            if name in _classes(element):
                return element
    return None


def _of_class(root: etree._Element, names: frozenset[str]) -> Iterator[etree._Element]:
    return (element for element in root.iter(etree.Element) if _classes(element) & names)


def _classes(element: etree._Element) -> set[str]:
    return set(element.get("class", "").split())


def _box(element: etree._Element) -> Box | None:
    found = _BOX.search(element.get("title", ""))
    try:
        return make_box(*map(float, found.groups())) if found else None
    except ValueError:
        return None
