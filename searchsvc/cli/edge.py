"""The edge of the command line: options that every command has, errors to messages, exit codes.

===  ==========================================================================
0    done; also when a search finds nothing
1    it could not be done: the installation, a source, or a missing article
2    the command or the query is wrong
70   a mistake of this program; ``--debug`` shows where
130  interrupted
===  ==========================================================================
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn, TextIO

import click
from click.exceptions import NoArgsIsHelpError
from rich.cells import cell_len

from searchsvc import messages
from searchsvc.cli.translation import translate
from searchsvc.errors import CallerError, QueryError, SearchsvcError
from searchsvc.settings import Settings, load_settings

EXIT_FAILED, EXIT_USAGE, EXIT_BUG, EXIT_INTERRUPTED = 1, 2, 70, 130
POINTER_CHARS = 40
_SETTING_FLAGS = ("index_dir", "user_dictionary", "host", "port", "workers")


def default_language() -> str:
    """The message language that the environment asks for."""
    names = ("SEARCHSVC_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    return messages.closest_language(next((v for n in names if (v := os.environ.get(n))), None))


def language() -> str:
    """The language of this run: ``--lang`` where given, else the environment's."""
    context = click.get_current_context(silent=True)
    return (context.params.get("lang") if context else None) or default_language()


def say(key: str, **params: object) -> str:
    """A message of the command line in the language of this run."""
    return messages.text(f"cli.{key}", language(), **params)


def common_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--index``, ``--lang`` and ``--debug``."""
    for option in (
        click.option("--debug", is_flag=True, help="Show the traceback of an unexpected error."),
        click.option("--lang", type=click.Choice(messages.LANGUAGES), help="Language of messages."),
        click.option(
            "--index", "index_dir", type=click.Path(path_type=Path), metavar="DIR",
            help="Folder of the index.  [default: index]",
        ),
    ):  # fmt: skip
        function = option(function)
    return function


dictionary_option = click.option(
    "--user-dictionary", type=click.Path(path_type=Path), metavar="FILE",
    help="Words that are kept whole, one a line; the same to index and to search.",
)  # fmt: skip


def settings_from(given: Mapping[str, Any]) -> Settings:
    """The settings in force for a command that was given these parameters."""
    return load_settings({name: given[name] for name in _SETTING_FLAGS if name in given})


def run(commands: click.Group, arguments: Sequence[str]) -> NoReturn:
    """Runs a command line and ends the process; errors become messages on standard error."""
    _make_printable(sys.stdout)
    _make_printable(sys.stderr)
    if _language(arguments) == "zh":
        translate(commands, arguments)
    try:
        result = commands.main(list(arguments), prog_name="searchsvc", standalone_mode=False)
    except click.ClickException as error:
        _show_usage(arguments, error)
    except (click.Abort, KeyboardInterrupt):
        click.echo(_say(arguments, "interrupted"), err=True)
        sys.exit(EXIT_INTERRUPTED)
    except SystemExit as error:  # click and rich make a failure of a pipe that was closed
        if not isinstance(error.__context__, BrokenPipeError):
            raise
        _close_quietly()
    except SearchsvcError as error:
        _fail(arguments, error)
    except Exception as error:  # the edge: whatever is left is a mistake of ours
        _report_bug(arguments, error)
    sys.exit(result if isinstance(result, int) else 0)


def _make_printable(stream: TextIO) -> None:
    """Escapes what a stream's encoding lacks, as in file names that are not UTF-8."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def _show_usage(arguments: Sequence[str], error: click.ClickException) -> NoReturn:
    """What is wrong with the command, under its usage line; where it lacks all, its help."""
    if isinstance(error, NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        sys.exit(EXIT_USAGE)
    if isinstance(error, click.UsageError) and error.ctx is not None:
        click.echo(error.ctx.get_usage(), err=True)
        hint = _say(arguments, "usage.help", command=error.ctx.command_path)
        click.echo(hint, err=True)
    click.echo(_say(arguments, "error", message=error.format_message()), err=True)
    sys.exit(EXIT_USAGE)


def _language(arguments: Sequence[str]) -> str:
    """The language for errors, which may come before the options are parsed."""
    for argument, following in pairwise([*arguments, ""]):
        value = following if argument == "--lang" else argument.removeprefix("--lang=")
        if (argument == "--lang" or argument.startswith("--lang=")) and value in messages.LANGUAGES:
            return value
    return default_language()


def _say(arguments: Sequence[str], key: str, **params: object) -> str:
    return messages.text(f"cli.{key}", _language(arguments), **params)


def _fail(arguments: Sequence[str], error: SearchsvcError) -> NoReturn:
    click.echo(_say(arguments, "error", message=error.message(_language(arguments))), err=True)
    if isinstance(error, QueryError):
        click.echo(_pointer(error), err=True, nl=False)
    wrong_call = isinstance(error, CallerError) and error.status == CallerError.status
    sys.exit(EXIT_USAGE if wrong_call else EXIT_FAILED)


def _pointer(error: QueryError) -> str:
    """The query around the position, with a mark under it."""
    first = max(0, error.position - POINTER_CHARS)
    last = min(len(error.query), error.position + POINTER_CHARS)
    shown = "".join(c if c.isprintable() else "·" for c in error.query[first:last])
    if not shown:
        return ""
    before, after = "…" if first else "", "…" if last < len(error.query) else ""
    indent = " " * cell_len(before + shown[: error.position - first])
    return f"  {before}{shown}{after}\n  {indent}^\n"


def _report_bug(arguments: Sequence[str], error: Exception) -> NoReturn:
    if "--debug" in arguments:
        traceback.print_exception(error)
    click.echo(_say(arguments, "bug", error=f"{type(error).__name__}: {error}"), err=True)
    sys.exit(EXIT_BUG)


def _close_quietly() -> NoReturn:
    """Ends as a program does whose reader (``| head``) has gone away."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)
