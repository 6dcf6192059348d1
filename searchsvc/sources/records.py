"""JSON Lines: one article record a line, plain or compressed (.xz, .gz), read as a stream.

Besides our own field names, those of common exports are understood::

    text, content -> body        source (a string) -> newspaper      author -> byline
    editor (视频编辑：甲 文字编辑：乙) -> people who are editors       tags "a,b" -> a list

A line without id gets one from file and line.
"""

from __future__ import annotations

import gzip
import json
import lzma
import re
import zlib
from collections.abc import Iterator
from typing import IO, Any

from searchsvc.articles import Article
from searchsvc.errors import RecordError, SourceError
from searchsvc.pages.bylines import byline_people
from searchsvc.sources.model import Consumed, Reject, SourceFile

MAX_LINE_BYTES = 16 << 20
_ALIASES = {"text": "body", "content": "body", "author": "byline"}
_OPENERS: dict[str, Any] = {".xz": lzma.open, ".gz": gzip.open}


def read_records(file: SourceFile, consumed: Consumed) -> Iterator[Article | Reject]:
    """The articles of a JSON Lines file, a reject for each bad line.

    Where a compressed file breaks off, what was read before is kept and the damage is one reject.
    """
    number = records = 0
    with file.path.open("rb") as raw:
        told = 0
        try:
            for number, line in enumerate(_lines(_opened(raw, file)), 1):
                if (position := raw.tell()) != told:
                    consumed(position - told)
                    told = position
                if line.strip():
                    records += 1
                    yield _article(line, file.name, number)
        except (lzma.LZMAError, zlib.error, EOFError, gzip.BadGzipFile) as error:
            records += 1
            yield Reject(file.name, number + 1, SourceError("source.damaged", reason=error))
    consumed(file.size_bytes - told)
    if not records:
        yield Reject(file.name, None, SourceError("source.empty"))


def _opened(raw: IO[bytes], file: SourceFile) -> IO[bytes]:
    opener = _OPENERS.get(file.path.suffix.lower())
    stream: IO[bytes] = opener(raw) if opener else raw
    return stream


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines; of one over the limit only as much as shows that it is."""
    while line := stream.readline(MAX_LINE_BYTES + 1):
        yield line
        while len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE_BYTES + 1)


def _article(line: bytes, name: str, number: int) -> Article | Reject:
    try:
        return Article.from_record(_record(_parsed(line), name, number))
    except RecordError as error:
        return Reject(name, number, error)


def _parsed(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE_BYTES:
        raise RecordError("record.line_too_long", limit=MAX_LINE_BYTES)
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise RecordError("record.encoding", position=error.start) from error
    except json.JSONDecodeError as error:
        raise RecordError("record.json", column=error.colno, reason=error.msg) from error
    except (RecursionError, ValueError) as error:
        raise RecordError("record.json", column=1, reason=error) from error
    if not isinstance(record, dict):
        raise RecordError("record.not_object", found=type(record).__name__)
    return record


def _record(fields: dict[str, Any], name: str, number: int) -> dict[str, Any]:
    record = {_ALIASES.get(key, key): value for key, value in fields.items()}
    if isinstance(record.get("source"), str):
        record.setdefault("newspaper", record["source"])
        record.pop("source")
    if isinstance(record.get("editor"), str):
        people = [{"name": p.name, "role": "editor"} for p in byline_people(record["editor"])]
        record.setdefault("people", people)
    if isinstance(record.get("tags"), str):
        record["tags"] = [tag.strip() for tag in re.split(r"[,，;；]", record["tags"])]
    if not record.get("id"):
        record["id"] = re.sub(r"[\x00-\x20\x7f/?#%\\]", "~", f"{name}-{number}")[-200:]
    record.setdefault("source", {"path": name, "lines": [[number, number]]})
    return record
