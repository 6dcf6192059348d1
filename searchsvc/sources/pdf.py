"""PDF with a text layer: a newspaper page a page, line by line with boxes.

The text's order is that of the file, which layout programs write article by article. A page whose
fonts give no real characters (no or wrong tables from glyphs to Unicode) is found by what a
newspaper prints, and rejected rather than indexed as garbage.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium

from searchsvc.errors import SourceError
from searchsvc.pages import Issue, Line
from searchsvc.sources.decoding import is_plausible_text
from searchsvc.sources.layout import make_box, upright_page
from searchsvc.sources.model import Content, Item, NamedPage, Reject

MAX_UNKNOWN_SHARE = 0.05
"""Most characters of a page without a Unicode value, or in the private use area."""

_BREAK = re.compile(r"\r\n|\r|\n")
_UNKNOWN = re.compile("[\ue000-\uf8ff\ufffd\ufffe\uffff\x00-\x08\x0e-\x1f\U000f0000-\U0010ffff]")


def read_pdf(content: Content) -> Iterator[Item]:
    """The pages of a PDF file, a reject for each that has no text or no readable one."""
    data = content.whole()
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        reason = "password" if "assword" in str(error) else error
        raise SourceError("source.damaged", reason=reason) from error
    try:
        for number in range(len(document)):
            name = content.name if len(document) == 1 else f"{content.name}/{number + 1}"
            try:
                yield NamedPage(name, upright_page(_page_lines(document, number), Issue()))
            except SourceError as error:
                yield Reject(name, None, error)
            except pypdfium2.PdfiumError as error:
                yield Reject(name, None, SourceError("source.damaged", reason=error))
    finally:
        document.close()


def _page_lines(document: pypdfium2.PdfDocument, number: int) -> list[Line]:
    """The lines of a page. Raises SourceError where it has no text, or garbage."""
    page = document[number]
    try:
        layer = page.get_textpage()
        height = page.get_height()
        text = layer.get_text_range()
        lines = []
        place = 0
        for ending in (*_BREAK.finditer(text), None):
            end = ending.start() if ending else len(text)
            if text[place:end].strip():
                lines.append(_line(layer, text[place:end], place, height))
            place = ending.end() if ending else end
    finally:
        page.close()
    _check("".join(line.text for line in lines))
    return lines


def _line(layer: pypdfium2.PdfTextPage, text: str, start: int, height: float) -> Line:
    ends = (_character(layer, n) for n in (start, start + len(text) - 1))
    boxes = [corners for corners in ends if corners]
    box = None
    if boxes:
        left, right = min(b[0] for b in boxes), max(b[2] for b in boxes)
        bottom, top = min(b[1] for b in boxes), max(b[3] for b in boxes)
        box = make_box(left, height - top, right, height - bottom)
    return Line(_clean(text), box, 0, 0.0 if box is None else box.bottom - box.top)


def _character(layer: pypdfium2.PdfTextPage, place: int) -> tuple[float, ...] | None:
    """Left, bottom, right and top of a character; None where pdfium knows none."""
    corners = [ctypes.c_double() for _ in range(4)]
    left, right, bottom, top = corners
    if not pdfium.FPDFText_GetCharBox(layer, place, left, right, bottom, top):
        return None
    return (left.value, bottom.value, right.value, top.value)


def _check(text: str) -> None:
    if not text.strip():
        raise SourceError("source.no_text_layer")
    unknown = len(_UNKNOWN.findall(text))
    if unknown > MAX_UNKNOWN_SHARE * len(text) or not _reads(text):
        raise SourceError("source.garbled")


def _reads(text: str) -> bool:
    """Whether a text that is not all Latin has the characters that a newspaper prints."""
    foreign = [c for c in text if ord(c) > 0x7F]
    return len(foreign) < 0.1 * len(text) or is_plausible_text("".join(foreign))


def _clean(text: str) -> str:
    return re.sub("[\u0002\u00ad\ufffe\x00]", "", text).strip()
