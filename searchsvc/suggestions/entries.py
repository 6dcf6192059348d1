"""What can be suggested: entries with their kinds, and the key by which they are looked up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from searchsvc.analysis import compact
from searchsvc.text import fold_text, fold_texts


class Kind(IntEnum):
    """What an entry is. The numbers stand in files."""

    WORD = 0
    PHRASE = 1
    PERSON = 2
    NEWSPAPER = 3
    TITLE = 4


VOCABULARY = (Kind.WORD, Kind.PHRASE, Kind.PERSON, Kind.NEWSPAPER)
"""The kinds that queries are corrected to."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A text as it stands in the archive, and in how many articles (or titles) it does."""

    text: str
    kind: Kind
    count: int

    @property
    def key(self) -> str:
        """The form in which entries are compared."""
        return entry_key(self.text)


def entry_key(text: str) -> str:
    """The text folded, without spaces and line ends."""
    return compact(fold_text(text)).replace("\n", "")


def entry_keys(texts: Sequence[str]) -> list[str]:
    """``entry_key`` of many texts."""
    return [compact(folded).replace("\n", "") for folded in fold_texts(texts)]


def is_han(text: str) -> bool:
    """Whether a text is of Han characters alone (and not empty)."""
    return _HAN.fullmatch(text) is not None


_HAN = re.compile("[\u3007\u3400-\u9fff\U00020000-\U0003ffff]+")
