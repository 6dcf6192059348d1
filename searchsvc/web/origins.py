"""Pages of other origins that may ask the API from a browser (CORS): none unless settings name them.

Keys are given in a header by the page's own program; no cookie and no password goes along, so that an
origin, even ``*``, can do no more than anyone who has the address.
"""

from __future__ import annotations

from flask import Flask, Response, request
from flask_cors import CORS

from searchsvc.settings import Settings

_ASKED = ["Accept-Language", "Authorization", "Content-Type", "If-None-Match"]
_TOLD = ["ETag", "Last-Modified", "Location", "Retry-After", "Server-Timing", "X-Total-Count"]
MAX_AGE_S = 24 * 3_600


def register(app: Flask, settings: Settings) -> None:
    """Answers requests of these origins, and what browsers ask before them (preflight)."""
    if not settings.cors_origins:
        return
    options = {
        "origins": list(settings.cors_origins),
        "methods": ["GET", "HEAD", "POST", "PUT", "DELETE"],
        "allow_headers": _ASKED,
        "expose_headers": _TOLD,
        "max_age": MAX_AGE_S,
    }
    CORS(app, resources={r"/api/*": options})
    app.after_request(_varied)


def _varied(response: Response) -> Response:
    """Keeps caches from giving one origin what was for another; Flask-Cors 6 forgets it for a single one."""
    if request.path.startswith("/api/"):
        response.vary.add("Origin")
    return response
