"""URLs of the pages. A language that the reader chose by hand goes along with every link."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from urllib.parse import quote_plus, urlencode

from flask import g, request, url_for

from searchsvc.articles import Article
from searchsvc.highlight import FindLinks, Link
from searchsvc.pages.citations import title_spans
from searchsvc.query import quoted_query
from searchsvc.web.context import language

Pairs = Sequence[tuple[str, str]]

_quote = lru_cache(maxsize=4_096)(quote_plus)
"""The links of a page, and of the next one, are mostly of the same names and values."""

_ROLE_FIELDS = {
    "reporter": "记者", "correspondent": "通讯员", "photographer": "摄影",
    "author": "作者", "editor": "编辑",
}  # fmt: skip


def search_url(pairs: Pairs = (), **given: str) -> str:
    """The search page with these parameters."""
    return _url(_path("pages.search"), [*pairs, *given.items()])


def narrowed_url(pairs: Pairs) -> str:
    """The first page of the search with these parameters."""
    return search_url([pair for pair in pairs if pair[0] not in ("page", "cursor")])


def article_url(article: Article, pairs: Pairs = ()) -> str:
    """The page of an article; these parameters of the search lead back to its results."""
    return _url(url_for("pages.article", article_id=article.id), pairs)


def feed_url(pairs: Pairs) -> str:
    """The Atom feed of the search with these parameters; a feed has one order and one page."""
    kept = [pair for pair in pairs if pair[0] not in ("page", "per_page", "cursor", "sort")]
    return _url(_path("syndication.feed"), kept)


def trends_url(pairs: Pairs, endpoint: str = "trends.page") -> str:
    """The page of trends with these parameters, or its table."""
    return _url(_path(endpoint), pairs)


def concordance_url(pairs: Pairs, endpoint: str = "concordance.page") -> str:
    """The page of keywords in context with these parameters, or its table."""
    return _url(_path(endpoint), pairs)


def export_url(pairs: Pairs, kind: str) -> str:
    """All that the search with these parameters finds, as a file of this format."""
    return _url(_path("exporting.export"), [*pairs, ("format", kind)])


def people_url(pairs: Pairs = (), **given: str) -> str:
    """The people of the archive; ``name`` is the page of one."""
    return _url(_path("people.page"), [*pairs, *given.items()])


def values_url(facet: str, pairs: Pairs) -> str:
    """All values of a facet among what the search with these parameters finds."""
    return _url(url_for("values.page", facet=facet), pairs)


def role_query(role: str, name: str) -> str:
    """The query for what a person did in a role; for all that the person did where it has no field."""
    field = _ROLE_FIELDS.get(role, "人物")
    return f"{field}:{quoted_query(name)}"


def title_links(field: str, text: str) -> list[Link]:
    """The titles in 《》 of a body's text, each with the search for it as a phrase."""
    if field != "body":
        return []
    return [
        (start, end, search_url(q=quoted_query(title))) for start, end, title in title_spans(text)
    ]


def people_links(names: Iterable[str]) -> FindLinks:
    """Finds these names in a byline, each with the person's page."""
    known = sorted(set(filter(None, names)), key=len, reverse=True)
    expression = re.compile("|".join(map(re.escape, known))) if known else None

    def found(field: str, text: str) -> list[Link]:
        if field != "byline" or expression is None:
            return []
        return [(m.start(), m.end(), people_url(name=m[0])) for m in expression.finditer(text)]

    return found


def issue_url(newspaper: str, *, day: date | None = None, year: int | None = None) -> str:
    """A newspaper's calendar of a year (its last by default), or its issue of a day."""
    pairs = [("newspaper", newspaper)]
    pairs += [("date", day.isoformat())] if day else []
    pairs += [("year", str(year))] if year else []
    return _url(_path("issues.page"), pairs)


def other_language_url() -> str:
    """This page in the other language."""
    kept = [(n, v) for n, v in request.args.items(multi=True) if n != "lang"]
    other = "en" if language() == "zh" else "zh"
    return f"{request.path}?{urlencode([*kept, ('lang', other)])}"


def _path(endpoint: str) -> str:
    """The path of an endpoint without parameters; asked for once a request, however many links there are."""
    paths: dict[str, str] = g.setdefault("paths", {})
    path = paths.get(endpoint)
    if path is None:
        path = paths[endpoint] = url_for(endpoint)
    return path


def _url(path: str, pairs: Pairs) -> str:
    if "chosen_language" not in g:
        g.chosen_language = request.args.get("lang")
    chosen = g.chosen_language
    kept = [*pairs, ("lang", chosen)] if chosen else pairs
    return f"{path}?{urlencode(kept, quote_via=_quote)}" if kept else path
