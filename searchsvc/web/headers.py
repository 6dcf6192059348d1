"""The headers that tell a browser what an answer of ours may do: next to nothing.

Scripts, styles and images come from this server alone and never stand in a page; no other site may
frame a page, read an answer, or keep a window on it.
"""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, request

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self';"
        " form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def register(app: Flask) -> None:
    """Gives every answer its headers."""
    app.after_request(secured)


def secured(response: Response) -> Response:
    """The answer to the current request with these headers, where it has none of its own."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.vary.add("Accept-Language")
    return response
