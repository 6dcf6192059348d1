"""The pages for readers: search with its results, and one article. Rendered on the server; every
state is a URL with the same parameters as the JSON endpoint.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, render_template
from markupsafe import Markup

from searchsvc.articles import Article
from searchsvc.browsing import beside
from searchsvc.query import plain_query
from searchsvc.requests import EXPORTS, NARROWING, notice_text, parse_request
from searchsvc.results import ResultPage, SearchRequest
from searchsvc.timeline import Bucket, fitting_interval
from searchsvc.web.charts import HEIGHT, WIDTH, bars
from searchsvc.web.citing import FILES, linked_data, references_of
from searchsvc.web.context import language, parameters, say, service, settings
from searchsvc.web.links import (
    article_url,
    concordance_url,
    export_url,
    feed_url,
    issue_url,
    narrowed_url,
    search_url,
    trends_url,
)
from searchsvc.web.page_map import MAP_HEIGHT, MAP_WIDTH, page_map

blueprint = Blueprint("pages", __name__)

SHOWN_FACETS = ("newspaper", "year", "section", "person", "kind", "document", "standard")
SHOWN_FACET_VALUES = 12
SHOWN_SIMILAR = 5
OFFERED = 8
"""Completions that are offered where nothing was found."""
_TOLD = frozenset(("normalised", "other_numbers", "other_spelling", "synonyms", "stop_words"))
"""Notices of what a literal search does not do."""
_ROLE_FIELD = {
    "reporter": "记者", "correspondent": "通讯员", "photographer": "摄影",
    "author": "作者", "editor": "编辑",
}  # fmt: skip


@blueprint.get("/")
def search() -> str:
    """The search box; below it the results, or what the archive holds."""
    given = [pair for pair in parameters() if pair[1]]
    asked = parse_request(given, settings())
    if not any(name in ("q", "filter", "date_from", "date_to") for name, _ in given):
        return render_template("start.html", stats=service().stats(), query="")
    asked = replace(asked, facets=SHOWN_FACETS, highlight=True, fields=None, explain=False)
    asked = replace(asked, histogram=asked.histogram or _interval(asked))
    results = service().search(asked)
    return render_template(
        "results.html",
        results=results,
        notices=[notice_text(notice, language()) for notice in results.notices],
        facets=_facets(results, given),
        chosen=_chosen(given),
        pages=_pages(results, given),
        sorts=_sorts(results, given),
        fold=_fold(results, given),
        literal=_literal(results, given),
        feed_url=feed_url(given),
        timeline=bars(results.histogram, lambda bucket: _period_url(bucket, given)),
        timeline_size=(WIDTH, HEIGHT),
        trends_url=trends_url(_narrowing(given)),
        concordance_url=concordance_url(_narrowing(given, "sort")),
        export_urls={kind: export_url(_narrowing(given, "sort"), kind) for kind in EXPORTS},
        first=(asked.page - 1) * asked.per_page + 1,
        query=asked.query,
        meant_url=_meant_url(results, given),
        offered=_offered(results, given),
        article_url=lambda found: article_url(found, given),
        place=_place,
        marked=Markup,
    )


@blueprint.get("/articles/<path:article_id>")
def article(article_id: str) -> str:
    """One article, with the marks of the query that led to it.

    The parameters are those of the search that found it, for the way back.
    """
    given = [pair for pair in parameters() if pair[1]]
    asked = parse_request(given, settings())
    query = asked.query
    found = service().article(article_id)
    shown = service().highlight_article(article_id, query, literal=asked.literal)
    return render_template(
        "article.html",
        article=found,
        shown={name: tuple(map(Markup, texts)) for name, texts in shown.items()},
        people=_people(found),
        reprints=service().reprints(article_id),
        similar=service().similar(article_id, SHOWN_SIMILAR),
        article_url=article_url,
        query=query,
        results_url=search_url(given) if given else None,
        place=_place,
        page_map=page_map(found),
        around=_around(found),
        issue_url=issue_url(found.newspaper, day=found.date)
        if found.newspaper and found.date
        else None,
        references=references_of(found),
        reference_files=FILES,
        linked_data=linked_data(found),
        map_size=(MAP_WIDTH, MAP_HEIGHT),
    )


def _around(found: Article) -> dict[str, Any] | None:
    """The other articles of the page, and those before and after this one."""
    articles = beside(service(), found)
    at = next((n for n, article in enumerate(articles) if article.id == found.id), None)
    if at is None or len(articles) < 2:
        return None
    return {
        "articles": articles,
        "previous": articles[at - 1] if at else None,
        "following": articles[at + 1] if at + 1 < len(articles) else None,
    }


def _meant_url(results: ResultPage, given: list[tuple[str, str]]) -> str | None:
    """The search for the query that was probably meant."""
    if results.suggestion is None:
        return None
    kept = [pair for pair in given if pair[0] != "q"]
    return narrowed_url([("q", results.suggestion), *kept])


def _offered(results: ResultPage, given: list[tuple[str, str]]) -> list[dict[str, str]]:
    """Where nothing was found, what completes the query (pinyin too), each with its search."""
    if results.total or not results.request.query:
        return []
    kept = [pair for pair in given if pair[0] != "q"]
    found = service().suggest(results.request.query, OFFERED).entries
    return [
        {"text": entry.text, "url": narrowed_url([("q", plain_query(entry.text)), *kept])}
        for entry in found
    ]


def _interval(asked: SearchRequest) -> str:
    """The interval of the timeline: one that fits the days asked for, else the archive's."""
    stats = service().stats()
    first = asked.date_from or _day(stats["date_from"])
    last = asked.date_to or _day(stats["date_to"])
    return fitting_interval(first, last) if first and last and first <= last else "year"


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _period_url(bucket: Bucket, given: list[tuple[str, str]]) -> str:
    """The search narrowed to a bucket of its timeline."""
    kept = [pair for pair in given if pair[0] not in ("date_from", "date_to")]
    return narrowed_url([*kept, ("date_from", bucket.label), ("date_to", bucket.label)])


def _narrowing(given: list[tuple[str, str]], *others: str) -> list[tuple[str, str]]:
    """The parameters that say what is found, and these others."""
    return [pair for pair in given if pair[0] in (*NARROWING, *others)]


def _facets(results: ResultPage, given: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """The facets that divide the results, each value with the URL that adds it."""
    facets = []
    for name, values in results.facets.items():
        added = [
            {
                "label": _value_label(name, value.value),
                "count": value.count,
                "url": narrowed_url([*given, ("filter", f"{name}:{value.value}")]),
            }
            for value in values[:SHOWN_FACET_VALUES]
            if value.value not in results.request.filters.get(name, ())
        ]
        if added and not (len(values) == 1 and values[0].count == results.total):
            facets.append({"name": name, "label": say(f"facet.{name}"), "values": added})
    return facets


def _chosen(given: list[tuple[str, str]]) -> list[dict[str, str]]:
    """The filters in force, each with the URL that takes it away."""
    chosen = []
    for pair in given:
        if pair[0] == "filter":
            field, _, value = pair[1].partition(":")
            label = f"{say(f'facet.{field}')}: {_value_label(field, value)}"
        elif pair[0] in ("date_from", "date_to"):
            label = f"{say(pair[0])} {pair[1]}"
        else:
            continue
        chosen.append({"label": label, "url": narrowed_url([p for p in given if p != pair])})
    return chosen


def _sorts(results: ResultPage, given: list[tuple[str, str]]) -> list[dict[str, Any]]:
    kept = [pair for pair in given if pair[0] != "sort"]
    return [
        {
            "label": say(f"sort.{name}"),
            "current": results.request.sort == name,
            "url": narrowed_url([*kept, ("sort", name)]),
        }
        for name in ("relevance", "newest", "oldest")
    ]


def _fold(results: ResultPage, given: list[tuple[str, str]]) -> dict[str, str]:
    """The link that folds reprints, or unfolds them."""
    kept = [pair for pair in given if pair[0] != "fold"]
    if results.request.fold:
        return {"label": say("unfold"), "url": narrowed_url(kept)}
    return {"label": say("fold"), "url": narrowed_url([*kept, ("fold", "reprints")])}


def _literal(results: ResultPage, given: list[tuple[str, str]]) -> dict[str, str] | None:
    """The link that searches as the query stands, where it was folded or expanded, or the way back."""
    kept = [pair for pair in given if pair[0] != "literal"]
    if results.request.literal:
        return {"label": say("unliteral"), "url": narrowed_url(kept)}
    if _TOLD.isdisjoint(notice.code for notice in results.notices):
        return None
    return {"label": say("literal"), "url": narrowed_url([*kept, ("literal", "true")])}


def _pages(results: ResultPage, given: list[tuple[str, str]]) -> dict[str, Any]:
    """Links to the pages around this one, and to the previous and next."""
    kept = [pair for pair in given if pair[0] != "page"]
    deepest = settings().max_page_depth // results.request.per_page
    last = min(results.total_pages, deepest)
    current = results.request.page

    def url(number: int) -> str:
        return search_url([*kept, ("page", str(number))])

    around = range(max(1, current - 3), min(last, current + 3) + 1)
    return {
        "numbers": [(n, url(n), n == current) for n in around] if last > 1 else [],
        "previous": url(current - 1) if 1 < current <= last + 1 else None,
        "next": url(current + 1) if current < last else None,
    }


def _people(found: Article) -> list[dict[str, str]]:
    """The article's people, each with a search for what else they had a part in."""
    people = []
    for person in found.people:
        field = _ROLE_FIELD.get(person.role, "人物")
        if '"' in person.name:
            url = search_url(filter=f"person:{person.name}")
        else:
            url = search_url(q=f'{field}:"{person.name}"')
        role = say(f"role.{person.role}") if person.role else ""
        people.append({"name": person.name, "role": role, "url": url})
    return people


def _value_label(field: str, value: str) -> str:
    return say(f"kind.{value}") if field == "kind" and value in _KINDS else value


_KINDS = ("article", "photo", "ad", "notice", "masthead", "imprint")


def _place(found: Article) -> str:
    """Where the article stands in its source: file and lines."""
    if found.source is None:
        return ""
    ranges = ", ".join(
        f"{first}–{last}" if first < last else str(first) for first, last in found.source.lines
    )
    return f"{found.source.path}: {ranges}" if ranges else found.source.path
