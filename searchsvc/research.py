"""What researchers ask of an archive: trends of several terms over time, keywords in context.

Takes requests, asks the service, gives tables that web and JSON share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from searchsvc.articles import Article
from searchsvc.results import Match, SearchRequest
from searchsvc.service import SearchService
from searchsvc.timeline import Bucket, fitting_interval, spread

PER = 10_000
"""Relative counts are per so many articles of the period."""


@dataclass(frozen=True, slots=True)
class Trend:
    """How often one query was found in each period; ``relative`` is per ``PER`` articles of it."""

    query: str
    counts: tuple[int, ...]
    relative: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Trends:
    """Several queries over the same periods, and how many articles each period has in all."""

    interval: str
    periods: tuple[Bucket, ...]
    trends: tuple[Trend, ...]

    def to_json(self) -> dict[str, Any]:
        """The table JSON-ready, a row a period."""
        return {
            "interval": self.interval,
            "per": PER,
            "queries": [trend.query for trend in self.trends],
            "periods": [
                {
                    "label": period.label,
                    "from": period.start.isoformat(),
                    "to": period.end.isoformat(),
                    "articles": period.count,
                    "counts": [trend.counts[n] for trend in self.trends],
                    "relative": [round(trend.relative[n], 3) for trend in self.trends],
                }
                for n, period in enumerate(self.periods)
            ],
        }


def trends(
    service: SearchService, queries: Sequence[str], narrowed: SearchRequest, interval: str = ""
) -> Trends:
    """How often each query was found over time, among what ``narrowed`` filters leave.

    ``interval`` is one of ``searchsvc.timeline.INTERVALS``, or empty for one that fits. Articles
    without an issue date are left out; bare words mean all of them. Raises QueryError and CallerError.
    """
    everything = service.days(replace(narrowed, query=""))
    if not everything:
        return Trends(interval or "year", (), tuple(Trend(query, (), ()) for query in queries))
    first, last = everything.first, everything.last
    interval = interval or fitting_interval(first, last)
    periods = spread(everything, interval, first, last)
    found = []
    for query in queries:
        days = service.days(replace(narrowed, query=query))
        counts = tuple(bucket.count for bucket in spread(days, interval, first, last))
        relative = tuple(
            PER * count / period.count if period.count else 0.0
            for count, period in zip(counts, periods, strict=True)
        )
        found.append(Trend(query, counts, relative))
    return Trends(interval, periods, tuple(found))


@dataclass(frozen=True, slots=True)
class Line:
    """One place where a query stands, with the text to its left and right (code points)."""

    article: Article
    field: str
    left: str
    keyword: str
    right: str

    def to_json(self) -> dict[str, Any]:
        """The line JSON-ready."""
        article = self.article
        return {
            "left": self.left,
            "keyword": self.keyword,
            "right": self.right,
            "field": self.field,
            "id": article.id,
            "title": article.title,
            "newspaper": article.newspaper,
            "date": article.date.isoformat() if article.date else None,
            "page": article.page,
        }


@dataclass(frozen=True, slots=True)
class Concordance:
    """Lines from the first ``articles`` of ``total`` articles that were found."""

    query: str
    lines: tuple[Line, ...]
    articles: int
    total: int

    def to_json(self) -> dict[str, Any]:
        """The lines JSON-ready."""
        return {
            "query": self.query,
            "articles": self.articles,
            "total": self.total,
            "lines": [line.to_json() for line in self.lines],
        }


def concordance(
    service: SearchService, request: SearchRequest, order: str, context: int, limit: int
) -> Concordance:
    """Every place where the query stands in the first articles, up to ``limit`` lines.

    ``order`` is one of ``searchsvc.requests.ORDERS``; ``left`` compares from the keyword leftwards. ``context`` is the
    number of characters shown on each side, which never leave the paragraph. Raises QueryError and
    CallerError.
    """
    lines: list[Line] = []
    articles = 0
    total, hits = service.walk(replace(request, highlight=False))
    for hit in hits:
        if len(lines) >= limit:
            break
        articles += 1
        lines += [_line(hit.article, match, context) for match in hit.matches]
    del lines[limit:]
    if order == "left":
        lines.sort(key=lambda line: (line.left[::-1], line.right))
    elif order == "right":
        lines.sort(key=lambda line: (line.right, line.left[::-1]))
    return Concordance(request.query, tuple(lines), articles, total)


def _line(article: Article, match: Match, context: int) -> Line:
    text = (
        getattr(article, match.field)
        if match.paragraph is None
        else article.body[match.paragraph].text
    )
    return Line(
        article,
        match.field,
        text[max(0, match.start - context) : match.start],
        text[match.start : match.end],
        text[match.end : match.end + context],
    )
