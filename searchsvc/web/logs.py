"""The log: lines for people, or one JSON object a line for programs; each names its request.

What a stranger sent never breaks a line: control characters are written as escapes.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

from gunicorn.glogging import Logger
from pythonjsonlogger.json import JsonFormatter

from searchsvc.settings import Settings

_requests = logging.getLogger("searchsvc.requests")
_TEXT = "%(asctime)s %(levelname)s [%(request_id)s] %(message)s"
_JSON = "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"


def configure(settings: Settings, request_id: Callable[[], str]) -> None:
    """Writes the log to standard error in the form that the settings ask for.

    ``request_id`` gives the id of the request that a line is written for.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(settings))

    def named(record: logging.LogRecord) -> bool:
        record.request_id = request_id()
        return True

    handler.addFilter(named)
    for name in ("searchsvc", "gunicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
    logging.getLogger("searchsvc").setLevel(logging.INFO)


class KeptLogger(Logger):  # type: ignore[misc]
    """gunicorn's logger, which leaves the handlers as ``configure`` made them."""

    def setup(self, cfg: Any) -> None:
        """Sets the level alone."""
        self.error_log.setLevel(self.LOG_LEVELS.get(cfg.loglevel.lower(), logging.INFO))


def request_line(*, slow: bool, **fields: Any) -> None:
    """One line for a request, a warning where it was slow; the fields are JSON's own."""
    text = "{method} {path}?{query} {status} {ms} ms".format(**fields)
    if fields["steps_ms"]:
        text += " (" + ", ".join(f"{name} {ms}" for name, ms in fields["steps_ms"].items()) + ")"
    event = "slow" if slow else "request"
    extra = {"event": event, **fields}
    _requests.log(logging.WARNING if slow else logging.INFO, "%s %s", event, text, extra=extra)


class _Plain(logging.Formatter):
    """Lines for people."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own
        """The line before any traceback, with control characters as escapes."""
        return "".join(
            c if c.isprintable() else ascii(c)[1:-1] for c in super().formatMessage(record)
        )


def _formatter(settings: Settings) -> logging.Formatter:
    if settings.log_format == "json":
        return JsonFormatter(_JSON, json_ensure_ascii=False)
    return _Plain(_TEXT)
