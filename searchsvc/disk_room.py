"""How much room a build takes on the disk, told from its sources before it begins.

Takes source files, gives bytes. Called by the indexer.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath
from typing import Final

from searchsvc.sources import SourceFile

PER_BYTE: Final = 8.0
"""Of text or records: measured as 8.1 with 8,000 broadcast news items as JSON Lines, of which 2.2 stay
when the build is done. The rest are sorted runs that go when their segment is written."""

PER_BYTE_OF: Final = {
    ".xml": 0.5, ".hocr": 0.25, ".html": 0.25, ".htm": 0.25, ".pdf": 0.1,
}  # fmt: skip
"""Of formats that are markup, boxes and pictures more than text: ``PER_BYTE`` times the share of text in
them. Measured with 60 news items as pages, read by our readers (the writers are those of the tests):
ALTO 0.56 with a box for each character and 3.0 with one for each line, PAGE 2.1, hOCR 0.30 and 2.4
(it may be named ``.html``, too), bare HTML pages 6.3 to 7.7, PDF 1.7 without fonts and pictures; reckoned
for a page of 5,000 characters with a picture of 1 MB, 0.12. What is asked for is a tenth or more below
the least of each: a build that might fit is not refused."""

LEAST_BYTES: Final = 1_000_000
"""For any build at all."""


def needed_bytes(files: Iterable[SourceFile]) -> int:
    """About the most that a build of these files has on the disk at a time.

    Packed files count as if they were not, so that what they need is more.
    """
    return LEAST_BYTES + int(sum(file.size_bytes * _per_byte(file.name) for file in files))


def _per_byte(name: str) -> float:
    return PER_BYTE_OF.get(PurePath(name).suffix.lower(), PER_BYTE)
