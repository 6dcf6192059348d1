"""How folded words are printed: 著名 for 着名, 臺灣 in an archive of traditional characters.

Learns from titles, whose words are known both ways. Called while articles are indexed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any


class Spellings:
    """The printed form of a word that titles have most often; by character where none has it."""

    def __init__(self) -> None:
        self._words: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._chars: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._standing: Counter[str] = Counter()

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Spellings:
        """From what ``to_json`` gave."""
        spellings = cls()
        spellings._standing.update(record["standing"])
        for mine, name in ((spellings._words, "words"), (spellings._chars, "chars")):
            for folded, forms in record[name].items():
                mine[folded].update(forms)
        return spellings

    def to_json(self) -> dict[str, Any]:
        """Everything that was learnt, JSON-ready."""
        return {"words": self._words, "chars": self._chars, "standing": self._standing}

    def learn(self, printed: str, folded: str, words: Iterable[str]) -> None:
        """Takes a title as printed and folded, and its folded words in order.

        One whose characters do not correspond one to one is passed over.
        """
        if len(printed) != len(folded):
            return
        self._standing.update(folded)
        if printed == folded:
            return
        for one, other in zip(folded, printed, strict=True):
            if one != other:
                self._chars[one][other] += 1
        position = 0
        for word in words:
            position = folded.index(word, position)
            end = position + len(word)
            if printed[position:end] != word:
                self._words[word][printed[position:end]] += 1
            position = end

    def update(self, other: Spellings) -> None:
        """Takes what another one has learnt."""
        self._standing.update(other._standing)
        for mine, others in ((self._words, other._words), (self._chars, other._chars)):
            for folded, forms in others.items():
                mine[folded].update(forms)

    def printed(self, word: str) -> str:
        """A folded word as it is printed."""
        if word in self._words:
            return _most(self._words[word])
        if self._chars.keys().isdisjoint(word):
            return word
        return "".join(map(self._printed_char, word))

    def _printed_char(self, char: str) -> str:
        others = self._chars.get(char)
        return _most(others) if others and 2 * others.total() > self._standing[char] else char


def _most(counts: Counter[str]) -> str:
    return max(counts, key=lambda text: (counts[text], text))
