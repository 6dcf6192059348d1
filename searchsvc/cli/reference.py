"""Reference tables of the documentation, made from the code: commands, settings, query fields.

``python -m searchsvc.cli.reference FILE...`` writes them into Markdown files, between
``<!-- generated:NAME -->`` and ``<!-- end -->``; a test holds the files against the code.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

import click

from searchsvc.cli import commands
from searchsvc.schema import DATE, DATE_NAMES, KEYWORD_FIELDS, TEXT_FIELDS
from searchsvc.settings import Settings

_COMMON = ("index_dir", "lang", "debug", "help")
_BLOCK = re.compile(r"(<!-- generated:(\w+) -->\n).*?(<!-- end -->)", re.S)


def commands_markdown() -> str:
    """The table of commands, with the options that not every command has."""
    rows = []
    for name, command in _leaves(commands):
        arguments = [p.human_readable_name for p in command.params if isinstance(p, click.Argument)]
        options = [p for p in command.params if isinstance(p, click.Option)]
        shown = " ".join(f"`{option.opts[0]}`" for option in options if option.name not in _COMMON)
        usage = " ".join(("searchsvc", name, *arguments))
        rows.append((f"`{usage}`", command.get_short_help_str(200), shown))
    return _table(("command", "what it does", "options"), rows)


def _leaves(group: click.Group) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with the words that call it, sorted."""
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", leaf) for inner, leaf in _leaves(command))
        else:
            yield name, command


def settings_markdown() -> str:
    """The table of settings."""
    rows = (
        (
            f"`{setting.name}`",
            f"`SEARCHSVC_{setting.name.upper()}`",
            f"`{_shown(setting.default)}`" if setting.default not in (None, (), "") else "",
            setting.metadata["doc"],
        )
        for setting in fields(Settings)
    )
    return _table(("setting", "environment variable", "default", "what it is"), rows)


def _shown(default: object) -> str:
    """A default as it may be written in the environment."""
    if isinstance(default, bool):
        return str(default).lower()
    return ",".join(default) if isinstance(default, tuple) else str(default)


def fields_markdown() -> str:
    """The table of the fields that a query may name."""
    rows = [(_names(field.names), "words, phrases") for field in TEXT_FIELDS]
    rows += [
        (_names(field.names), "a value, or a part of it" if field.partial else "a whole value")
        for field in KEYWORD_FIELDS
    ]
    rows.append((_names(DATE_NAMES), f"2018, 2018-07, 2018-07-31, {DATE}:[2018-07 TO 2018-08]"))
    return _table(("field", "takes"), rows)


TABLES = {
    "commands": commands_markdown,
    "settings": settings_markdown,
    "fields": fields_markdown,
}


def with_tables(text: str) -> str:
    """A Markdown text with its generated blocks made anew. Raises KeyError for an unknown one."""
    return _BLOCK.sub(lambda m: f"{m[1]}{TABLES[m[2]]()}{m[3]}", text)


def _names(names: Iterable[str]) -> str:
    return " ".join(f"`{name}:`" for name in names)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(with_tables(path.read_text(encoding="utf-8")), encoding="utf-8")
