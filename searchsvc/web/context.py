"""What a request needs: the service, the settings, the reader's language and its messages."""

from __future__ import annotations

from flask import current_app, g, request

from searchsvc import messages
from searchsvc.service import SearchService
from searchsvc.settings import Settings


def service() -> SearchService:
    """The application's search service."""
    found: SearchService = current_app.extensions["searchsvc.service"]
    return found


def settings() -> Settings:
    """The application's settings."""
    found: Settings = current_app.extensions["searchsvc.settings"]
    return found


def language() -> str:
    """``?lang=`` where it names a language, else what the browser prefers, else Chinese."""
    if "language" not in g:
        asked = request.args.get("lang", "")
        offered = ["zh", "en", "zh-CN", "zh-Hans", "zh-TW", "zh-Hant", "zh-HK", "en-US", "en-GB"]
        preferred = (
            asked if asked in messages.LANGUAGES else request.accept_languages.best_match(offered)
        )
        g.language = (preferred or "zh")[:2]
    chosen: str = g.language
    return chosen


def say(key: str, **params: object) -> str:
    """A message of the pages in the reader's language."""
    return messages.text(f"web.{key}", language(), **params)


def parameters() -> list[tuple[str, str]]:
    """The search parameters of the request, in order, the language left out."""
    return [(n, v) for n, v in request.args.items(multi=True) if n != "lang"]
