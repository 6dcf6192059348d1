"""How Chinese is pronounced: Han characters to toneless pinyin syllables.

Takes folded (simplified) text, gives a syllable for every character; ü is ``v`` as on keyboards.
Called when suggestions are built; a search reads what the build wrote. The only importer of pypinyin,
whose tables are read directly, because its own ``lazy_pinyin`` takes 0.2 ms a word.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

_LONGEST_PHRASE: Final = 6
_DIAERESIS: Final = "\u0308"


@cache
def readings(char: str) -> tuple[str, ...]:
    """The toneless syllables of a character, the commonest first; none for what is not Han."""
    toned = _tables()[0].get(ord(char), "")
    return tuple(dict.fromkeys(map(_toneless, toned.split(",")))) if toned else ()


def syllables(text: str) -> tuple[str, ...] | None:
    """The syllable of each character, phrases taken into account (银行 is yin hang).

    None where a character has none.
    """
    options = [readings(char) for char in text]
    if not all(options):
        return None
    spoken = [syllable for syllable, *_ in options]
    ambiguous = [place for place, others in enumerate(options) if len(others) > 1]
    settled = 0
    for place in ambiguous:
        for start in range(max(settled, place - _LONGEST_PHRASE + 1), place + 1):
            if (phrase := _phrase(text, start, place)) is not None:
                spoken[start : start + len(phrase)] = phrase
                settled = start + len(phrase)
                break
    return tuple(spoken)


def _phrase(text: str, start: int, place: int) -> list[str] | None:
    """The syllables of the longest known phrase from ``start`` on that covers ``place``."""
    phrases = _tables()[1]
    for end in range(min(len(text), start + _LONGEST_PHRASE), max(place, start + 1), -1):
        known = phrases.get(text[start:end])
        if known is not None and len(known) == end - start:
            return [_toneless(options[0]) for options in known]
    return None


@cache
def _tables() -> tuple[dict[int, str], dict[str, list[list[str]]]]:
    """Toned readings of characters, joined by commas, and of phrases."""
    # Here, not at the top: it takes 0.8 s, and of all commands only those that index need it.
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT  # noqa: PLC0415

    return PINYIN_DICT, PHRASES_DICT


@cache
def _toneless(toned: str) -> str:
    marked = unicodedata.normalize("NFD", toned.replace("ɡ", "g"))
    plain = marked.replace(f"u{_DIAERESIS}", "v")
    return "".join(char for char in plain if char.isascii() and char.isalpha())
