"""The form that writes a query; the reader sees it in the search box and edits it there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from searchsvc.query.composing import (
    DEFAULT_DISTANCE,
    KINDS,
    ROLE_FIELDS,
    SEARCHED_FIELDS,
    composed,
)
from searchsvc.schema import FIELD_BY_NAME, KIND_NAMES
from searchsvc.web.context import language, service
from searchsvc.web.links import search_url

blueprint = Blueprint("advanced", __name__)

_MAX_OFFERED = 200


@blueprint.get("/advanced")
def page() -> str | Response:
    """The form; with anything filled in, the way to the search that it asks for."""
    given = {name: value.strip() for name, value in request.args.items() if value.strip()}
    query = composed(given)
    narrowed = [(name, given[name]) for name in ("date_from", "date_to") if name in given]
    if query or narrowed:
        return redirect(search_url([("q", query), *narrowed] if query else narrowed), 303)
    return render_template(
        "advanced.html",
        searched_fields=_labelled(FIELD_BY_NAME, SEARCHED_FIELDS),
        roles=_labelled(FIELD_BY_NAME, ROLE_FIELDS),
        kinds=_labelled(KIND_NAMES, KINDS),
        distance=DEFAULT_DISTANCE,
        newspapers=list(service().holdings()["newspapers"])[:_MAX_OFFERED],
    )


def _labelled(english: Mapping[str, str], values: Sequence[str]) -> list[tuple[str, str]]:
    """What a choice offers, as it stands in the query and as the reader sees it."""
    if language() == "zh":
        return [(value, value) for value in values]
    return [(value, f"{english[value]} ({value})") for value in values]
