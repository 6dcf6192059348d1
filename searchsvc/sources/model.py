"""What the readers share: a source file, its content as a stream, and a reject."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Final, TypeAlias

from searchsvc.articles import Article
from searchsvc.errors import SearchsvcError, SourceError
from searchsvc.pages import PageLines
from searchsvc.settings import Settings

CORRECTIONS_SUFFIX: Final = ".corrections.json"
"""Ends the name of a file that corrects another's segmentation; it is no source itself."""

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


@dataclass(frozen=True, slots=True)
class Content:
    """What one reader reads: a file on disk, what a packed file holds, or a member of an archive.

    ``stream`` is read forward once; reading raises SourceError where the source is damaged,
    unreadable, or over a limit. ``mets_files`` gives the METS files of its folder and of the one
    above, which describe the issue.
    """

    name: str
    stream: BufferedReader
    settings: Settings
    mets_files: Callable[[], Iterable[bytes]] = tuple

    def whole(self) -> bytes:
        """All bytes. Raises SourceError over the limit of a page, or where there are none."""
        limit = self.settings.max_page_bytes
        content = self.stream.read(limit + 1)
        if len(content) > limit:
            raise SourceError("source.too_large", limit=limit)
        if not content:
            raise SourceError("source.empty")
        return content


@dataclass(frozen=True, slots=True)
class NamedPage:
    """A page to segment; ``name`` is its file's, and for one of several in a file ``file/3``."""

    name: str
    lines: PageLines


Item: TypeAlias = Article | NamedPage | Reject
Items: TypeAlias = Iterator[Article | Reject]
Reader: TypeAlias = Callable[[Content], Iterator[Item]]
"""Streams what a content holds; SourceError where nothing more of it can be read."""
