"""What a request needs: the service, the settings, the reader's language and its messages."""

from __future__ import annotations

from flask import current_app, g, request
from werkzeug.wrappers import Request

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
    """The language of the request that is being answered."""
    if "language" not in g:
        g.language = language_of(request)
    chosen: str = g.language
    return chosen


def language_of(asking: Request) -> str:
    """``?lang=`` where it names a language, else what the browser prefers, else Chinese."""
    asked = asking.args.get("lang", "")
    if asked in messages.LANGUAGES:
        return asked
    offered = ["zh", "en", "zh-CN", "zh-Hans", "zh-TW", "zh-Hant", "zh-HK", "en-US", "en-GB"]
    return (asking.accept_languages.best_match(offered) or "zh")[:2]


def say(key: str, **params: object) -> str:
    """A message of the pages in the reader's language."""
    return messages.text(f"web.{key}", language(), **params)


def parameters() -> list[tuple[str, str]]:
    """The search parameters of the request, in order, the language left out."""
    return [(n, v) for n, v in request.args.items(multi=True) if n != "lang"]
