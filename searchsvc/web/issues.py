"""The pages that lead through the archive by newspaper, calendar and issue, and the same as JSON."""

from __future__ import annotations

from calendar import Calendar
from datetime import date
from typing import Any

from flask import Blueprint, Response, jsonify, render_template

from searchsvc.browsing import IssuePage, issue, issue_days
from searchsvc.errors import NotFoundError
from searchsvc.requests import parse_issue
from searchsvc.timeline import Days
from searchsvc.web.context import parameters, service
from searchsvc.web.links import article_url, issue_url, search_url

blueprint = Blueprint("issues", __name__)


@blueprint.get("/issues")
def page() -> str:
    """The newspapers; of one its calendar of a year; of one and a day the issue's pages."""
    newspaper, day, year = parse_issue(parameters())
    if not newspaper:
        return render_template("newspapers.html", newspapers=_newspapers(), issue_url=issue_url)
    if day is not None:
        return _issue(newspaper, day)
    days = _days(newspaper)
    years = sorted({day.year for day in days})
    shown = year if year in years else years[-1]
    return render_template(
        "calendar.html",
        newspaper=newspaper,
        years=[(n, issue_url(newspaper, year=n), n == shown) for n in years],
        year=shown,
        months=[
            (month, Calendar().monthdatescalendar(shown, month))
            for month in sorted({day.month for day in days if day.year == shown})
        ],
        days=days,
        issue_url=issue_url,
        results_url=search_url(filter=f"newspaper:{newspaper}"),
    )


@blueprint.get("/api/issues")
def issues() -> Response:
    """The newspapers; of one the days of its issues; of one and a day the issue's pages."""
    newspaper, day, _ = parse_issue(parameters())
    found: dict[str, Any] = {"index_version": service().index_version}
    if not newspaper:
        found["newspapers"] = [{"newspaper": n, "articles": count} for n, count in _newspapers()]
    elif day is None:
        found["days"] = [
            {"date": d.isoformat(), "articles": count} for d, count in _days(newspaper).items()
        ]
    else:
        found["pages"] = [
            {
                "page": shown.page,
                "section": shown.section,
                "articles": [
                    {"id": a.id, "kind": a.kind, "title": a.title} for a in shown.articles
                ],
            }
            for shown in _pages(newspaper, day)
        ]
    return jsonify(found)


def _issue(newspaper: str, day: date) -> str:
    days = list(_days(newspaper))
    pages = _pages(newspaper, day)
    at = days.index(day)
    return render_template(
        "issue.html",
        newspaper=newspaper,
        day=day,
        pages=pages,
        previous=issue_url(newspaper, day=days[at - 1]) if at else None,
        following=issue_url(newspaper, day=days[at + 1]) if at + 1 < len(days) else None,
        calendar_url=issue_url(newspaper, year=day.year),
        article_url=article_url,
    )


def _newspapers() -> list[tuple[str, int]]:
    counts: dict[str, int] = service().holdings()["newspapers"]
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _days(newspaper: str) -> Days:
    days = issue_days(service(), newspaper)
    if not days:
        raise NotFoundError("issue.newspaper", newspaper=newspaper)
    return days


def _pages(newspaper: str, day: date) -> tuple[IssuePage, ...]:
    pages = issue(service(), newspaper, day)
    if not pages:
        raise NotFoundError("issue.day", newspaper=newspaper, date=day.isoformat())
    return pages
