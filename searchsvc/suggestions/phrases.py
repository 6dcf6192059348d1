"""Phrases that titles repeat: runs of words side by side, without their pieces.

Takes titles' words, gives phrases with the number of titles. Called while articles are indexed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from itertools import pairwise
from typing import Final

from searchsvc.suggestions.entries import is_han

MAX_CHARS: Final = 12
MAX_WORDS: Final = 5
LEAST_COUNT: Final = 2
MAX_RUNS: Final = 1_000_000
"""Distinct runs held at once; beyond it those met only once are dropped (as in the lossy counting of
Manku and Motwani 2002), so that memory stays bounded."""
CONTAINED: Final = 0.8
"""A phrase that stands inside a longer one in this share of its titles is a piece of that one."""
NAME_CHARS: Final = (3, 4)
"""A run with a single character that no longer word holds may be a name or a new word; of this
length, it is kept even where one title alone has it."""

_SEPARATOR: Final = "\t"
_LONGEST_NAME: Final = 2 * NAME_CHARS[1]
"""Of a run: each character a word, with what separates them, and one more."""


class PhraseCounts:
    """Counts runs of two to five words over titles; the last word of five only shows what the first
    four are a piece of.
    """

    def __init__(self, runs: Mapping[str, int] | None = None) -> None:
        """``runs``: what another one counted."""
        self._runs: Counter[str] = Counter(runs)

    @property
    def runs(self) -> Mapping[str, int]:
        """The counts, by the words of a run with what separates them."""
        return self._runs

    def add(self, words: list[str], text: str, sign: int = 1) -> None:
        """Counts the runs of a title once each; ``words`` stand in ``text`` in this order."""
        for run in set(_runs(words, text)):
            self._runs[run] += sign
        self._drop_rare()

    def update(self, other: PhraseCounts) -> None:
        """Adds what another one counted."""
        add_counts(self._runs, other._runs)
        self._drop_rare()

    def _drop_rare(self) -> None:
        if len(self._runs) > MAX_RUNS:
            self._runs = Counter({run: n for run, n in self._runs.items() if abs(n) > 1})

    def phrases(self, function_words: Container[str]) -> Iterator[tuple[list[str], int]]:
        """The words of phrases, and their counts; none that begins or ends with a function word."""
        contained = self._contained()
        for run, count in self._runs.items():
            if (count < LEAST_COUNT and len(run) >= _LONGEST_NAME) or run in contained:
                continue
            words = run.split(_SEPARATOR)
            if words[0] in function_words or words[-1] in function_words:
                continue
            if count >= LEAST_COUNT or _may_be_name(words):
                yield words, count

    def changes(self) -> Iterator[tuple[list[str], int]]:
        """Phrases that came with several titles, and all that went with one."""
        for run, count in self._runs.items():
            if count >= LEAST_COUNT or count < 0:
                yield run.split(_SEPARATOR), count

    def _contained(self) -> set[str]:
        contained = set()
        for run, count in self._runs.items():
            if count < LEAST_COUNT:
                continue
            for piece in (run.partition(_SEPARATOR)[2], run.rpartition(_SEPARATOR)[0]):
                if count >= CONTAINED * self._runs.get(piece, 0):
                    contained.add(piece)
        return contained


def add_counts(counts: Counter[str], others: Mapping[str, int]) -> None:
    """Adds counts, faster than ``Counter.update``."""
    get = counts.get
    for name, count in others.items():
        counts[name] = get(name, 0) + count


def _runs(words: list[str], text: str) -> Iterator[str]:
    spans: list[tuple[int, int]] = []
    position = 0
    for word in words:
        position = text.index(word, position)
        spans.append((position, position + len(word)))
        position += len(word)
    joined = [first[1] == second[0] for first, second in pairwise(spans)]
    for first in range(len(spans)):
        for last in range(first + 1, min(first + MAX_WORDS, len(spans))):
            if not joined[last - 1] or spans[last][1] - spans[first][0] > MAX_CHARS:
                break
            yield _SEPARATOR.join(words[first : last + 1])


def _may_be_name(words: list[str]) -> bool:
    text = "".join(words)
    return (
        NAME_CHARS[0] <= len(text) <= NAME_CHARS[1]
        and any(len(word) == 1 for word in words)
        and is_han(text)
    )
