"""PAGE XML: a recognised page in its reading order, with boxes.

Source of the element names: the schema of PRImA, https://github.com/PRImA-Research-Lab/PAGE-XML;
those of 2010, which give points as elements, are read, too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from lxml import etree

from searchsvc.errors import SourceError
from searchsvc.pages import Box, Issue, Line
from searchsvc.sources.layout import Word, make_box, upright_page, word_line
from searchsvc.sources.model import Content, NamedPage


def page_xml_pages(root: etree._Element, content: Content, issue: Issue) -> Iterator[NamedPage]:
    """The page of a PAGE document. Raises SourceError where there is no line of text."""
    page = next(root.iter("{*}Page"), root)
    regions = {
        region.get("id", f"#{number}"): region
        for number, region in enumerate(page.iter("{*}TextRegion"))
    }
    order = [name for name in _reading_order(page) if name in regions]
    order += [name for name in regions if name not in order]
    lines = [line for number, name in enumerate(order, 1) for line in _lines(regions[name], number)]
    if not lines:
        raise SourceError("source.empty")
    width, height = (_number(page.get(side)) for side in ("imageWidth", "imageHeight"))
    yield NamedPage(content.name, upright_page(lines, issue, width, height))


def _reading_order(page: etree._Element) -> list[str]:
    """The regions' ids as the file orders them; groups by their members' index."""
    group = next(page.iter("{*}ReadingOrder"), None)
    return [] if group is None else list(_references(group))


def _references(group: etree._Element) -> Iterator[str]:
    for child in sorted(group, key=lambda element: _number(element.get("index"))):
        if reference := child.get("regionRef"):
            yield reference
        yield from _references(child)


def _lines(region: etree._Element, number: int) -> Iterator[Line]:
    texts = region.findall("{*}TextLine")
    for text in texts:
        line = word_line(_words(text), _box(text), number)
        if line.text:
            yield line
    if not texts:
        yield from (
            Line(part.strip(), None, number) for part in _text(region).split("\n") if part.strip()
        )


def _words(line: etree._Element) -> list[Word]:
    if text := _text(line):
        return [Word(text)]
    return [Word(_text(word), _box(word), spaced=True) for word in line.findall("{*}Word")]


def _text(element: etree._Element) -> str:
    """The first of the readings of a line, word or region."""
    readings = sorted(element.findall("{*}TextEquiv"), key=lambda e: _number(e.get("index")))
    return (readings[0].findtext("{*}Unicode") or "").strip() if readings else ""


def _box(element: etree._Element) -> Box | None:
    coordinates = element.find("{*}Coords")
    if coordinates is None:
        return None
    pairs = re.findall(r"(-?[0-9.]+),(-?[0-9.]+)", coordinates.get("points", ""))
    pairs += [(p.get("x", ""), p.get("y", "")) for p in coordinates.findall("{*}Point")]
    xs, ys = [_number(x, math.nan) for x, _ in pairs], [_number(y, math.nan) for _, y in pairs]
    return make_box(min(xs), min(ys), max(xs), max(ys)) if pairs else None


def _number(text: str | None, otherwise: float = 0.0) -> float:
    try:
        return float(text or otherwise)
    except ValueError:
        return otherwise
