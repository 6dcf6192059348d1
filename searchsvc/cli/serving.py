"""``serve``: the web page and the JSON endpoint."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import click

from searchsvc.cli.edge import common_options, dictionary_option, say, settings_from
from searchsvc.web.server import serve_forever


@click.command()
@click.option("--host", metavar="ADDRESS", help="Address to bind.  [default: 127.0.0.1]")
@click.option("--port", type=int, metavar="PORT", help="Port; 0 picks one.  [default: 8000]")
@click.option("--workers", type=int, metavar="N", help="Server processes.  [default: 2]")
@dictionary_option
@common_options
def serve(**given: Any) -> None:
    """Serve the search page and the JSON endpoint until interrupted."""
    settings = settings_from(given)
    if not _is_loopback(settings.host):
        click.echo(say("serve.exposed", host=settings.host), err=True)
    serve_forever(
        lambda: settings_from(given),
        lambda address: click.echo(say("serve.ready", address=address)),
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
