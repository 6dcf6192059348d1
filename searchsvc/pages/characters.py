"""Classes of characters over a whole page: one look at a table instead of one at every line for
every cue. Made once a page by ``view``.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

QUOTES: Final = (("“", "”"), ("「", "」"), ("『", "』"))
PAIRS: Final = (*QUOTES, ("（", "）"), ("(", ")"), ("《", "》"), ("【", "】"))
FUNCTION_CHARACTERS: Final = (
    "的了在是和与及等为对将中上下有也不以于从到把被由其这那个各该并或一年月日"
)
_DIGITS = "0123456789０１２３４５６７８９"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_IDEOGRAPHS = "".join(map(chr, range(0x4E00, 0xA000)))
_CONTENT = sorted({*_IDEOGRAPHS, *_LETTERS, *_DIGITS[:10]} - {*FUNCTION_CHARACTERS})

CUES: Final = json.loads(files(__package__).joinpath("cues.json").read_text(encoding="utf-8"))
"""Words and patterns that cues look for."""

CLASSES: Final = {
    "content": "".join(_CONTENT),  # what topics are told by
    "final": "。！？!?…",  # ends a sentence
    "closing": "”’」』）)】",  # may stand after that
    "stop": "。；！",
    "period": "。",
    "comma": "，",
    "listing": "，、",
    "mark": "，。；：、！？",
    "digit": _DIGITS,
    "bracket": "".join(map("".join, PAIRS)),
    "opening_bracket": "（(",
    "closing_bracket": "）)",
    "opening_quote": "“「『",
    "dash": "—－-",
    "leading": "—：:",
    "counted": "0123456789年月日万亿个名人元岁.%多余",  # goes on with a number
    "inside": "的了和与及，、。；：）”」》等们着%",  # no sentence begins with it
    "wire": "讯訊电電",  # in every dateline
    "page": "版",
    "word": _IDEOGRAPHS + _LETTERS,
    "notice": CUES["notice_characters"],
    "imprint": CUES["imprint_characters"],
    "space": "".join(filter(str.isspace, map(chr, range(0x3001)))),
}
"""The classes that ``Characters`` tells apart, by name."""

BIT: Final = {name: np.uint32(1 << n) for n, name in enumerate(CLASSES)}
_BEYOND = 0xFFFF  # no character; stands for every character outside the basic plane; of no class
_BITS = np.zeros(_BEYOND + 1, np.uint32)
for _name, _members in CLASSES.items():
    _BITS[list(map(ord, _members))] |= BIT[_name]
_PAIR_OF = np.zeros(_BEYOND + 1, np.int64)
_SIGN_OF = np.zeros(_BEYOND + 1)
for _n, _pair in enumerate(PAIRS):
    for _sign, _member in zip((1.0, -1.0), _pair, strict=True):
        _PAIR_OF[ord(_member)], _SIGN_OF[ord(_member)] = _n, _sign


class Characters:
    """The characters of lines, none of them empty, one after the other.

    ``codes`` are code points ``(chars,)``, ``bits`` the classes of each as sums of ``BIT``;
    ``starts`` has the place of each line's first character; ``first``, ``last``, ``holds`` are the
    classes of each line's first and last character and of all its characters ``(lines,)``.
    """

    def __init__(self, texts: tuple[str, ...], lengths: NDArray[np.int64]) -> None:
        data = "".join(texts).encode("utf-32-le", "surrogatepass")
        self.codes: NDArray[np.uint32] = np.frombuffer(data, np.uint32)
        self.starts: NDArray[np.int64] = np.cumsum(lengths) - lengths
        self.bits: NDArray[np.uint32] = _BITS.take(self.codes, mode="clip")
        self.first: NDArray[np.uint32] = self.bits[self.starts]
        self.last: NDArray[np.uint32] = self.bits[self.starts + lengths - 1]
        self.holds: NDArray[np.uint32] = np.bitwise_or.reduceat(self.bits, self.starts)

    def first_words(self) -> NDArray[np.uint32]:
        """The first ideograph or letter of each line, 0 where there is none: ``(lines,)``."""
        places = np.append(np.flatnonzero(self.bits & BIT["word"]), len(self.codes))
        found = places[np.searchsorted(places, self.starts)]
        inside = found < np.append(self.starts[1:], len(self.codes))
        return np.where(inside, self.codes[np.where(inside, found, 0)], 0)

    def open_pairs(self) -> NDArray[np.float64]:
        """How many of each of PAIRS a line opens and does not close, negative where it closes more:
        ``(lines, pairs)``.
        """
        places = np.flatnonzero(self.bits & BIT["bracket"])
        codes = self.codes[places]
        line = np.searchsorted(self.starts, places, "right") - 1
        sums = np.zeros((len(self.starts), len(PAIRS)))
        np.add.at(sums, (line, _PAIR_OF[codes]), _SIGN_OF[codes])
        return sums
