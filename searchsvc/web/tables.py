"""Tables as CSV for spreadsheets, streamed: a byte-order mark first, and no cell that is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from flask import Response

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_file(name: str, rows: Iterable[Iterable[object]]) -> Response:
    """The rows as a file of this name to download."""
    answer = Response(_lines(rows), content_type="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text)
    text.write("\ufeff")
    for row in rows:
        writer.writerow([_harmless(cell) for cell in row])
        yield text.getvalue()
        text.seek(0)
        text.truncate()


def _harmless(cell: object) -> object:
    """The cell; a text that a spreadsheet would take for a formula behind an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
