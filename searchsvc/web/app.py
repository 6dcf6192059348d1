"""The application: settings and service, blueprints, headers, errors."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from flask_compress import Compress

from searchsvc.keys import Keys
from searchsvc.service import SearchService
from searchsvc.settings import Settings, load_settings
from searchsvc.web import (
    access,
    advanced,
    api,
    caching,
    citing,
    concordance,
    context,
    describing,
    exporting,
    headers,
    issues,
    limiting,
    links,
    metrics,
    observing,
    origins,
    pages,
    people,
    problems,
    syndication,
    timing,
    trends,
    values,
    writing,
)
from searchsvc.web.admission import Admission, Gate
from searchsvc.web.metrics import Metrics
from searchsvc.web.observing import Observed

COMPRESSED = [
    "text/html", "text/css", "text/javascript", "text/csv", "text/plain", "application/json",
    "application/problem+json", "application/x-ndjson", "application/atom+xml",
    "application/opensearchdescription+xml", "application/x-suggestions+json", "image/svg+xml",
]  # fmt: skip


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application; without settings, those of file and environment.

    The index is opened at the first request, so that an app can be made before there is one.
    """
    settings = settings or load_settings()
    app = Flask(__name__)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.config["COMPRESS_MIMETYPES"] = COMPRESSED
    app.extensions["searchsvc.settings"] = settings
    app.extensions["searchsvc.service"] = SearchService(settings)
    app.extensions["searchsvc.exports"] = Gate(settings.max_exports, 0)
    timing.register(app)
    for part in (
        advanced,
        api,
        citing,
        concordance,
        describing,
        exporting,
        issues,
        metrics,
        pages,
        people,
        syndication,
        trends,
        values,
        writing,
    ):
        app.register_blueprint(part.blueprint)
    problems.register(app)
    access.register(app, Keys(settings.index_dir))
    limiting.register(app, settings)
    writing.register(app, settings)
    app.before_request(describing.check_parameters)
    caching.register(app)
    origins.register(app, settings)
    Compress(app)
    app.context_processor(_template_names)
    headers.register(app)
    figures = Metrics()
    observing.register(app, settings, figures)
    app.wsgi_app = Observed(  # type: ignore[method-assign]
        Admission(app, settings), settings, figures
    )
    limiting.behind_proxies(app, settings.trusted_proxies)
    return app


def _template_names() -> dict[str, Any]:
    """What every template can use."""
    return {
        "say": context.say,
        "language": context.language(),
        "chosen_language": request.args.get("lang"),
        "other_language_url": links.other_language_url(),
        "search_url": links.search_url,
    }
