"""Lines of text from a stream, bounded in length, each with its number or with what is wrong."""

from __future__ import annotations

import io
from collections.abc import Iterator

from searchsvc.errors import RecordError
from searchsvc.sources.decoding import UNDECODABLE, stream_encoding
from searchsvc.sources.model import Content


class TextLines:
    """The lines of a content, in the encoding that its beginning shows, ends of lines kept.

    ``next`` raises RecordError for a line that is too long or no text, and goes on behind it;
    ``number`` is that of the last line, from 1. Memory holds one line. Raises SourceError where the
    stream is no text or breaks off.
    """

    def __init__(self, content: Content, newline: str) -> None:
        sample = content.stream.peek(1)
        self.encoding = stream_encoding(sample)
        self.number = 0
        self._limit = content.settings.max_line_chars
        self._stream = io.TextIOWrapper(
            content.stream, self.encoding, errors="searchsvc.mark", newline=newline
        )

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(self._limit + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > self._limit:
            while line and not line.endswith(("\n", "\r")):
                line = self._stream.readline(self._limit + 1)
            raise RecordError("record.line_too_long", limit=self._limit)
        if not line.isascii() and (position := line.find(UNDECODABLE)) >= 0:
            raise RecordError("record.encoding", encoding=self.encoding, position=position + 1)
        return line
