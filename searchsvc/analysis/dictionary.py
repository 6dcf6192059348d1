"""The user dictionary: words that the archive's keeper wants kept whole.

Takes a UTF-8 file with a word a line, optionally followed by a frequency and a part of speech
(jieba's format), ``#`` opening a comment; gives its entries. Called by the analyzer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
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
    entries = []
    for number, line in enumerate(lines, 1):
        content = line.partition("#")[0].strip()
        if not content:
            continue
        match = _LINE.fullmatch(content)
        if match is None:
            raise SettingsError("dictionary.line", path=path, line=number, content=content)
        frequency = match["frequency"]
        word = fold_text(match["word"])
        entries.append(Entry(word, int(frequency) if frequency else None, match["tag"]))
    return entries
