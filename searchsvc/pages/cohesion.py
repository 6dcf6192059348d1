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

from searchsvc.pages.characters import FUNCTION_CHARACTERS
from searchsvc.pages.kernels import covered, recurring

MEMORY_CHARS = 800
"""How far back the text before a gap speaks for its topic."""

_RUNS = re.compile(f"(?:(?![{FUNCTION_CHARACTERS}])[\u4e00-\u9fffA-Za-z0-9])+")
_COMMONNESS = 300.0
PRIOR_SHARE = 0.35
"""About the mean share between lines of one article, on the labelled development pages."""
PRIOR_WEIGHT = 10.0
"""As much as two bigrams that come twice."""

Shares = NDArray[np.float64]


@dataclass(frozen=True)
class Chains:
    """The occurrences of the bigrams of a text that come more than once.

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
        that stood in the MEMORY_CHARS before it; PRIOR_SHARE where nothing recurs. ``gaps`` ascend.
        """
        begin = np.maximum(self.before, self.places - window)
        reach = np.minimum(self.places, self.before + MEMORY_CHARS)
        reach[self.before < 0] = -1
        return self._ratio(gaps, begin, self.places, begin, reach)

    def share_before(self, gaps: NDArray[np.int64], window: int) -> Shares:
        """The same the other way: of the MEMORY_CHARS before each gap, the share that comes again
        within ``window`` characters after it.
        """
        end = np.minimum(self.behind, self.places + MEMORY_CHARS)
        begin = np.maximum(self.places, self.behind - window)
        begin[self.behind == self.length] = self.length
        return self._ratio(gaps, self.places, end, begin, end)

    def _ratio(
        self,
        gaps: NDArray[np.int64],
        begin: NDArray[np.int64],
        asked_end: NDArray[np.int64],
        held_begin: NDArray[np.int64],
        held_end: NDArray[np.int64],
    ) -> Shares:
        """The share, drawn to PRIOR_SHARE where there is little to judge by; rounded, so that
        nothing to judge by gives just that.
        """
        held, asked = covered(
            gaps, self.length, begin, asked_end, held_begin, held_end, self.weights
        )
        ratio = (held + PRIOR_SHARE * PRIOR_WEIGHT) / (np.maximum(asked, 0.0) + PRIOR_WEIGHT)
        return np.round(ratio, 9)


def chains(codes: NDArray[np.uint32], content: NDArray[np.bool_]) -> Chains:
    """The chains of a text of so many code points, by those of them that are ``content``; none in
    a text of fewer than two.
    """
    places, before, behind, counts = recurring(codes, content)
    return Chains(len(codes), places, before, behind, np.log1p(_COMMONNESS / counts))


def content_pairs(text: str) -> frozenset[str]:
    """The bigrams of a text that hold no function character and no mark."""
    return frozenset(a + b for run in _RUNS.findall(text) for a, b in pairwise(run))


def depths(values: Shares) -> Shares:
    """How far each value lies below the highest that can be reached from it without a descent, on
    both sides (Hearst's depth score); 0 at a peak.
    """
    told = values.tolist()
    peaks: Shares = np.array(_climb(told)) + np.array(_climb(told[::-1])[::-1])
    return peaks - 2 * values


def _climb(values: list[float]) -> list[float]:
    """The height of the peak to the left of each value."""
    peaks = values.copy()
    for place in range(1, len(values)):
        if values[place - 1] >= values[place]:
            peaks[place] = peaks[place - 1]
    return peaks
