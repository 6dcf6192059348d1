"""The OpenAPI document and the page that shows it to people; neither needs another host."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request

from searchsvc.errors import CallerError
from searchsvc.messages import LANGUAGES
from searchsvc.web.access import NOTHING, needs
from searchsvc.web.context import settings
from searchsvc.web.openapi import make_document, taken

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/api/openapi.json")
@needs(NOTHING)
def document() -> Response:
    """The document."""
    return jsonify(make_document(current_app, settings()))


@blueprint.get("/docs")
@needs(NOTHING)
def page() -> str:
    """The document as a page."""
    made = make_document(current_app, settings())
    return render_template("docs.html", document=made, operations=_operations(made))


def check_parameters() -> None:
    """Raises CallerError for a parameter that the endpoint asked for does not take."""
    known = taken(request.endpoint)
    if known is None:
        return
    for name in request.args:
        if name not in known:
            close = get_close_matches(name, known, 1) or [", ".join(known)]
            raise CallerError("request.unknown", parameter=name, known=close[0])
    if request.args.get("lang", LANGUAGES[0]) not in LANGUAGES:
        value = repr(request.args["lang"][:80])
        expected = " | ".join(LANGUAGES)
        raise CallerError("request.invalid", parameter="lang", value=value, expected=expected)


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"method": method.upper(), "path": path, **operation}
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
