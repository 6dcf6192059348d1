"""The one field table: what is searched, under which names.

Engines derive their own schema from it, the query parser its field names, the documentation its
table. Chinese names and the canonical one are equal in queries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from searchsvc.articles import Article

FORMAT_VERSION: Final = 5
"""Raised when the index on disk changes; an index of another version needs a reindex."""

DATE: Final = "date"
DATE_NAMES: Final = ("date", "日期", "时间")


@dataclass(frozen=True, slots=True)
class TextField:
    """A field searched by words, bigrams and characters, and ranked (``searchsvc.ranking``).

    ``pieces`` gives its texts (paragraphs).
    """

    name: str
    names: tuple[str, ...]
    pieces: Callable[[Article], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class KeywordField:
    """A field whose values are compared whole (``partial``: or contain what is asked for)."""

    name: str
    names: tuple[str, ...]
    values: Callable[[Article], tuple[str, ...]]
    partial: bool = False


def _present(*values: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, values)))


def _people(role: str | None) -> Callable[[Article], tuple[str, ...]]:
    return lambda article: _present(
        *(person.name for person in article.people if role is None or person.role == role)
    )


TEXT_FIELDS: Final = (
    TextField("title", ("title", "标题"), lambda a: _present(a.title)),
    TextField("kicker", ("kicker", "引题", "副题"), lambda a: _present(a.kicker, a.subtitle)),
    TextField("byline", ("byline", "署名"), lambda a: _present(a.byline)),
    TextField("body", ("body", "正文"), lambda a: tuple(p.text for p in a.body)),
)

KEYWORD_FIELDS: Final = (
    KeywordField("id", ("id", "编号"), lambda a: (a.id,)),
    KeywordField("kind", ("kind", "类型"), lambda a: (a.kind,)),
    KeywordField("newspaper", ("newspaper", "报纸"), lambda a: _present(a.newspaper), partial=True),
    KeywordField(
        "section", ("section", "版面", "栏目"), lambda a: _present(a.section), partial=True
    ),
    KeywordField("page", ("page", "版次"), lambda a: _present(a.page)),
    KeywordField("person", ("person", "人物"), _people(None)),
    KeywordField("reporter", ("reporter", "记者"), _people("reporter")),
    KeywordField("correspondent", ("correspondent", "通讯员"), _people("correspondent")),
    KeywordField("photographer", ("photographer", "摄影"), _people("photographer")),
    KeywordField("author", ("author", "作者"), _people("author")),
    KeywordField("editor", ("editor", "编辑"), _people("editor")),
    KeywordField("place", ("place", "地点"), lambda a: _present(a.place), partial=True),
    KeywordField("agency", ("agency", "通讯社"), lambda a: _present(a.agency), partial=True),
    KeywordField(
        "mentioned", ("mentioned", "提及"), lambda a: _present(*(d.value for d in a.dates)), True
    ),
    KeywordField("document", ("document", "文件"), lambda a: _present(*a.documents), partial=True),
    KeywordField("standard", ("standard", "标准"), lambda a: _present(*a.standards), partial=True),
    KeywordField("tag", ("tag", "标签"), lambda a: _present(*a.tags), partial=True),
    KeywordField("flag", ("flag", "标记"), lambda a: _present(*a.flags)),
    KeywordField("year", ("year", "年份"), lambda a: (str(a.date.year),) if a.date else ()),
    KeywordField("month", ("month", "月份"), lambda a: (a.date.isoformat()[:7],) if a.date else ()),
)

KIND_NAMES: Final = {
    "文章": "article",
    "图片": "photo",
    "广告": "ad",
    "启事": "notice",
    "报头": "masthead",
    "版权": "imprint",
}
"""Chinese names of kinds, accepted in queries."""

TEXT_FIELD: Final = {field.name: field for field in TEXT_FIELDS}
KEYWORD_FIELD: Final = {field.name: field for field in KEYWORD_FIELDS}
FIELD_BY_NAME: Final = {
    name: field.name for field in (*TEXT_FIELDS, *KEYWORD_FIELDS) for name in field.names
} | dict.fromkeys(DATE_NAMES, DATE)
"""Every name that a query may use, to the field's canonical name."""
