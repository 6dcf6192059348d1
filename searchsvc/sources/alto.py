"""ALTO 2 to 4: the pages of a recognised text, line by line with boxes.

Source of the element names: the schemas at https://www.loc.gov/standards/alto/. Names are matched
in any namespace or none. Words that are hyphenated over two lines stand whole on the first.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from lxml import etree

from searchsvc.errors import SourceError
from searchsvc.pages import Box, Issue, Line
from searchsvc.sources.layout import Word, make_box, upright_page, word_line
from searchsvc.sources.markup import local_name
from searchsvc.sources.model import Content, NamedPage


def alto_pages(root: etree._Element, content: Content, issue: Issue) -> Iterator[NamedPage]:
    """The pages of an ALTO document. Raises SourceError where there is no line of text."""
    pages = list(root.iter("{*}Page")) or [root]
    found = False
    for number, page in enumerate(pages, 1):
        lines = list(_lines(page))
        if lines:
            found = True
            name = content.name if len(pages) == 1 else f"{content.name}/{number}"
            width, height = _number(page, "WIDTH"), _number(page, "HEIGHT")
            yield NamedPage(name, upright_page(lines, issue, width, height))
    if not found:
        raise SourceError("source.empty")


def _lines(page: etree._Element) -> Iterator[Line]:
    for region, block in enumerate(page.iter("{*}TextBlock"), 1):
        texts = list(block.iter("{*}TextLine"))
        rest = _second_parts(texts)
        for text in texts:
            line = word_line(list(_words(text, rest)), _box(text), region)
            if line.text:
                yield line


def _words(line: etree._Element, rest: Iterator[str]) -> Iterator[Word]:
    spaced = False
    for child in line:
        match local_name(child):
            case "SP":
                spaced = True
            case "String":
                text = child.get("CONTENT", "")
                part = child.get("SUBS_TYPE", "")
                if part == "HypPart1":
                    second = next(rest, "")
                    text = child.get("SUBS_CONTENT") or text.rstrip("-\u00ad") + second
                if part != "HypPart2":
                    yield Word(text, _box(child), spaced)
                spaced = False


def _second_parts(lines: list[etree._Element]) -> Iterator[str]:
    """The second halves of hyphenated words, in order."""
    return (
        string.get("CONTENT", "")
        for line in lines
        for string in line.iter("{*}String")
        if string.get("SUBS_TYPE") == "HypPart2"
    )


def _box(element: etree._Element) -> Box | None:
    left, top, width, height = (
        _number(element, name, math.nan) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")
    )
    return make_box(left, top, left + width, top + height)


def _number(element: etree._Element, name: str, otherwise: float = 0.0) -> float:
    try:
        return float(element.get(name, otherwise))
    except ValueError:
        return otherwise
