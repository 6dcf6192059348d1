"""Terms of many texts, counted over arrays.

Called by the analyzer when articles are indexed: a text comes as the pieces that segmentation cuts it
into, and a piece stands for some terms.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST_PIECES: Final = 300_000
"""Distinct pieces whose terms are remembered."""

Integers = NDArray[np.int64]


class TermCounts(NamedTuple):
    """The terms of many texts: ``sizes`` says how many distinct ones each text has.

    Each is a number of ``terms``, in ``numbers``, and how often it stands there, in
    ``frequencies``.
    """

    sizes: NDArray[np.uint32]
    terms: list[str]
    numbers: NDArray[np.uint32]
    frequencies: NDArray[np.uint32]


class TermCounter:
    """Counts the terms of texts' pieces; remembers what it has met."""

    def __init__(self, terms_of: Callable[[str], Iterable[str]]) -> None:
        """``terms_of`` gives the terms that a piece stands for."""
        self._terms_of = terms_of
        self._forget()

    def _forget(self) -> None:
        self._pieces: defaultdict[str, int] = _numbering()
        self._terms: defaultdict[str, int] = _numbering()
        self._names: list[str] = []
        self._widths = array("q")
        self._starts = array("q", [0])
        self._numbers = array("q")

    def pieces(self, texts: Sequence[Sequence[str]]) -> Pieces:
        """Texts, given as their pieces, to be counted."""
        if len(self._pieces) > MOST_PIECES:
            self._forget()
        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        # Numbered among themselves first: that is a small table, which stays in the cache.
        here = _numbering()
        every = map(here.__getitem__, chain.from_iterable(texts))
        places = np.fromiter(every, np.int64, int(sizes.sum()))
        numbers = np.fromiter(map(self._pieces.__getitem__, here), np.int64, len(here))
        if len(self._widths) < len(self._pieces):
            self._learn()
        return Pieces(
            sizes,
            numbers[places],
            np.array(self._widths),
            np.array(self._starts),
            np.array(self._numbers),
            self._names,
        )

    def _learn(self) -> None:
        """Asks for the terms of the pieces that are new."""
        for piece in islice(self._pieces, len(self._widths), None):
            self._widths.append(len(piece))
            self._numbers.extend(map(self._terms.__getitem__, self._terms_of(piece)))
            self._starts.append(len(self._numbers))
        self._names += islice(self._terms, len(self._names), None)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Texts as numbers of pieces, ``sizes`` of them each.

    ``widths`` says how many characters a piece has; its terms are numbers of ``names``, those of
    ``terms`` from its place in ``starts`` to the next.
    """

    sizes: Integers
    numbers: Integers
    widths: Integers
    starts: Integers
    terms: Integers
    names: list[str]

    def within(self, chars: int) -> Pieces:
        """The pieces that end within the first characters of their text."""
        ends = np.cumsum(self.widths[self.numbers])
        before = np.concatenate([[0], ends])[np.cumsum(self.sizes) - self.sizes]
        kept = ends - np.repeat(before, self.sizes) <= chars
        owners = np.repeat(np.arange(len(self.sizes)), self.sizes)[kept]
        sizes = np.bincount(owners, minlength=len(self.sizes))
        return Pieces(sizes, self.numbers[kept], self.widths, self.starts, self.terms, self.names)

    def counts(self) -> TermCounts:
        """How often each term stands in each text."""
        first = self.starts[self.numbers]
        counts = self.starts[self.numbers + 1] - first
        ends = np.cumsum(counts)
        within = np.arange(int(counts.sum())) - np.repeat(ends - counts - first, counts)
        key = np.repeat(np.repeat(np.arange(len(self.sizes)) << 32, self.sizes), counts)
        key |= self.terms[within]
        posting, frequencies = np.unique(key, return_counts=True)
        term = posting & 0xFFFF_FFFF
        held = np.zeros(len(self.names), np.bool_)
        held[term] = True
        chosen = np.flatnonzero(held)
        rank = np.cumsum(held, dtype=np.uint32) - np.uint32(1)
        return TermCounts(
            np.bincount(posting >> 32, minlength=len(self.sizes)).astype(np.uint32),
            list(map(self.names.__getitem__, chosen.tolist())),
            rank[term],
            frequencies.astype(np.uint32),
        )


def _numbering() -> defaultdict[str, int]:
    """Gives each name that it is asked for the next number."""
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    return numbers
