"""Words beyond jieba's own dictionary: the user's, and jieba's in the form that text folds to.

Takes a UTF-8 file with a word a line, optionally followed by a frequency and a part of speech
(jieba's format), ``#`` opening a comment; gives its entries. Called by the analyzer.

``folded_words.txt`` holds the words of jieba's dictionary that folding changes into something that
is not in it (乾隆, 名著): text is folded before it is cut, so they could not be met otherwise.
``scripts/fold-dictionary`` writes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from searchsvc.errors import SettingsError
from searchsvc.text import fold_text

_LINE = re.compile(r"(?P<word>\S+)(?:\s+(?P<frequency>[0-9]{1,9}))?(?:\s+(?P<tag>[A-Za-z]{1,8}))?")


@dataclass(frozen=True, slots=True)
class Entry:
    """A folded word; ``frequency`` None means high enough to be kept whole."""

    word: str
    frequency: int | None = None
    tag: str | None = None


def read_dictionary(path: Path) -> list[Entry]:
    """The entries in file order. Raises SettingsError with the line that cannot be read."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("dictionary.unreadable", path=path, reason=error) from error
    return list(_entries(lines, path))


@cache
def folded_words() -> tuple[Entry, ...]:
    """The words of ``folded_words.txt``, of two characters and more."""
    path = files(__package__).joinpath("folded_words.txt")
    return tuple(_entries(path.read_text(encoding="utf-8").splitlines(), path))


def _entries(lines: list[str], path: object) -> Iterator[Entry]:
    for number, line in enumerate(lines, 1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        match = _LINE.fullmatch(content)
        if match is None:
            raise SettingsError("dictionary.line", path=path, line=number, content=content)
        frequency = match["frequency"]
        word = fold_text(match["word"])
        yield Entry(word, int(frequency) if frequency else None, match["tag"])
