"""The archive by its issues: newspapers, their days, an issue's pages, a page's articles.

Asks the service by filters and dates alone; gives what the pages and the JSON endpoint show.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from searchsvc.articles import Article
from searchsvc.facets import facet_values
from searchsvc.results import FacetValue, SearchRequest
from searchsvc.service import SearchService
from searchsvc.text import fold_text
from searchsvc.timeline import Days

BROWSED_KINDS = ("article", "photo", "ad", "notice")
"""What a page shows of itself; mastheads and imprints stand on every page."""


@dataclass(frozen=True, slots=True)
class IssuePage:
    """One page of an issue and what it holds, in the page's own order."""

    page: str
    section: str
    articles: tuple[Article, ...]


def issue_days(service: SearchService, newspaper: str) -> Days:
    """The days on which a newspaper came out, ascending, and how much each issue holds."""
    return service.days(_request(newspaper, BROWSED_KINDS))


def issue(service: SearchService, newspaper: str, day: date) -> tuple[IssuePage, ...]:
    """The pages of an issue in order; empty where there is none of that day."""
    _, hits = service.walk(_request(newspaper, BROWSED_KINDS, day))
    articles = sorted((hit.article for hit in hits), key=_place)
    pages = []
    for page, found in groupby(articles, key=lambda article: article.page):
        held = tuple(found)
        sections = dict.fromkeys(article.section for article in held if article.section)
        pages.append(IssuePage(page, " ".join(sections), held))
    return tuple(pages)


def values(
    service: SearchService, facet: str, narrowed: SearchRequest, like: str, order: str
) -> tuple[FacetValue, ...]:
    """All values of a facet among what a search finds whose text holds ``like``.

    ``order`` is ``count`` (as facets are ordered) or ``value``. Raises QueryError and CallerError.
    """
    found = facet_values(facet, service.counts(narrowed, (facet,))[facet])
    if like:
        wanted = fold_text(like)
        found = tuple(one for one in found if wanted in fold_text(one.value))
    return tuple(sorted(found, key=lambda one: one.value)) if order == "value" else found


def beside(service: SearchService, article: Article) -> tuple[Article, ...]:
    """The articles of the same page, this one among them; empty where its page is not known."""
    if not (article.newspaper and article.date and article.page):
        return ()
    request = _request(article.newspaper, BROWSED_KINDS, article.date, article.page)
    _, hits = service.walk(request)
    return tuple(sorted((hit.article for hit in hits), key=_place))


def _request(
    newspaper: str, kinds: Iterable[str], day: date | None = None, page: str = ""
) -> SearchRequest:
    filters = {"newspaper": (newspaper,), "kind": tuple(kinds)}
    if page:
        filters["page"] = (page,)
    return SearchRequest(filters=filters, date_from=day, date_to=day, highlight=False)


def _place(article: Article) -> tuple[list[tuple[int, str]], str, int, str]:
    """The order of pages (A2 before A10), then of lines on the page."""
    page = [(int(part), "") if part.isdecimal() else (0, part) for part in _parts(article.page)]
    source = article.source
    first = source.lines[0][0] if source and source.lines else 0
    return page, source.path if source else "", first, article.id


def _parts(page: str) -> list[str]:
    return [part for part in re.split(r"([0-9]+)", page) if part]
