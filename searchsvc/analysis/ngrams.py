"""Character bigrams: what finds and ranks text that no dictionary knows.

Takes folded text, gives tokens. Spaces inside a line do not count (old pages space their characters
out at will), line ends do: no bigram that ranks crosses a paragraph or a punctuation mark.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis.token import Token

_LINE_END = ord("\n")


def compact(folded: str) -> str:
    """The folded text without spaces; the form in which phrases are compared."""
    return folded.replace(" ", "")


def bigrams(folded: str) -> list[Token]:
    """Overlapping pairs of letters, digits and Han characters, ordered by ``start_char``.

    A pair may stand across a space, never across punctuation or a line end.
    """
    standing = [(i, c) for i, c in enumerate(folded) if c != " "]
    pairs = [
        (start, end, first + second)
        for (start, first), (end, second) in pairwise(standing)
        if first.isalnum() and second.isalnum()
    ]
    return [Token(term, n, start, end + 1) for n, (start, end, term) in enumerate(pairs)]


def bigram_terms(folded: str) -> list[str]:
    """The terms of ``bigrams``, without their offsets."""
    return [a + b for a, b in pairwise(compact(folded)) if a.isalnum() and b.isalnum()]


def count_bigrams(folded: str) -> int:
    """How many ``bigram_terms`` a text has."""
    letters = np.frombuffer(compact(folded).translate(_LETTERS).encode("ascii"), np.uint8)
    return int(np.count_nonzero(letters[1:] & letters[:-1] & 1))


def character_pairs(folded: str) -> tuple[str, NDArray[np.uint32]]:
    """The compact text with a line end after every line, and where its pairs of characters stand.

    The pair at position ``p`` is ``text[p : p + 2]``; there is one for every character but the line
    ends. So every text of a line is covered by pairs at known places, a single character too.
    """
    text = compact(folded) + "\n"
    code_points = np.frombuffer(text.encode("utf-32-le"), "<u4")
    return text, np.flatnonzero(code_points != _LINE_END).astype(np.uint32)


class _Letters(dict[int, str]):
    """``1`` for letters, digits and Han characters, ``0`` for all else, for ``str.translate``."""

    def __missing__(self, code_point: int) -> str:
        kind = self[code_point] = "1" if chr(code_point).isalnum() else "0"
        return kind


_LETTERS = _Letters()
