"""Lexical cohesion: whether two stretches of a page talk of the same thing.

After Morris and Hirst (1991) and Hearst's TextTiling (1997), with character bigrams for words: of
the vocabulary that a stretch shares with any other part of the page, how much does it share with
this one? A new topic brings words that come again later, but did not stand before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import log

_RUNS = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]+")
_FUNCTION = frozenset("的了在是和与及等为对将中上下有也不以于从到把被由其这那个各该并或个一年月日")


def vocabulary(text: str) -> frozenset[str]:
    """The bigrams of a text that hold no function character."""
    return frozenset(
        first + second
        for run in _RUNS.findall(text)
        for first, second in pairwise(run)
        if first not in _FUNCTION and second not in _FUNCTION
    )


class Cohesion:
    """Cohesion between the units of one page, given by their vocabularies."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._vocabularies = [vocabulary(text) for text in texts]
        spread = Counter(bigram for words in self._vocabularies for bigram in words)
        self._weight = {
            bigram: log(1 + len(texts) / count) for bigram, count in spread.items() if count > 1
        }

    def share(self, of: Iterable[int], within: Iterable[int]) -> float:
        """Of the recurring vocabulary of some units, the weighted share that others hold; 0 to 1.

        1.0 where the units have no recurring vocabulary: nothing speaks for a new topic.
        """
        asked = frozenset[str]().union(*(self._vocabularies[n] for n in of))
        held = frozenset[str]().union(*(self._vocabularies[n] for n in within))
        total = sum(self._weight.get(bigram, 0.0) for bigram in asked)
        if total == 0:
            return 1.0
        return sum(self._weight.get(bigram, 0.0) for bigram in asked & held) / total
