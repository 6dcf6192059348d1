"""A sample of the documents, from which queries are drawn, and how common its words are.

A word's band is the binary logarithm of the number of sampled bodies that it stands in: drawing a
band first and a word of it then spreads queries over rare and common words alike, where drawing
words of running text would give common ones only.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from benchmark.documents import Document, Documents

SAMPLE_DOCUMENTS = 20_000
MIN_FREQUENCY = 2
"""Words of a single sampled document are mostly figures; they are no queries."""


class SmallCorpusError(ValueError):
    """The corpus has no words in common to draw queries from."""


class Sample:
    """Documents, evenly spaced, that have enough words to ask for, and their words by band."""

    def __init__(self, documents: Documents) -> None:
        """Raises SmallCorpusError where no word stands in two long enough documents."""
        count = min(SAMPLE_DOCUMENTS, len(documents))
        spaced = (documents[n * len(documents) // count] for n in range(count))
        self.documents: list[Document] = [d for d in spaced if len(d.body_words) >= 20]
        self._frequency = Counter(w for d in self.documents for w in set(d.body_words))
        self._bands = self._by_band(sorted(self._frequency))
        self._sorted = sorted(self._frequency)
        if not self._bands:
            raise SmallCorpusError("the corpus is too small to draw queries from")

    def document(self, rng: random.Random) -> Document:
        """Some document."""
        return rng.choice(self.documents)

    def word(self, rng: random.Random) -> str:
        """Some word of the sample, each band as likely as another."""
        return self._draw(rng, self._bands)

    def words_of(self, rng: random.Random, document: Document, count: int) -> tuple[str, ...]:
        """Up to ``count`` different words of one body, each band of it as likely as another."""
        left = set(document.body_words)
        drawn: list[str] = []
        while len(drawn) < count and (bands := self._by_band(sorted(left))):
            drawn.append(self._draw(rng, bands))
            left.remove(drawn[-1])
        return tuple(drawn)

    def expansions(self, prefix: str) -> int:
        """How many words of the sample start with the prefix."""
        start = bisect_left(self._sorted, prefix)
        return bisect_left(self._sorted, prefix + "\U0010ffff", start) - start

    def _by_band(self, words: Iterable[str]) -> Sequence[list[str]]:
        bands: defaultdict[int, list[str]] = defaultdict(list)
        for word in words:
            if (frequency := self._frequency[word]) >= MIN_FREQUENCY:
                bands[frequency.bit_length()].append(word)
        return [bands[band] for band in sorted(bands)]

    @staticmethod
    def _draw(rng: random.Random, bands: Sequence[list[str]]) -> str:
        return rng.choice(rng.choice(bands))
