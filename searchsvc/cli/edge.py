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

import os
import sys
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from searchsvc import messages
from searchsvc.errors import CallerError, NotFoundError, QueryError, SearchsvcError
from searchsvc.settings import Settings, load_settings

EXIT_FAILED, EXIT_USAGE, EXIT_BUG, EXIT_INTERRUPTED = 1, 2, 70, 130


def default_language() -> str:
    """The message language that the environment asks for."""
    names = ("SEARCHSVC_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    return messages.closest_language(next((v for n in names if (v := os.environ.get(n))), None))


def say(key: str, **params: object) -> str:
    """A message of the command line in the language of this run."""
    context = click.get_current_context(silent=True)
    language = (context.params.get("lang") if context else None) or default_language()
    return messages.text(f"cli.{key}", language, **params)


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


def settings_from(index_dir: Path | None, **flags: Any) -> Settings:
    """The settings in force for this run."""
    return load_settings({"index_dir": index_dir, **flags})


def run(commands: click.Group, arguments: Sequence[str]) -> NoReturn:
    """Runs a command line and ends the process; errors become messages on standard error."""
    try:
        result = commands.main(list(arguments), prog_name="searchsvc", standalone_mode=False)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo(_say(arguments, "interrupted"), err=True)
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        _close_quietly()
    except SearchsvcError as error:
        _fail(arguments, error)
    except Exception as error:  # the edge: whatever is left is a mistake of ours
        _report_bug(arguments, error)
    sys.exit(result if isinstance(result, int) else 0)


def _language(arguments: Sequence[str]) -> str:
    """The language for errors: ``--lang`` where given, else the environment's."""
    for argument, following in zip(arguments, [*arguments[1:], ""], strict=True):
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
    wrong_call = isinstance(error, CallerError) and not isinstance(error, NotFoundError)
    sys.exit(EXIT_USAGE if wrong_call else EXIT_FAILED)


def _pointer(error: QueryError) -> str:
    """The query with a mark under the position; Chinese characters are two columns wide."""
    if not error.query.isprintable() or not 0 < len(error.query) <= 200:
        return ""
    before = error.query[: error.position]
    width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in before)
    return f"  {error.query}\n  {' ' * width}^\n"


def _report_bug(arguments: Sequence[str], error: Exception) -> NoReturn:
    if "--debug" in arguments:
        raise error
    click.echo(_say(arguments, "bug", error=f"{type(error).__name__}: {error}"), err=True)
    sys.exit(EXIT_BUG)


def _close_quietly() -> NoReturn:
    """Ends as a program does whose reader (``| head``) has gone away."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(0)
