"""What a build needs is never put above what its texts need, so that nothing that fits is refused."""

import json

import pytest
from page_formats import alto, founder, hocr, page_xml, pdf, pdf_lines
from source_files import PAGE, read

from searchsvc.disk_room import LEAST_BYTES, PER_BYTE, needed_bytes
from searchsvc.sources import find_sources

SPACED = "\n".join(" ".join(line.replace(" ", "")) for line in PAGE.split("\n"))
PAGES = {
    "text": ("a.txt", PAGE.encode()),
    "ALTO, a box for each line": ("a.xml", alto(PAGE).encode()),
    "ALTO, a box for each character": ("a.xml", alto(SPACED).encode()),
    "PAGE": ("a.xml", page_xml(PAGE).encode()),
    "hOCR, a box for each line": ("a.hocr", hocr(PAGE).encode()),
    "hOCR, a box for each character": ("a.html", hocr(PAGE, split_words=True).encode()),
    "HTML": ("a.html", founder("供水管网改造", PAGE.split("\n")).encode()),
    "PDF": ("a.pdf", pdf([pdf_lines(PAGE)])),
}


@pytest.mark.parametrize("form", PAGES)
def test_a_page_counts_for_no_more_than_its_text(form, tmp_path):
    name, content = PAGES[form]
    path = tmp_path / name
    path.write_bytes(content)
    articles, _ = read(path)
    records = [
        {"title": article.title, "body": "\n".join(part.text for part in article.body)}
        for article in articles
    ]
    assert records
    text_bytes = len("".join(json.dumps(r, ensure_ascii=False) for r in records).encode())
    needed = needed_bytes(find_sources([path])) - LEAST_BYTES
    assert 0 < needed <= 1.1 * PER_BYTE * text_bytes
