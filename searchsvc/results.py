"""What a search asks and what it answers: the shapes that JSON, web page and terminal share.

``SearchRequest`` goes from web and command line to the service; ``ResultPage`` comes back.
``ResultPage.to_json`` is the one shape of the JSON endpoint and of ``searchsvc search --json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from searchsvc.articles import Article
from searchsvc.timeline import Bucket

SORTS: Final = ("relevance", "newest", "oldest")
FACETS: Final = (
    "newspaper", "year", "month", "section", "person", "place", "kind", "document", "standard",
)  # fmt: skip
FOLDS: Final = ("reprints",)
"""What hits may be folded by: of several articles of one text only the earliest hit is shown."""

FILTERS: Final = (*FACETS, "page", "tag")


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search. Page numbers start at 1; the dates are inclusive.

    ``filters`` maps names of ``FILTERS`` to accepted values: values of one name are alternatives,
    names are combined with AND. ``facets`` names the facets to count, ``fields`` the document
    fields to return (None: all). ``fold`` is empty or one of ``FOLDS``. ``histogram`` is empty or one
    of ``searchsvc.timeline.INTERVALS``. ``literal`` looks for texts as they stand, unfolded and without
    equivalents.
    """

    query: str = ""
    page: int = 1
    per_page: int = 10
    sort: str = "relevance"
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    date_from: date | None = None
    date_to: date | None = None
    cursor: str | None = None
    facets: tuple[str, ...] = ()
    highlight: bool = True
    fields: tuple[str, ...] | None = None
    explain: bool = False
    fold: str = ""
    histogram: str = ""
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """Where the query stands in the original text; half-open range of code points.

    ``paragraph`` is the index into ``body`` (None for other fields); ``lines`` are the source
    lines of that paragraph.
    """

    field: str
    start: int
    end: int
    paragraph: int | None = None
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reprints:
    """How many articles of the archive have a hit's text, and the earliest of them."""

    count: int
    first: Article


@dataclass(frozen=True, slots=True)
class Hit:
    """One article found. ``highlights`` are HTML: escaped text with ``<mark>`` around matches.

    ``highlights["title"]`` is the whole title; ``highlights["body"]`` holds the best fragments.
    """

    article: Article
    score: float
    highlights: Mapping[str, tuple[str, ...]]
    matches: tuple[Match, ...]
    explanation: Mapping[str, Any] | None = None
    reprints: Reprints | None = None


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet and the number of hits that have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader should know of how the query was understood.

    ``code`` is stable; the text comes from ``notices.<code>`` of the message catalogues.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ResultPage:
    """One page of hits, best first (or in the order asked for), with counts over all hits.

    ``total`` is exact. ``facets`` maps facet names to values ordered by count, then value; years and
    months are ordered newest first. ``histogram`` counts the hits over time where that was asked for.
    """

    request: SearchRequest
    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, tuple[FacetValue, ...]]
    notices: tuple[Notice, ...]
    took_ms: float
    index_version: str
    suggestion: str | None = None
    next_cursor: str | None = None
    histogram: tuple[Bucket, ...] = ()

    @property
    def total_pages(self) -> int:
        """The number of pages; 0 where nothing was found."""
        return -(-self.total // self.request.per_page)

    def to_json(self, notice_text: Any) -> dict[str, Any]:
        """The JSON answer. ``notice_text(notice)`` gives a notice's sentence."""
        return {
            "query": self.request.query,
            "hits": [self._hit(hit) for hit in self.hits],
            "total": self.total,
            "total_relation": "eq",
            "page": self.request.page,
            "per_page": self.request.per_page,
            "total_pages": self.total_pages,
            "next_cursor": self.next_cursor,
            "facets": {
                name: [{"value": v.value, "count": v.count} for v in values]
                for name, values in self.facets.items()
            },
            "histogram": [bucket.to_json() for bucket in self.histogram],
            "suggestion": self.suggestion,
            "notices": [{"code": n.code, "text": notice_text(n), **n.params} for n in self.notices],
            "took_ms": round(self.took_ms, 3),
            "index_version": self.index_version,
        }

    def _hit(self, hit: Hit) -> dict[str, Any]:
        document = hit.article.to_record()
        if self.request.fields is not None:
            document = {k: v for k, v in document.items() if k in self.request.fields}
        answer: dict[str, Any] = {
            "id": hit.article.id,
            "score": round(hit.score, 6),
            "document": document,
            "highlights": {name: list(marked) for name, marked in hit.highlights.items()},
            "matches": [
                {
                    "field": m.field,
                    "start": m.start,
                    "end": m.end,
                    "paragraph": m.paragraph,
                    "lines": list(m.lines),
                }
                for m in hit.matches
            ],
            "reprints": _reprints_json(hit.reprints),
        }
        if hit.explanation is not None:
            answer["explanation"] = hit.explanation
        return answer


def _reprints_json(reprints: Reprints | None) -> dict[str, Any] | None:
    if reprints is None:
        return None
    first = reprints.first
    day = first.date.isoformat() if first.date else None
    return {
        "count": reprints.count,
        "first": {"id": first.id, "newspaper": first.newspaper, "date": day},
    }
