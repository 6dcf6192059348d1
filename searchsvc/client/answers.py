"""JSON answers as the types that the service gives here: the way back from ``ResultPage.to_json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from searchsvc.articles import Article
from searchsvc.engines.contract import ScoredArticle
from searchsvc.results import (
    FacetValue,
    Hit,
    Match,
    Notice,
    Reprints,
    ResultPage,
    SearchRequest,
)
from searchsvc.timeline import Bucket

_NO_TITLE = "-"
"""Stands for a title while an article is read whose fields were left out."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What completes a text; ``count`` is None for a correction."""

    text: str
    kind: str
    count: int | None
    query: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line of a bulk write that could not be used; ``line`` counts from 1 through all of them."""

    line: int
    id: str | None
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class BulkReport:
    """What became of the articles of a bulk write."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    missing: int = 0
    rejected: tuple[Rejected, ...] = ()

    def with_answer(self, answer: Mapping[str, Any], lines_before: int) -> BulkReport:
        """This and one answer more, whose first line has so many before it."""
        rejected = tuple(
            Rejected(line["line"] + lines_before, line["id"], line["code"], line["detail"])
            for line in answer["lines"]
            if line["result"] == "rejected"
        )
        return BulkReport(
            self.created + answer["created"],
            self.updated + answer["updated"],
            self.deleted + answer["deleted"],
            self.missing + answer["missing"],
            self.rejected + rejected,
        )


@dataclass(frozen=True, slots=True)
class Reindex:
    """How a reindex goes. ``state`` is ``running``, ``done`` or ``failed``; ``error`` then says why."""

    id: str
    state: str
    phase: str
    started_at: str
    finished_at: str | None
    source_bytes: int
    read_bytes: int
    articles: int
    rejects: int
    reject_list: tuple[Mapping[str, Any], ...]
    generation: str | None
    error: Mapping[str, str] | None

    @classmethod
    def from_json(cls, answer: Mapping[str, Any]) -> Reindex:
        """From a job of the API."""
        return cls(**{**answer, "reject_list": tuple(answer["reject_list"])})


def result_page(answer: Mapping[str, Any], request: SearchRequest) -> ResultPage:
    """The page that a search answers."""
    return ResultPage(
        request=request,
        hits=tuple(map(hit, answer["hits"])),
        total=answer["total"],
        facets={
            name: tuple(FacetValue(v["value"], v["count"]) for v in values)
            for name, values in answer["facets"].items()
        },
        notices=tuple(map(_notice, answer["notices"])),
        took_ms=answer["took_ms"],
        index_version=answer["index_version"],
        suggestion=answer["suggestion"],
        next_cursor=answer["next_cursor"],
        histogram=tuple(
            Bucket(date.fromisoformat(b["from"]), date.fromisoformat(b["to"]), b["count"])
            for b in answer["histogram"]
        ),
    )


def hit(answer: Mapping[str, Any]) -> Hit:
    """A hit of a page."""
    reprints = answer["reprints"]
    return Hit(
        article=article(answer["document"], answer["id"]),
        score=answer["score"],
        highlights={name: tuple(marked) for name, marked in answer["highlights"].items()},
        matches=tuple(
            Match(m["field"], m["start"], m["end"], m["paragraph"], tuple(m["lines"]))
            for m in answer["matches"]
        ),
        explanation=answer.get("explanation"),
        reprints=reprints and Reprints(reprints["count"], article(reprints["first"])),
    )


def article(record: Mapping[str, Any], article_id: str | None = None) -> Article:
    """An article of a record that may hold only some of its fields."""
    whole = {"id": article_id, **record}
    if whole.get("title") or whole.get("body"):
        return Article.from_record(whole)
    return replace(Article.from_record({**whole, "title": _NO_TITLE}), title="")


def scored_article(answer: Mapping[str, Any]) -> ScoredArticle:
    """An article with its likeness."""
    return ScoredArticle(article(answer["document"], answer["id"]), answer["score"])


def _notice(answer: Mapping[str, Any]) -> Notice:
    params = {name: value for name, value in answer.items() if name not in ("code", "text")}
    return Notice(answer["code"], params)
