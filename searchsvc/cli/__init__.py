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
from searchsvc.cli.edge import EXIT_USAGE, run
from searchsvc.cli.loading import LoadedCommands

__all__ = ["commands", "main"]

_MODULES = {
    "indexing": ("reindex", "update", "add", "copy", "delete", "rollback"),
    "keeping": ("verify", "backup", "restore"),
    "reading": ("search", "show", "suggest", "stats", "analyze"),
    "relating": ("similar", "explain"),
    "words": ("words",),
    "segmenting": ("segment",),
    "correcting": ("correct",),
    "keys": ("keys",),
    "asking": ("queries",),
    "serving": ("serve",),
}
"""The commands of each module."""


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
    commands=LoadedCommands(_MODULES),
)
@click.version_option(__version__, prog_name="searchsvc")
@click.pass_context
def commands(context: click.Context) -> None:
    """Full-text search for Chinese newspaper archives: pages in, articles out."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(EXIT_USAGE)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line (the process's own arguments by default) and ends the process."""
    run(commands, sys.argv[1:] if arguments is None else arguments)
