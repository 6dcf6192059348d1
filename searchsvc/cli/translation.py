"""The command line in Chinese. English texts stand in the code, where they are their own keys.

``translate`` takes the command tree, before it runs, and exchanges help texts for those of
``help.zh.json``, and what click says itself (headings, wrong values) for ``click.zh.json``. Called by the
edge of the command line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from inspect import cleandoc
from typing import Final

import click.core
import click.exceptions
import click.formatting
import click.parser
import click.types

CLICK_SPEAKS: Final = (click.core, click.exceptions, click.formatting, click.parser, click.types)
"""The modules in which click (8.4) has texts of its own, each by the names ``_`` and ``ngettext``."""


def chinese_texts(name: str) -> dict[str, str]:
    """The Chinese texts of ``help`` or ``click`` by the English ones."""
    source = files(__package__).joinpath(f"{name}.zh.json")
    texts: dict[str, str] = json.loads(source.read_text(encoding="utf-8"))
    return texts


def translate(commands: click.Group, arguments: Sequence[str]) -> None:
    """Exchanges the texts that these arguments may show for the Chinese ones, for the whole process.

    Help texts are those of the command that comes first, of all where none does.
    """
    _translate_click()
    called = next(iter(arguments), "")
    names = (called,) if called in commands.commands else tuple(commands.commands)
    texts = chinese_texts("help")
    for part in _parts(commands, names):
        if part.help:
            part.help = texts[cleandoc(part.help)]


def _translate_click() -> None:
    """Puts our texts where click has gettext's, which would ask for a compiled catalogue and a locale."""
    texts = chinese_texts("click")

    def one(text: str) -> str:
        return texts.get(text, text)

    def one_or_more(singular: str, plural: str, n: int) -> str:
        return one(singular if n == 1 else plural)

    for module in CLICK_SPEAKS:
        vars(module).update(_=one, ngettext=one_or_more)


def help_texts(commands: click.Group) -> set[str]:
    """Every help text of the commands and their options."""
    return {cleandoc(part.help) for part in _parts(commands, commands.commands) if part.help}


def _parts(commands: click.Group, names: Iterable[str]) -> Iterator[click.Command | click.Option]:
    """The group, and its commands of these names, with their options."""
    context = click.Context(commands, help_option_names=["-h", "--help"])
    for command in (commands, *(commands.commands[name] for name in names)):
        if isinstance(command, click.Group) and command is not commands:
            yield from _parts(command, command.commands)
            continue
        yield command
        parameters = command.get_params(click.Context(command, parent=context))
        yield from (p for p in parameters if isinstance(p, click.Option))
