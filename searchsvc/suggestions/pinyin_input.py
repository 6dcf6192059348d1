"""Pinyin as people type it: shortened to initials here and there, or with a slip."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from searchsvc.suggestions.pronunciation_keys import confusable

MAX_ABBREVIATIONS: Final = 6
_INITIALS = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw")
_SYLLABLE = re.compile("[A-Z][a-z]*")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def abbreviations(letters: str, syllables: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """Ways to read letters as syllables of which some are shortened to their initial.

    ``lcheng`` is l cheng; those without an initial alone, or of initials alone, are left out.
    """
    prefixes = {syllable[:n] for syllable in syllables for n in range(1, len(syllable) + 1)}
    readings = (
        pieces
        for pieces in _readings(letters, syllables, prefixes)
        if len(pieces) > 1
        and 1 < len(letters) != len(pieces)
        and any(p in _INITIALS for p in pieces)
    )
    return islice(readings, MAX_ABBREVIATIONS)


def stands_for(pieces: tuple[str, ...], sound: str) -> bool:
    """Whether each piece begins a syllable of LiaoCheng, in order."""
    spoken = _SYLLABLE.findall(sound)
    return len(spoken) >= len(pieces) and all(
        syllable.lower().startswith(piece) for piece, syllable in zip(pieces, spoken, strict=False)
    )


def respellings(letters: str) -> list[str]:
    """The confusable pinyin of everything one letter away, each once."""
    splits = [(letters[:n], letters[n:]) for n in range(len(letters) + 1)]
    edits = [
        *(head + tail[1:] for head, tail in splits if tail),
        *(head + tail[1] + tail[0] + tail[2:] for head, tail in splits if len(tail) > 1),
        *(head + char + tail[1:] for head, tail in splits if tail for char in _ALPHABET),
        *(head + char + tail for head, tail in splits for char in _ALPHABET),
    ]
    return list(dict.fromkeys(map(confusable, edits)))


def _readings(
    letters: str, syllables: frozenset[str], prefixes: set[str]
) -> Iterator[tuple[str, ...]]:
    """Longer pieces first; the last piece may be any beginning of a syllable."""
    if letters in prefixes:
        yield (letters,)
    for size in range(min(6, len(letters) - 1), 0, -1):
        piece = letters[:size]
        if piece in syllables or piece in _INITIALS:
            for rest in _readings(letters[size:], syllables, prefixes):
                yield (piece, *rest)
