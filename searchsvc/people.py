"""The people of the archive: who had a part in how many articles, in which roles, and one person's
articles over time.

Asks the service by filters and facets alone; gives what the pages and the JSON endpoint show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from searchsvc.articles import Article
from searchsvc.errors import NotFoundError
from searchsvc.facets import facet_values
from searchsvc.results import FacetValue, ResultPage, SearchRequest
from searchsvc.service import SearchService
from searchsvc.text import fold_text
from searchsvc.timeline import fitting_interval

ROLES: Final = ("reporter", "correspondent", "photographer", "author", "editor")
"""The roles that are fields of their own; who has another is counted as a person alone."""

BESIDE: Final = ("person", "newspaper", "section", "place")
"""What is counted of a person's articles, besides the roles."""

MAX_BESIDE: Final = 50
_BRIEF = ("id", "kind", "title", "people", "newspaper", "date", "page", "section")


@dataclass(frozen=True, slots=True)
class PersonCount:
    """A name, the articles that its bearers had a part in, and how many of these by role."""

    name: str
    articles: int
    roles: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """The person JSON-ready."""
        return {"name": self.name, "articles": self.articles, "roles": dict(self.roles)}


def people(service: SearchService, like: str = "", role: str = "") -> list[PersonCount]:
    """Everyone whose name holds ``like`` and who has this role (empty: any), by articles in it, then name."""
    counts = service.counts(SearchRequest(), ("person", *ROLES))
    wanted = fold_text(like)
    found = [
        PersonCount(
            name,
            articles,
            {part: counts[part][name] for part in ROLES if name in counts[part]},
        )
        for name, articles in counts["person"].items()
        if not role or name in counts[role]
        if not wanted or wanted in fold_text(name)
    ]
    found.sort(key=lambda one: (-(one.roles[role] if role else one.articles), one.name))
    return found


@dataclass(frozen=True, slots=True)
class PersonArticles:
    """One person, a page of the articles with a histogram of all, and what stands beside: other people,
    newspapers, sections and places, each counted over all of the person's articles.
    """

    person: PersonCount
    results: ResultPage
    beside: Mapping[str, tuple[FacetValue, ...]]

    def to_json(self) -> dict[str, Any]:
        """The person and the page of articles, JSON-ready; articles without their text."""
        return {
            **self.person.to_json(),
            "page": self.results.request.page,
            "total_pages": self.results.total_pages,
            "hits": [_brief(hit.article) for hit in self.results.hits],
            "histogram": [bucket.to_json() for bucket in self.results.histogram],
            "beside": {
                name: [asdict(value) for value in values] for name, values in self.beside.items()
            },
        }


def person(
    service: SearchService, name: str, sort: str, page: int, per_page: int
) -> PersonArticles:
    """What the archive has of a person. ``sort`` is ``newest`` or ``oldest``.

    Raises NotFoundError where no article has the name, CallerError for a page too deep.
    """
    of_person = SearchRequest(filters={"person": (name,)}, sort=sort, page=page, per_page=per_page)
    days = service.days(of_person)
    interval = fitting_interval(days.first, days.last) if days else "year"
    counts = service.counts(of_person, (*ROLES, *BESIDE))
    results = service.search(replace(of_person, highlight=False, histogram=interval))
    beside = {
        facet: tuple(v for v in facet_values(facet, counts[facet]) if v.value != name)[:MAX_BESIDE]
        for facet in BESIDE
    }
    if not results.total:
        raise NotFoundError("person.unknown", name=name)
    roles = {role: counts[role][name] for role in ROLES if name in counts[role]}
    return PersonArticles(PersonCount(name, results.total, roles), results, beside)


def _brief(article: Article) -> dict[str, Any]:
    record = article.to_record()
    return {name: record[name] for name in _BRIEF}
