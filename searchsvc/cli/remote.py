"""Options of commands that can ask a server instead of the index here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click

from searchsvc.cli.edge import language
from searchsvc.client import Client


def remote_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--url`` and ``--key``."""
    for option in (
        click.option(
            "--key", envvar="SEARCHSVC_KEY", metavar="KEY",
            help="API key for --url; better in the environment variable SEARCHSVC_KEY.",
        ),
        click.option(
            "--url", envvar="SEARCHSVC_URL", metavar="URL",
            help="Ask the server there, e.g. http://127.0.0.1:8000, not the index here.",
        ),
    ):  # fmt: skip
        function = option(function)
    return function


def client_from(given: Mapping[str, Any]) -> Client | None:
    """The client that the options ask for; None where the index is here."""
    url = given["url"]
    return Client(url, key=given["key"], language=language()) if url else None
