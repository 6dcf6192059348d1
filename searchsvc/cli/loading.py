"""Commands by name, each imported when it is asked for: ``search`` waits for no web server.

Called by the command line, which says what module each command is in. Whoever lists the commands,
as ``searchsvc --help`` does, imports them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

import click


class LoadedCommands(Mapping[str, click.Command]):
    """The commands of the modules beside this one."""

    def __init__(self, modules: Mapping[str, tuple[str, ...]]) -> None:
        """``modules`` gives the commands of each."""
        self._modules = {name: module for module, names in modules.items() for name in names}

    def __getitem__(self, name: str) -> click.Command:
        command: click.Command = getattr(
            import_module(f"{__package__}.{self._modules[name]}"), name
        )
        return command

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)
