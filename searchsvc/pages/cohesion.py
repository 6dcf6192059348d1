"""Lexical cohesion: whether the text on both sides of a gap talks of the same thing.

After Morris and Hirst (1991) and Hearst's TextTiling (1997), with character bigrams for words: of
the vocabulary that the text after a gap shares with any other part of the page, how much stood
before the gap already? A new topic brings words that come again later, but did not stand before.

Every bigram that comes more than once is a chain of occurrences. Whether a gap is spanned by a link
of a chain depends on the link's two ends only, so one pass of sums gives the answer for all gaps of
a page at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

MEMORY_CHARS = 800
"""How far back the text before a gap speaks for its topic."""

_FUNCTION_CHARACTERS = "的了在是和与及等为对将中上下有也不以于从到把被由其这那个各该并或一年月日"
_FUNCTION = np.array(sorted(map(ord, _FUNCTION_CHARACTERS)))
_RUNS = re.compile(f"(?:(?![{_FUNCTION_CHARACTERS}])[\u4e00-\u9fffA-Za-z0-9])+")
_COMMONNESS = 300.0
PRIOR_SHARE = 0.35
"""About the mean share between lines of one article, on the labelled development pages."""
PRIOR_WEIGHT = 10.0
"""As much as two bigrams that come twice."""

Shares = NDArray[np.float64]


@dataclass(frozen=True)
class Chains:
    """The occurrences of the bigrams of a text that come more than once, in order.

    ``places`` are offsets in characters; ``before`` and ``behind`` the occurrences of the same
    bigram next to each, -1 and ``length`` where there is none. ``weights`` are higher for rarer ones.
    """

    length: int
    places: NDArray[np.int64]
    before: NDArray[np.int64]
    behind: NDArray[np.int64]
    weights: NDArray[np.float64]

    def share_after(self, gaps: NDArray[np.int64], window: int) -> Shares:
        """Of the recurring vocabulary of ``window`` characters after each gap, the weighted share
        that stood in the MEMORY_CHARS before it; PRIOR_SHARE where nothing recurs.
        """
        begin = np.maximum(self.before, self.places - window)
        asked = self._covered(begin, self.places)
        reach = np.minimum(self.places, self.before + MEMORY_CHARS)
        held = self._covered(begin, np.where(self.before >= 0, reach, begin))
        return _ratio(held[gaps], asked[gaps])

    def share_before(self, gaps: NDArray[np.int64], window: int) -> Shares:
        """The same the other way: of the MEMORY_CHARS before each gap, the share that comes again
        within ``window`` characters after it.
        """
        end = np.minimum(self.behind, self.places + MEMORY_CHARS)
        asked = self._covered(self.places, end)
        begin = np.maximum(self.places, self.behind - window)
        held = self._covered(begin, np.where(self.behind < self.length, end, begin))
        return _ratio(held[gaps], asked[gaps])

    def _covered(self, begin: NDArray[np.int64], end: NDArray[np.int64]) -> Shares:
        """For every offset the sum of the weights of the spans ``(begin, end]`` that hold it."""
        holds = end > begin
        weights = self.weights[holds]
        size = self.length + 2
        rising = np.bincount(begin[holds] + 1, weights, size)
        falling = np.bincount(np.minimum(end[holds] + 1, size - 1), weights, size)
        return np.cumsum(rising - falling)


def chains(text: str) -> Chains:
    """The chains of a text; none in a text of fewer than two characters."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    content = _is_content(codes)
    places = np.flatnonzero(content[:-1] & content[1:])
    if not len(places):
        return Chains(len(codes), places, places, places, np.zeros(0))
    bigrams = codes[places] << 21 | codes[places + 1]
    order = np.argsort(bigrams, kind="stable")
    bigrams, places = bigrams[order], places[order]
    same = np.concatenate([[False], bigrams[1:] == bigrams[:-1]])
    goes_on = np.concatenate([same[1:], [False]])
    groups = np.cumsum(~same) - 1
    counts = np.bincount(groups)[groups]
    before = np.where(same, np.concatenate([[-1], places[:-1]]), -1)
    behind = np.where(goes_on, np.concatenate([places[1:], [-1]]), len(codes))
    recurs = counts > 1
    weights = np.log1p(_COMMONNESS / counts)
    return Chains(len(codes), places[recurs], before[recurs], behind[recurs], weights[recurs])


def content_pairs(text: str) -> frozenset[str]:
    """The bigrams of a text that hold no function character and no mark."""
    return frozenset(a + b for run in _RUNS.findall(text) for a, b in pairwise(run))


def depths(values: Shares) -> Shares:
    """How far each value lies below the highest that can be reached from it without a descent, on
    both sides (Hearst's depth score); 0 at a peak.
    """
    return _climb(values) + _climb(values[::-1])[::-1] - 2 * values


def _climb(values: Shares) -> Shares:
    """The height of the peak to the left of each value."""
    peaks = values.copy()
    for place in range(1, len(values)):
        if values[place - 1] >= values[place]:
            peaks[place] = peaks[place - 1]
    return peaks


def _ratio(held: Shares, asked: Shares) -> Shares:
    """The share, drawn to PRIOR_SHARE where there is little to judge by."""
    return (held + PRIOR_SHARE * PRIOR_WEIGHT) / (np.maximum(asked, 0.0) + PRIOR_WEIGHT)


def _is_content(codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Chinese characters, Latin letters and digits, function characters left out."""
    chinese = (codes >= 0x4E00) & (codes <= 0x9FFF)
    lower = codes | 0x20
    latin = (lower >= ord("a")) & (lower <= ord("z")) | (codes >= ord("0")) & (codes <= ord("9"))
    return (chinese | latin) & ~_is_function(codes)


def _is_function(codes: NDArray[np.int64]) -> NDArray[np.bool_]:
    places = np.searchsorted(_FUNCTION, codes)
    found: NDArray[np.bool_] = _FUNCTION[np.minimum(places, len(_FUNCTION) - 1)] == codes
    return found
