"""The operator's lists: synonyms and stop words, and the spellings that come with searchsvc.

Plain UTF-8 files; ``#`` opens a comment, blank lines count for nothing. Synonyms::

    电脑, 计算机, 微机      # each of them also finds the others
    洋芋 => 土豆, 马铃薯    # 洋芋 also finds these, and they do not find 洋芋

Stop words stand one a line. A line that cannot be read is a SettingsError with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from searchsvc.analysis import compact
from searchsvc.errors import SettingsError
from searchsvc.text import fold_text

MAX_WORD_CHARS = 30
_ARROW = re.compile("=>|→|⇒")
_COMMA = re.compile("[,，、]")

Synonyms = dict[str, tuple[str, ...]]
"""For each folded text what it stands for beside itself, as written."""


def read_synonyms(path: Path) -> Synonyms:
    """The synonyms of a file. Raises SettingsError."""
    return _synonyms(_lines(path, "synonyms.unreadable"), path)


def read_stop_words(path: Path) -> frozenset[str]:
    """The folded stop words of a file. Raises SettingsError."""
    words = set()
    for number, content in _lines(path, "stop_words.unreadable"):
        word = _folded(content)
        if not word or len(content.split()) > 1 or not word.isalnum():
            raise SettingsError("stop_words.line", path=path, line=number, content=content)
        words.add(word)
    return frozenset(words)


@cache
def spellings() -> Synonyms:
    """Words that traditional script writes with another character, not another form of the same.

    家具 is 傢俱 there, which folds to 家俱.
    """
    path = files(__package__).joinpath("spellings.txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    return _synonyms(_contents(lines), path)


def _synonyms(lines: Iterator[tuple[int, str]], path: object) -> Synonyms:
    found: dict[str, dict[str, None]] = {}
    for number, content in lines:
        sides = [_words(side) for side in _ARROW.split(content)]
        words = [word for side in sides for word in side]
        keys = list(map(_folded, words))
        fits = len(sides) <= 2 and all(sides) and len(words) > 1
        if not fits or not all(map(_is_word, keys)) or len(set(keys)) < len(keys):
            raise SettingsError("synonyms.line", path=path, line=number, content=content)
        for word in sides[0]:
            others = sides[1] if len(sides) == 2 else [o for o in sides[0] if o != word]
            found.setdefault(_folded(word), {}).update(dict.fromkeys(others))
    return {word: tuple(others) for word, others in found.items()}


def _words(side: str) -> list[str]:
    return [word.strip() for word in _COMMA.split(side)]


def _folded(text: str) -> str:
    return compact(fold_text(text)).replace("\n", "")


def _is_word(folded: str) -> bool:
    return 0 < len(folded) <= MAX_WORD_CHARS and any(char.isalnum() for char in folded)


def _lines(path: Path, code: str) -> Iterator[tuple[int, str]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(code, path=path, reason=error) from error
    return _contents(lines)


def _contents(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The lines that say something, without their comments, numbered from 1."""
    for number, line in enumerate(lines, 1):
        if content := line.partition("#")[0].strip():
            yield number, content
