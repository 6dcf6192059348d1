"""``queries``: what readers looked for, where that is counted."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from searchsvc.cli.edge import common_options, say, settings_from
from searchsvc.query_statistics import QueryStatistics


@click.command()
@click.option(
    "--days", type=click.IntRange(1, 400), default=30, show_default=True, metavar="N",
    help="How many days to look back.",
)  # fmt: skip
@click.option(
    "--limit", type=click.IntRange(1), default=50, show_default=True, metavar="N",
    help="Most queries shown.",
)  # fmt: skip
@click.option("--without-hits", is_flag=True, help="Only those that found nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common_options
def queries(days: int, limit: int, without_hits: bool, as_json: bool, **given: Any) -> None:
    """List what readers looked for most, where the setting query_statistics is on."""
    settings = settings_from(given)
    found = QueryStatistics(settings.index_dir).asked(days, without_hits=without_hits)[:limit]
    if as_json:
        click.echo(json.dumps([asdict(asked) for asked in found], ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo(say("queries.on" if settings.query_statistics else "queries.off"), err=True)
        return
    table = Table(say("queries.times"), say("queries.hits"), say("queries.query"), box=None)
    for asked in found:
        table.add_row(f"{asked.times:,}", f"{asked.hits:,}", asked.query)
    Console(highlight=False, markup=False).print(table)
