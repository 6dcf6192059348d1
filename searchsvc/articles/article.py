"""The frozen article and its JSON record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from operator import attrgetter
from typing import Any

from searchsvc.articles.fields import (
    MAX_TITLE_CHARS,
    read_body,
    read_choice,
    read_date,
    read_dates,
    read_identifier,
    read_people,
    read_source,
    read_string,
    read_strings,
)
from searchsvc.articles.parts import FLAGS, KINDS, DateMention, Paragraph, Person, Source
from searchsvc.errors import RecordError


@dataclass(frozen=True, slots=True)
class Article:
    """One article, photo item, ad, notice or imprint of a newspaper page.

    ``body`` is in reading order. ``date`` is the issue date; ``page`` and ``section`` are as
    printed (``A03``, 要闻); ``place`` and ``agency`` come from the dateline; ``byline`` is the
    byline as printed. ``dates``, ``documents`` and ``standards`` are what the text mentions.
    """

    id: str
    title: str
    body: tuple[Paragraph, ...] = ()
    kind: str = "article"
    kicker: str = ""
    subtitle: str = ""
    byline: str = ""
    people: tuple[Person, ...] = ()
    place: str = ""
    agency: str = ""
    newspaper: str = ""
    date: date | None = None
    page: str = ""
    section: str = ""
    tags: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    url: str = ""
    dates: tuple[DateMention, ...] = ()
    documents: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()
    source: Source | None = None

    def __reduce__(self) -> tuple[type[Article], tuple[Any, ...]]:
        """Pickled as its values, in half the time that a dataclass with slots takes by itself."""
        return Article, _values(self)

    def to_record(self) -> dict[str, Any]:
        """The article as a JSON object; empty fields are there too, so that its shape is fixed."""
        return {
            "id": self.id,
            "kind": self.kind,
            "kicker": self.kicker,
            "title": self.title,
            "subtitle": self.subtitle,
            "byline": self.byline,
            "people": [{"name": p.name, "role": p.role} for p in self.people],
            "place": self.place,
            "agency": self.agency,
            "newspaper": self.newspaper,
            "date": self.date.isoformat() if self.date else None,
            "page": self.page,
            "section": self.section,
            "tags": list(self.tags),
            "flags": list(self.flags),
            "url": self.url,
            "dates": [
                {"text": d.text, "value": d.value, "paragraph": d.paragraph} for d in self.dates
            ],
            "documents": list(self.documents),
            "standards": list(self.standards),
            "body": [{"text": p.text, "role": p.role, "lines": list(p.lines)} for p in self.body],
            "source": {
                "path": self.source.path,
                "lines": [list(r) for r in self.source.lines],
                "line_count": self.source.line_count,
                "boxes": [list(box) for box in self.source.boxes],
            }
            if self.source
            else None,
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Article:
        """An article from a JSON object as ``to_record`` writes it.

        Every field but ``id`` may be left out; ``body`` may also be one string (a paragraph to a
        line) or a list of strings. Raises RecordError that names the field and what it holds. An
        article must have a title or a body.
        """
        if not isinstance(record, Mapping):
            raise RecordError("record.not_object", found=type(record).__name__)
        body = read_body(record.get("body"))
        title = read_string(record, "title", MAX_TITLE_CHARS)
        if not title and not body:
            raise RecordError("record.empty")
        return cls(
            id=read_identifier(record),
            title=title,
            body=body,
            kind=read_choice("kind", read_string(record, "kind") or "article", KINDS),
            kicker=read_string(record, "kicker", MAX_TITLE_CHARS),
            subtitle=read_string(record, "subtitle", MAX_TITLE_CHARS),
            byline=read_string(record, "byline", MAX_TITLE_CHARS),
            people=tuple(read_people(record.get("people"))),
            place=read_string(record, "place"),
            agency=read_string(record, "agency"),
            newspaper=read_string(record, "newspaper"),
            date=read_date(record.get("date")),
            page=read_string(record, "page"),
            section=read_string(record, "section"),
            tags=tuple(read_strings(record, "tags")),
            flags=tuple(
                read_choice("flags", flag, FLAGS) for flag in read_strings(record, "flags")
            ),
            url=read_string(record, "url", 4_000),
            dates=read_dates(record.get("dates")),
            documents=tuple(read_strings(record, "documents")),
            standards=tuple(read_strings(record, "standards")),
            source=read_source(record.get("source")),
        )


_values = attrgetter(*(field.name for field in fields(Article)))
