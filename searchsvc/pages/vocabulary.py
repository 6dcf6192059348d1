"""What the texts on both sides of every line have in common: shares of their vocabulary.

Words are bigrams of content characters; those of ``common_pairs.txt``, which newspapers print
everywhere, count less. Headings and bylines are skipped, so that what stands before a gap is the
running text of the article above and not the words of the heading below.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from searchsvc.pages.characters import BIT
from searchsvc.pages.kernels import heading_shares, pair_ids, pulls, window_cosines
from searchsvc.pages.view import Flags, Places, Values, View

COMMON_WEIGHT = 0.3
REACH_CHARS = 2_000
"""How far below its article's beginning a displaced heading is looked for."""
PULL_LINES = 6
"""How many lines before are held against the one that a heading may pull."""

_COMMON = np.array(
    sorted(
        ord(pair[0]) << 16 | ord(pair[1])
        for pair in files(__package__).joinpath("common_pairs.txt").read_text("utf-8").split()
    ),
    np.int64,
)


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The bigrams of a page.

    ``ids`` has for every character of its lines the number of the bigram that begins there, -1 where
    none does; ``starts`` where each line begins, and the end. ``weights`` has one entry a bigram.
    ``told`` are the bigrams of running text, and ``gaps`` how many of them stand before each line.
    """

    ids: Places
    starts: Places
    weights: Values
    told: Places
    gaps: Places
    running: Flags

    def cosines(self, back: int, ahead: int) -> Values:
        """The cosine of the vocabularies of the ``back`` bigrams of running text before each line and
        of the ``ahead`` from it on; -1 where one of them is empty.
        """
        found: Values = window_cosines(self.told, self.weights, self.gaps, back, ahead)
        return found

    def of_headings(self, heads: Places, window: int) -> Values:
        """The share of the vocabulary of headings that stands in so many bigrams of running text
        before them, and after them: ``(2, heads)``.
        """
        found: Values = heading_shares(
            self.ids, self.starts, heads, self.told, self.weights, self.gaps, window
        )
        return found

    def pulls(self, heads: Places) -> Values:
        """How much more of the vocabulary of a heading further down each line of running text has
        than those before it; of several headings the most.
        """
        found: Values = pulls(
            self.ids, self.starts, self.running, heads, self.weights, REACH_CHARS, PULL_LINES
        )
        return found


def vocabulary(view: View) -> Vocabulary:
    """The bigrams of the lines of a page."""
    characters = view.characters
    content = (characters.bits & BIT["content"]).astype(np.bool_)
    ids, keys = pair_ids(characters.codes, content)
    weights = np.where(_is_common(keys), COMMON_WEIGHT, 1.0)
    told = np.repeat(view.running, view.lengths) & (ids >= 0)
    starts = np.append(characters.starts, len(ids))
    before = np.concatenate([[0], np.cumsum(told)])
    return Vocabulary(ids, starts, weights, ids[told], before[characters.starts], view.running)


def _is_common(keys: NDArray[np.int64]) -> Flags:
    places = np.minimum(np.searchsorted(_COMMON, keys), len(_COMMON) - 1)
    return np.equal(_COMMON[places], keys)
