"""The people of the archive and the page of one person, and the same as JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, render_template

from searchsvc.people import ROLES, PersonArticles, PersonCount, people, person
from searchsvc.requests import PERSON_SORTS, PeopleRequest, parse_people
from searchsvc.results import FacetValue
from searchsvc.web.charts import HEIGHT, WIDTH, bars
from searchsvc.web.context import parameters, say, service, settings
from searchsvc.web.links import (
    article_url,
    feed_url,
    people_url,
    role_query,
    search_url,
    trends_url,
)
from searchsvc.web.narrowing import page_links, period_url

blueprint = Blueprint("people", __name__)


@blueprint.get("/people")
def page() -> str:
    """Everyone with articles and roles counted; of one person the articles over time."""
    given = [pair for pair in parameters() if pair[1]]
    asked = parse_people(given, settings(), ROLES)
    if asked.name:
        return _person(asked, given)
    found = people(service(), asked.like, asked.role)
    kept = [pair for pair in given if pair[0] != "page"]
    last = -(-len(found) // asked.per_page)
    return render_template(
        "people.html",
        asked=asked,
        roles=ROLES,
        total=len(found),
        people=_shown(found, asked),
        person_url=lambda name: people_url(name=name),
        pages=page_links(asked.page, last, lambda n: people_url([*kept, ("page", str(n))])),
    )


@blueprint.get("/api/people")
def listed() -> Response:
    """Everyone with articles and roles counted; of one person a page of the articles."""
    asked = parse_people(parameters(), settings(), ROLES)
    answer: dict[str, Any] = {"index_version": service().index_version}
    if asked.name:
        found = _of(asked)
        answer["person"] = found.to_json()
    else:
        everyone = people(service(), asked.like, asked.role)
        answer["people"] = [one.to_json() for one in _shown(everyone, asked)]
        answer["total"] = len(everyone)
    return jsonify(answer)


def _shown(found: list[PersonCount], asked: PeopleRequest) -> list[PersonCount]:
    first = (asked.page - 1) * asked.per_page
    return found[first : first + asked.per_page]


def _of(asked: PeopleRequest) -> PersonArticles:
    return person(service(), asked.name, asked.sort, asked.page, asked.per_page)


def _person(asked: PeopleRequest, given: list[tuple[str, str]]) -> str:
    found = _of(asked)
    kept = [pair for pair in given if pair[0] != "page"]
    of_person = ("filter", f"person:{asked.name}")
    results = found.results
    return render_template(
        "person.html",
        person=found.person,
        roles=[
            (say(f"role.{role}"), count, search_url(q=role_query(role, asked.name)))
            for role, count in found.person.roles.items()
        ],
        results=results,
        first=(asked.page - 1) * asked.per_page + 1,
        timeline=bars(results.histogram, lambda bucket: period_url(bucket, [of_person])),
        timeline_size=(WIDTH, HEIGHT),
        people=[
            (value.value, value.count, people_url(name=value.value))
            for value in found.beside["person"][:12]
        ],
        beside={
            name: [_value(name, value, of_person) for value in values[:12]]
            for name, values in found.beside.items()
            if name != "person" and values
        },
        sorts=[
            {
                "label": say(f"sort.{sort}"),
                "current": sort == asked.sort,
                "url": people_url([*(p for p in kept if p[0] != "sort"), ("sort", sort)]),
            }
            for sort in PERSON_SORTS
        ],
        pages=page_links(
            asked.page, results.total_pages, lambda n: people_url([*kept, ("page", str(n))])
        ),
        article_url=article_url,
        role_of=lambda article: _role_of(article, asked.name),
        search_url_of_person=search_url([of_person]),
        feed_url=feed_url([of_person]),
        trends_url=trends_url([("q", role_query("", asked.name))]),
    )


def _value(name: str, value: FacetValue, of_person: tuple[str, str]) -> tuple[str, int, str]:
    url = search_url([of_person, ("filter", f"{name}:{value.value}")])
    return value.value, value.count, url


def _role_of(article: Any, name: str) -> str:
    """What the person of this name did for an article."""
    roles = dict.fromkeys(p.role for p in article.people if p.name == name and p.role)
    return "、".join(say(f"role.{role}") for role in roles)
