"""Folding: brings text that a reader takes for the same to one form, and remembers where from.

Takes any string; gives the folded string and a map of its offsets back to the original. Index and
query both go through here. Called by analysis, query and highlight.

A folded character depends on nothing but its own cluster (a base character and the combining marks
after it), so that a piece of a text folds to a piece of the folded text: this is what makes an
exact phrase findable wherever it stands. In order, each cluster is

1. composed by Unicode NFKC (full-width forms, ligatures, compatibility ideographs);
2. case-folded;
3. brought from traditional to simplified, character by character (OpenCC t2s; 乾 and 干 are then
   one, which costs a little precision and never loses a hit);
4. brought from a variant character to the standard one (``variants.txt``: 峯 and 峰, 著 and 着,
   〇 and 零);
5. freed of the typographic choice of quotation marks, dashes, middle dots and tildes;
6. dropped if it is a control or format character (zero-width space, soft hyphen, BOM); a line end
   stays one ``\\n``, every other white space becomes one space.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate

import numpy as np
import opencc

_TWINS = {
    twin: single
    for single, twins in {
        '"': "“”„‟«»「」『』〝〞〟＂",
        "'": "‘’‚‛`´",
        "-": "‐‑‒–—―─━−",
        "·": "・•‧∙⋅",
        "~": "〜∼",
    }.items()
    for twin in twins
}


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text and, for each folded character, its half-open range in the original.

    ``starts`` and ``ends`` are None where every character folded to exactly one.
    """

    text: str
    starts: array[int] | None = None
    ends: array[int] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The original's half-open range for the non-empty folded range ``start:end``."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def _read_variants() -> dict[str, str]:
    text = files(__package__).joinpath("variants.txt").read_text(encoding="utf-8")
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return {variant: standard for standard, variants in lines for variant in variants}


VARIANTS = _read_variants()
"""The standard character of each variant; a standard character is no variant itself."""


@cache
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _fold_cluster(cluster: str) -> str:
    if cluster == "\r\n":
        return "\n"
    folded = []
    for char in unicodedata.normalize("NFKC", cluster):
        for cased in char.casefold():
            simplified = _to_simplified().convert(cased) if cased > "\u2e7f" else cased
            standard = VARIANTS.get(cased) or VARIANTS.get(simplified, simplified)
            single = _TWINS.get(standard, standard)
            if single in "\n\r\u2028\u2029\x0b\x0c\x85":
                folded.append("\n")
            elif single.isspace():
                folded.append(" ")
            elif unicodedata.category(single) not in ("Cc", "Cf"):
                folded.append(single)
    return "".join(folded)


class _Table(dict[int, str]):
    """Folded form by code point, filled as code points are met, for ``str.translate``."""

    def __init__(self) -> None:
        super().__init__()
        self.uneven: set[str] = set()
        """Characters that fold to none or to several."""

    def __missing__(self, code_point: int) -> str:
        char = chr(code_point)
        folded = self[code_point] = _fold_cluster(char)
        if len(folded) != 1 or unicodedata.combining(char) or char == "\r":
            self.uneven.add(char)
        return folded


_TABLE = _Table()


def fold_text(text: str) -> str:
    """The folded text without its offset map."""
    translated = text.translate(_TABLE)
    if _TABLE.uneven.isdisjoint(text):
        return translated
    return "".join(_TABLE[ord(c)] if len(c) == 1 else _fold_cluster(c) for c in _clusters(text))


def fold_texts(texts: Sequence[str]) -> list[str]:
    """``fold_text`` of many texts, several times faster."""
    even = zip(texts, _fold_even(texts), strict=True)
    return [fold_text(text) if folded is None else folded for text, folded in even]


def fold_all(texts: Sequence[str]) -> list[Folded]:
    """``fold`` of many texts, several times faster."""
    even = zip(texts, _fold_even(texts), strict=True)
    return [fold(text) if folded is None else Folded(folded) for text, folded in even]


def _fold_even(texts: Sequence[str]) -> list[str | None]:
    """The folded texts; None for those with characters that do not fold to one each."""
    joined = "".join(texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4")
    codes_folded = _FOLDED.take(codes)
    if not codes_folded.all():
        for code in np.unique(codes[codes_folded == 0]).tolist():
            alone = fold_text(chr(code))
            even = chr(code) not in _TABLE.uneven and len(alone) == 1
            _FOLDED[code] = ord(alone) if even else _UNEVEN
        codes_folded = _FOLDED.take(codes)
    folded = codes_folded.tobytes().decode("utf-32-le", "surrogatepass")
    ends = list(accumulate(map(len, texts)))
    found: list[str | None] = [folded[a:b] for a, b in zip([0, *ends], ends, strict=False)]
    odd = codes_folded == _UNEVEN
    if odd.any():
        for number in np.unique(np.searchsorted(ends, np.flatnonzero(odd), "right")).tolist():
            found[number] = None
    return found


_UNEVEN = 0x10FFFF
"""A noncharacter; stands for characters that do not fold to one each, itself among them."""

_FOLDED = np.zeros(0x110000, np.uint32)
"""What code points fold to, 0 where it is not known yet."""


def fold(text: str) -> Folded:
    """The folded text with its offset map; the empty string gives an empty one."""
    translated = text.translate(_TABLE)
    if _TABLE.uneven.isdisjoint(text):
        return Folded(translated)
    pieces: list[str] = []
    starts, ends = array("l"), array("l")
    position = 0
    for cluster in _clusters(text):
        folded = _TABLE[ord(cluster)] if len(cluster) == 1 else _fold_cluster(cluster)
        end = position + len(cluster)
        pieces.append(folded)
        starts.extend([position] * len(folded))
        ends.extend([end] * len(folded))
        position = end
    return Folded("".join(pieces), starts, ends)


def _clusters(text: str) -> Iterator[str]:
    """The text cut before every character that is no combining mark; ``\\r\\n`` is one."""
    start = 0
    for position, char in enumerate(text):
        if position == start or unicodedata.combining(char):
            continue
        if char == "\n" and text[position - 1] == "\r":
            continue
        yield text[start:position]
        start = position
    if text:
        yield text[start:]
