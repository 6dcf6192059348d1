"""``keys``: the API keys of an index, created, listed and revoked."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from searchsvc.cli.edge import common_options, say, settings_from
from searchsvc.keys import SCOPES, Keys

_COLUMNS = ("id", "scope", "created_at", "name")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def keys() -> None:
    """Create, list and revoke the keys of the HTTP API; without a write key its write side is off."""


@keys.command()
@click.option(
    "--scope", type=click.Choice(SCOPES), default="read", show_default=True,
    help="What the key may do; write includes read, admin everything.",
)  # fmt: skip
@click.option("--name", required=True, metavar="TEXT", help="Who or what the key is for.")
@_json
@common_options
def create(scope: str, name: str, as_json: bool, **given: Any) -> None:
    """Make a key and print it, once: of its secret only a hash is kept."""
    key, token = Keys(settings_from(given).index_dir).create(name, scope)
    if as_json:
        _print_json({"id": key.id, "scope": key.scope, "name": key.name, "key": token})
        return
    click.echo(say("key.created", id=key.id, scope=key.scope), err=True)
    click.echo(token)


@keys.command("list")
@_json
@common_options
def list_keys(as_json: bool, **given: Any) -> None:
    """List the keys, without their secrets."""
    found = Keys(settings_from(given).index_dir).all()
    rows = [{name: getattr(key, name) for name in _COLUMNS} for key in found]
    if as_json:
        _print_json(rows)
    elif not rows:
        click.echo(say("key.none"), err=True)
    else:
        table = Table(*_COLUMNS, box=None)
        for row in rows:
            table.add_row(*row.values())
        Console(highlight=False, markup=False).print(table)


@keys.command()
@click.argument("key_id", metavar="ID")
@common_options
def revoke(key_id: str, **given: Any) -> None:
    """Revoke a key; running servers refuse it from the next request on."""
    key = Keys(settings_from(given).index_dir).revoke(key_id)
    click.echo(say("key.revoked", id=key.id, name=key.name))


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
