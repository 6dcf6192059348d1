"""Records of exports to articles: JSON Lines, one object a line, read as a stream.

Field names are our own, in English or Chinese (``title``, 标题), those that ``record_fields`` of the
settings maps, and those of common exports::

    text, content -> body        source (a string) -> newspaper      author -> byline
    editor (视频编辑：甲 文字编辑：乙) -> people who are editors       tags "a,b" -> a list

A record without id gets one from file and line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from searchsvc.articles import Article
from searchsvc.errors import RecordError, SourceError
from searchsvc.pages.bylines import byline_people
from searchsvc.settings import Settings
from searchsvc.sources.model import Content, Items, Reject
from searchsvc.sources.text_lines import TextLines

ALIASES = {
    "text": "body", "content": "body", "author": "byline",
    "编号": "id", "标题": "title", "引题": "kicker", "副题": "subtitle", "副标题": "subtitle",
    "正文": "body", "内容": "body", "署名": "byline", "作者": "byline", "报纸": "newspaper",
    "报名": "newspaper", "来源": "newspaper", "日期": "date", "版次": "page", "版面": "section",
    "版名": "section", "栏目": "section", "类型": "kind", "地点": "place", "标签": "tags",
    "关键词": "tags", "网址": "url", "链接": "url", "编辑": "editor",
}  # fmt: skip


def read_records(content: Content) -> Items:
    """The articles of a JSON Lines stream, a reject for each bad line.

    Where the stream breaks off, what was read before is kept and the damage is one reject.
    """
    lines = TextLines(content, "\n")
    records = 0
    while True:
        try:
            line = next(lines)
            if line.isspace():
                continue
            records += 1
            yield record_article(parsed_record(line), content, lines.number)
        except StopIteration:
            break
        except RecordError as error:
            records += 1
            yield Reject(content.name, lines.number, error)
        except SourceError as error:
            yield Reject(content.name, lines.number + 1, error)
            return
    if not records:
        raise SourceError("source.empty")


def record_article(fields: dict[str, Any], content: Content, number: int) -> Article:
    """The article of a record that stands at a line. Raises RecordError."""
    record = own_names(fields, content.settings)
    if not record.get("id"):
        record["id"] = record_id(content.name, number)
    record.setdefault("source", {"path": content.name, "lines": [[number, number]]})
    return Article.from_record(record)


def own_names(fields: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """A record under our own field names, what other exports put otherwise mended."""
    names = ALIASES | dict(settings.record_fields)
    record = {names.get(key, key): value for key, value in fields.items()}
    if isinstance(record.get("source"), str):
        record.setdefault("newspaper", record["source"])
        record.pop("source")
    if isinstance(record.get("editor"), str):
        people = [{"name": p.name, "role": "editor"} for p in byline_people(record["editor"])]
        record.setdefault("people", people)
    if isinstance(record.get("tags"), str):
        record["tags"] = [tag.strip() for tag in re.split(r"[,，;；]", record["tags"])]
    return record


def record_id(name: str, number: int) -> str:
    """The id of a record that has none: the file's name and its line."""
    return re.sub(r"[\x00-\x20\x7f/?#%\\]", "~", f"{name}-{number}")[-200:]


def parsed_record(line: str) -> dict[str, Any]:
    """The object that a line holds. Raises RecordError."""
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise RecordError("record.json", column=error.colno, reason=error.msg) from error
    except (RecursionError, ValueError) as error:
        raise RecordError("record.json", column=1, reason=error) from error
    if not isinstance(record, dict):
        raise RecordError("record.not_object", found=type(record).__name__)
    return record
