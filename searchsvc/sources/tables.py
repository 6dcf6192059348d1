"""CSV and TSV: a row an article, the first row naming the fields; read as a stream.

Takes what spreadsheets write: UTF-8 with or without mark, GBK, Big5, tab-separated UTF-16; commas,
semicolons or tabs; cells of several lines. Field names are those of ``records``.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator

from searchsvc.articles import MAX_BODY_CHARS
from searchsvc.errors import RecordError, SourceError
from searchsvc.sources.model import Content, Items, Reject
from searchsvc.sources.records import ALIASES, record_article
from searchsvc.sources.text_lines import TextLines

DELIMITERS = ",;\t|"

csv.field_size_limit(MAX_BODY_CHARS)  # the module's own limit; its default is 131,072


def read_table(content: Content) -> Items:
    """The articles of a table, a reject for each row that is none."""
    rows = _Rows(content)
    try:
        header = [cell.strip() for cell in next(rows)]
    except StopIteration:
        raise SourceError("source.empty") from None
    except RecordError as error:
        yield Reject(content.name, rows.first_line, error)
        return
    _check(header, content)
    n_rows = 0
    while True:
        try:
            row = next(rows)
            if not any(cell.strip() for cell in row):
                continue
            n_rows += 1
            if len(row) > len(header):
                raise RecordError("record.columns", found=len(row), expected=len(header))
            cells = {name: cell for name, cell in zip(header, row, strict=False) if name and cell}
            yield record_article(cells, content, rows.first_line)
        except StopIteration:
            break
        except RecordError as error:
            n_rows += 1
            yield Reject(content.name, rows.first_line, error)
        except SourceError as error:
            yield Reject(content.name, rows.first_line, error)
            return
    if not n_rows:
        raise SourceError("source.empty")


def _check(header: list[str], content: Content) -> None:
    """Raises SourceError where no column gives a title or a body."""
    names = ALIASES | dict(content.settings.record_fields)
    if not {"title", "body"} & {names.get(name, name) for name in header}:
        shown = ", ".join(header)[:200]
        raise SourceError("source.table_header", found=shown)


class _Rows:
    """The rows of a table. A row that cannot be read is a RecordError, and reading goes on with the
    line after the one that it began with, so that one stray quotation mark costs one row.
    """

    def __init__(self, content: Content) -> None:
        self._lines = TextLines(content, "")
        self._again: deque[tuple[int, str]] = deque()
        self._row: list[tuple[int, str]] = []
        self._reader: Iterator[list[str]] | None = None
        self.first_line = 1

    def __next__(self) -> list[str]:
        if self._reader is None:
            self._reader = csv.reader(_Feed(self), delimiter=self._delimiter(), strict=True)
        self._row = []
        try:
            row = next(self._reader)
        except csv.Error as error:
            self._again.extendleft(reversed(self._row[1:]))
            self.first_line = self._row[0][0]
            raise RecordError("record.row", reason=error) from error
        except RecordError:  # a line inside the row: named, left out, and the row read again
            self._again.extendleft(reversed(self._row))
            self.first_line = self._lines.number
            raise
        except SourceError:
            self.first_line = self._lines.number + 1
            raise
        self.first_line = self._row[0][0]
        return row

    def line(self) -> str:
        """The next line, read again where a broken row had taken it."""
        number, line = self._again.popleft() if self._again else (0, next(self._lines))
        self._row.append((number or self._lines.number, line))
        return line

    def _delimiter(self) -> str:
        """The one of ``DELIMITERS`` that the first line has most of."""
        try:
            first = next(self._lines)
        except StopIteration:
            return ","
        self._again.append((self._lines.number, first))
        return max(DELIMITERS, key=first.count)


class _Feed:
    """What ``csv.reader`` pulls lines from; unlike a generator it outlives an error."""

    def __init__(self, rows: _Rows) -> None:
        self._rows = rows

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        return self._rows.line()
