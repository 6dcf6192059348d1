"""Help texts in Chinese. The English ones stand in the code, where they are their own keys.

``translate`` takes the command tree, before it runs, and exchanges help texts for those of
``help.zh.json``. Called by the edge of the command line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from inspect import cleandoc

import click


def chinese_texts() -> dict[str, str]:
    """The Chinese help texts by the English ones."""
    source = files(__package__).joinpath("help.zh.json")
    texts: dict[str, str] = json.loads(source.read_text(encoding="utf-8"))
    return texts


def translate(commands: click.Group, arguments: Sequence[str]) -> None:
    """Exchanges the help texts that these arguments may show for the Chinese ones.

    They are those of the command that comes first, of all where none does.
    """
    called = next(iter(arguments), "")
    names = (called,) if called in commands.commands else tuple(commands.commands)
    texts = chinese_texts()
    for part in _parts(commands, names):
        if part.help:
            part.help = texts[cleandoc(part.help)]


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
