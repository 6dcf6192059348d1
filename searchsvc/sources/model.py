"""What the readers share: a source file, and a reject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from searchsvc.errors import SearchsvcError

Consumed: TypeAlias = Callable[[int], None]
"""Told how many more bytes of a file on disk were read; in all its ``size_bytes``."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read. ``name`` is its path below the folder that was given, with ``/``."""

    path: Path
    name: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Reject:
    """A file or a record of it that gave no article, and why; ``line`` counts from 1."""

    path: str
    line: int | None
    error: SearchsvcError

    def message(self, language: str = "en") -> str:
        """``file:line: reason`` in ``en`` or ``zh``."""
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.error.message(language)}"
