"""The time of every step of an answer, in its ``Server-Timing`` header (W3C), in milliseconds.

``total`` is all that the application did, the steps and what lies between them. Browsers show it beside the request; ``scripts/bench-http`` adds it up.
"""

from __future__ import annotations

import time
from typing import Any

from flask import Flask, Response, before_render_template, g, template_rendered
from flask.json.provider import DefaultJSONProvider

from searchsvc.steps import Stopwatch, listen, step


class TimedJSON(DefaultJSONProvider):
    """Flask's JSON, its writing counted as a step."""

    ensure_ascii = False
    sort_keys = False

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """The text of an object."""
        with step("serialise"):
            return super().dumps(obj, **kwargs)

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value of a text. Raises ValueError, also where it is nested too deeply to be read."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError(str(error)) from error


def stopwatch() -> Stopwatch:
    """The times of the request so far."""
    found: Stopwatch = g.stopwatch
    return found


def register(app: Flask) -> None:
    """Listens to the steps of every request. To be called before other parts that answer requests."""

    def begin() -> None:
        g.stopwatch = listen()
        g.began = time.perf_counter()

    def told(response: Response) -> Response:
        times = {**stopwatch().seconds, "total": time.perf_counter() - g.began}
        response.headers["Server-Timing"] = ", ".join(
            f"{name};dur={seconds * 1_000:.3f}" for name, seconds in times.items()
        )
        return response

    app.json = TimedJSON(app)
    app.before_request(begin)
    app.after_request(told)
    before_render_template.connect(_enter_template, app)
    template_rendered.connect(_leave_template, app)


def _enter_template(_: Flask, **__: Any) -> None:
    if "stopwatch" in g:
        stopwatch().enter("template")


def _leave_template(_: Flask, **__: Any) -> None:
    if "stopwatch" in g:
        stopwatch().leave()
