"""The command line: ``searchsvc COMMAND``.

Each command is one function in a module by what it does; ``edge`` turns errors into messages and
exit codes.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from searchsvc import __version__
from searchsvc.cli.asking import queries
from searchsvc.cli.correcting import correct
from searchsvc.cli.edge import EXIT_USAGE, run
from searchsvc.cli.indexing import add, copy, delete, reindex, rollback, update
from searchsvc.cli.keeping import backup, restore, verify
from searchsvc.cli.keys import keys
from searchsvc.cli.reading import analyze, search, show, stats, suggest
from searchsvc.cli.relating import explain, similar
from searchsvc.cli.segmenting import segment
from searchsvc.cli.serving import serve
from searchsvc.cli.words import words

__all__ = ["commands", "main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.version_option(__version__, prog_name="searchsvc")
@click.pass_context
def commands(context: click.Context) -> None:
    """Full-text search for Chinese newspaper archives: pages in, articles out."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(EXIT_USAGE)


for command in (
    reindex,
    update,
    add,
    copy,
    delete,
    rollback,
    verify,
    backup,
    restore,
    search,
    show,
    suggest,
    similar,
    explain,
    stats,
    analyze,
    words,
    segment,
    correct,
    keys,
    queries,
    serve,
):
    commands.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line (the process's own arguments by default) and ends the process."""
    run(commands, sys.argv[1:] if arguments is None else arguments)
