"""Searches for other programs of the reader: an Atom feed of any query, the browser's search plug-in."""

from __future__ import annotations

import re
from dataclasses import replace

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from searchsvc.requests import parse_request
from searchsvc.web.access import NOTHING, needs
from searchsvc.web.context import parameters, service, settings
from searchsvc.web.links import search_url

blueprint = Blueprint("syndication", __name__)

FEED_ENTRIES = 50
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@blueprint.get("/feed")
def feed() -> Response:
    """The newest articles that a search finds, as Atom (RFC 4287)."""
    given = [pair for pair in parameters() if pair[1]]
    asked = replace(
        parse_request(given, settings()),
        sort="newest", page=1, per_page=FEED_ENTRIES, cursor=None, facets=(), highlight=False,
    )  # fmt: skip
    results = service().search(asked)
    text = render_template(
        "feed.xml",
        articles=[hit.article for hit in results.hits],
        query=asked.query,
        page_url=request.url_root.rstrip("/") + search_url(given),
        built_at=service().holdings()["built_at"],
    )
    return Response(_NOT_XML.sub("", text), content_type="application/atom+xml; charset=utf-8")


@blueprint.get("/opensearch.xml")
@needs(NOTHING)
def description() -> Response:
    """The OpenSearch description that lets a browser search the archive from its address bar."""
    page_url = url_for("pages.search", _external=True)
    completions_url = url_for("syndication.completions", _external=True)
    text = render_template("opensearch.xml", page_url=page_url, completions_url=completions_url)
    return Response(text, content_type="application/opensearchdescription+xml; charset=utf-8")


@blueprint.get("/completions")
def completions() -> Response:
    """What completes the text typed so far, in the form that browsers' address bars take."""
    typed = request.args.get("q", "")
    offered = service().suggest(typed, 8).to_json()["suggestions"]
    answer = jsonify([typed, [suggestion["query"] for suggestion in offered]])
    answer.mimetype = "application/x-suggestions+json"
    return answer
