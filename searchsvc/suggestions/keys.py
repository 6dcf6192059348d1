"""The keys by which a misspelt text meets the right one: 32-bit hashes in sorted arrays.

A text's deletion keys are its own hash and those of the text without one character (Garbe's symmetric
deletion: two texts one edit apart share a key). Its sound key is the hash of its pinyin as dialects
confuse it. Hashes may collide; what they find is always compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from zlib import crc32

MAX_DELETION_CHARS: Final = 10
"""Longer Han texts are corrected word by word."""
MAX_LATIN_CHARS: Final = 20
PLACE_CHARS: Final = 16
"""By so many characters the places in titles are ordered."""


def text_hash(text: str) -> int:
    """The hash of a text."""
    return crc32(text.encode("utf-8", "surrogatepass"))


def deletions(text: str) -> Iterator[str]:
    """The text without one character, for each different result."""
    previous = ""
    for position, char in enumerate(text):
        if char != previous:
            yield text[:position] + text[position + 1 :]
        previous = char
