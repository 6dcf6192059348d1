"""Character bigrams: what finds and ranks text that no dictionary knows.

Takes folded text, gives tokens. Spaces inside a line do not count (old pages space their characters
out at will), line ends do: no bigram that ranks crosses a paragraph or a punctuation mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis.token import Token

Numbers = NDArray[np.uint32]

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


class PairColumns(NamedTuple):
    """The pairs of characters of many texts, one text after the other, as arrays of uint32.

    A text is its compact lines with a line end after each; ``text_sizes`` says how many of
    ``characters`` (code points) it has. There is a pair for every character but the line ends, so
    that every text of a line is covered by pairs at known places, a single character too:
    ``sizes`` says how many, ``positions`` where each begins in its text. ``lengths`` says how many
    of them are ``bigrams``.
    """

    text_sizes: Numbers
    characters: Numbers
    sizes: Numbers
    positions: Numbers
    lengths: Numbers


def pair_columns(folded: Sequence[str]) -> PairColumns:
    """The pairs of texts; a pair at ``p`` is the characters at ``p`` and ``p + 1``."""
    texts = [compact(text) + "\n" for text in folded]
    text_sizes = np.fromiter(map(len, texts), np.uint32, len(texts))
    characters = np.frombuffer("".join(texts).encode("utf-32-le"), "<u4")
    starts = np.cumsum(text_sizes, dtype=np.int64) - text_sizes
    paired = characters != _LINE_END
    ranking = _are_letters(characters)
    ranking[:-1] &= ranking[1:]
    sizes, lengths = (
        np.add.reduceat(found, starts, dtype=np.uint32) if len(texts) else text_sizes
        for found in (paired, ranking)
    )
    positions = np.flatnonzero(paired).astype(np.uint32)
    positions -= np.repeat(starts.astype(np.uint32), sizes)
    return PairColumns(text_sizes, characters, sizes, positions, lengths)


class PairCounts(NamedTuple):
    """The ``bigrams`` of many texts, counted: ``sizes`` says how many distinct ones each has.

    A pair is the code points of both characters, the first one above the lowest 32 bits; those of a
    text ascend.
    """

    sizes: Numbers
    pairs: NDArray[np.uint64]
    frequencies: Numbers


def count_bigrams(folded: Sequence[str]) -> PairCounts:
    """How often each of ``bigram_terms`` stands in each of many texts."""
    texts = [compact(text) + "\n" for text in folded]
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    characters = np.frombuffer("".join(texts).encode("utf-32-le"), "<u4")
    letters = _are_letters(characters)
    first = np.flatnonzero(letters[:-1] & letters[1:])
    owner = np.repeat(np.arange(len(texts), dtype=np.uint64), sizes)[first]
    key = owner << np.uint64(42)
    key |= characters[first].astype(np.uint64) << np.uint64(21)
    key |= characters[first + 1]
    key.sort()
    new = np.ones(len(key), np.bool_)
    new[1:] = key[1:] != key[:-1]
    starts = np.flatnonzero(new)
    pair = key[starts]
    owners = (pair >> np.uint64(42)).astype(np.int64)
    low = np.uint64((1 << 21) - 1)
    return PairCounts(
        np.bincount(owners, minlength=len(texts)).astype(np.uint32),
        (pair >> np.uint64(21) & low) << np.uint64(32) | pair & low,
        np.diff(starts, append=len(key)).astype(np.uint32),
    )


_LETTERS = np.zeros(0x110000, np.bool_)
"""Which code points are letters, digits or Han characters; known where ``_KNOWN`` is true."""

_KNOWN = np.zeros(0x110000, np.bool_)


def _are_letters(characters: Numbers) -> NDArray[np.bool_]:
    """Which of the characters are letters, digits or Han characters."""
    unknown = characters[~_KNOWN[characters]]
    for code_point in np.unique(unknown).tolist():
        _LETTERS[code_point] = chr(code_point).isalnum()
        _KNOWN[code_point] = True
    letters: NDArray[np.bool_] = _LETTERS[characters]
    return letters
