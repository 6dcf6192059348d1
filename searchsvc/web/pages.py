"""The pages for readers: search with its results, and one article. Rendered on the server; every
state is a URL with the same parameters as the JSON endpoint.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template
from markupsafe import Markup

from searchsvc.articles import Article
from searchsvc.browsing import beside
from searchsvc.highlight import Link
from searchsvc.query import plain_query
from searchsvc.requests import EXPORTS, notice_text, parse_request
from searchsvc.results import ResultPage, SearchRequest
from searchsvc.timeline import buckets
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
    people_links,
    people_url,
    role_query,
    search_url,
    title_links,
    trends_url,
)
from searchsvc.web.narrowing import (
    chosen,
    facets,
    fold,
    interval,
    literal,
    narrowing,
    period_url,
    result_pages,
    shown_facets,
    sorts,
)
from searchsvc.web.observing import searched
from searchsvc.web.page_map import MAP_HEIGHT, MAP_WIDTH, page_map

blueprint = Blueprint("pages", __name__)

SHOWN_SIMILAR = 5
SHOWN_NEWSPAPERS = 12
OFFERED = 8
"""Completions that are offered where nothing was found."""


@blueprint.get("/")
def search() -> str:
    """The search box; below it the results, or what the archive holds."""
    given = [pair for pair in parameters() if pair[1]]
    asked = parse_request(given, settings())
    if not any(name in ("q", "filter", "date_from", "date_to") for name, _ in given):
        return _start()
    asked = replace(asked, facets=shown_facets(asked), highlight=True, fields=None, explain=False)
    asked = replace(asked, histogram=asked.histogram or interval(asked))
    results = searched(service().search(asked))
    return render_template(
        "results.html",
        results=results,
        notices=[notice_text(notice, language()) for notice in results.notices],
        facets=facets(results, given),
        chosen=chosen(given),
        pages=result_pages(results, given),
        sorts=sorts(results, given),
        fold=fold(results, given),
        literal=literal(results, given),
        feed_url=feed_url(given),
        timeline=bars(results.histogram, lambda bucket: period_url(bucket, given)),
        timeline_size=(WIDTH, HEIGHT),
        trends_url=trends_url(narrowing(given)),
        concordance_url=concordance_url(narrowing(given, "sort")),
        export_urls={kind: export_url(narrowing(given, "sort"), kind) for kind in EXPORTS},
        first=(asked.page - 1) * asked.per_page + 1,
        query=asked.query,
        meant_url=_meant_url(results, given),
        offered=_offered(results, given),
        article_url=lambda found: article_url(found, given),
        person_url=lambda name: people_url(name=name),
        place=_place,
        marked=Markup,
    )


def _start() -> str:
    """What the archive holds, and the ways into it."""
    stats = service().holdings()
    held = buckets(service().days(SearchRequest()), interval(SearchRequest()))
    newspapers = sorted(stats["newspapers"].items(), key=lambda item: (-item[1], item[0]))
    return render_template(
        "start.html",
        stats=stats,
        query="",
        timeline=bars(held, lambda bucket: period_url(bucket, [])),
        timeline_size=(WIDTH, HEIGHT),
        newspapers=[
            (name, count, issue_url(name)) for name, count in newspapers[:SHOWN_NEWSPAPERS]
        ],
        more_newspapers=len(newspapers) > SHOWN_NEWSPAPERS,
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
    byline_links = people_links(person.name for person in found.people)

    def links(field: str, text: str) -> list[Link]:
        return [*title_links(field, text), *byline_links(field, text)]

    shown = service().highlight_article(found, query, links, literal=asked.literal)
    around = beside(service(), found)
    return render_template(
        "article.html",
        article=found,
        shown={name: tuple(map(Markup, texts)) for name, texts in shown.items()},
        people=list(_people(found)),
        reprints=service().reprints(article_id),
        similar=service().similar(article_id, SHOWN_SIMILAR),
        article_url=article_url,
        query=query,
        results_url=search_url(given) if given else None,
        place=_place,
        page_map=page_map(found),
        map_around=[(other, page_map(other)) for other in around if other.id != found.id],
        around=_around(found, around),
        issue_url=issue_url(found.newspaper, day=found.date)
        if found.newspaper and found.date
        else None,
        references=references_of(found),
        reference_files=FILES,
        linked_data=linked_data(found),
        map_size=(MAP_WIDTH, MAP_HEIGHT),
    )


def _around(found: Article, articles: tuple[Article, ...]) -> dict[str, Any] | None:
    """The other articles of the page, and those before and after this one."""
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


def _people(found: Article) -> Iterator[dict[str, str]]:
    """The article's people, each with the person's page and a search for what else they did in the role."""
    for person in found.people:
        yield {
            "name": person.name,
            "url": people_url(name=person.name),
            "role": say(f"role.{person.role}") if person.role else "",
            "role_url": search_url(q=role_query(person.role, person.name)),
        }


def _place(found: Article) -> str:
    """Where the article stands in its source: file and lines."""
    if found.source is None:
        return ""
    ranges = ", ".join(
        f"{first}–{last}" if first < last else str(first) for first, last in found.source.lines
    )
    return f"{found.source.path}: {ranges}" if ranges else found.source.path
