"""Seeded errors of four kinds in words of titles.

- homophone: one character becomes another of the archive that a reading of it shares, tones aside; the
  readings are those of characters, where corrections know those of words.
- look-alike: one becomes another that looks like it as drawn (``glyphs``).
- transposition: two different neighbours change places.
- dropped: one character is missing.

Which character, and which replacement, is drawn; replacements in proportion to how frequent they are
in titles, as an input method or a scanner would offer them.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import jieba
from pypinyin import Style, pinyin

from suggestion_quality.glyphs import look_alikes

KINDS = ("homophone", "look-alike", "transposition", "dropped")
LEAST_CHARS = 3


def title_words(titles: Iterable[str]) -> list[str]:
    """Words of three and more Han characters as jieba cuts them with its guessing of new words,
    one for each time that it stands in a title.
    """
    return [
        word
        for title in titles
        for word in jieba.cut(title)
        if len(word) >= LEAST_CHARS and all("\u4e00" <= char <= "\u9fff" for char in word)
    ]


class ErrorMaker:
    """Makes errors; the same seed makes the same ones."""

    def __init__(self, titles: Iterable[str], seed: int) -> None:
        self._rng = random.Random(seed)
        self._frequency = Counter(c for t in titles for c in t if "\u4e00" <= c <= "\u9fff")
        chars = sorted(self._frequency)
        self._homophones = _homophones(chars)
        self._look_alikes = look_alikes(chars)

    def wrong(self, word: str, kind: str) -> str | None:
        """The word with an error of this kind, None where it offers no place for one."""
        match kind:
            case "homophone":
                return self._replaced(word, self._homophones)
            case "look-alike":
                return self._replaced(word, self._look_alikes)
            case "transposition":
                places = [n for n in range(len(word) - 1) if word[n] != word[n + 1]]
                if not places:
                    return None
                n = self._rng.choice(places)
                return word[:n] + word[n + 1] + word[n] + word[n + 2 :]
            case "dropped":
                n = self._rng.randrange(len(word))
                return word[:n] + word[n + 1 :]
        raise ValueError(kind)

    def _replaced(self, word: str, others: Mapping[str, list[str]]) -> str | None:
        places = [n for n, char in enumerate(word) if others.get(char)]
        if not places:
            return None
        n = self._rng.choice(places)
        options = others[word[n]]
        weights = [self._frequency[char] for char in options]
        return word[:n] + self._rng.choices(options, weights)[0] + word[n + 1 :]


def _homophones(chars: list[str]) -> dict[str, list[str]]:
    by_sound: dict[str, list[str]] = defaultdict(list)
    sounds = {c: pinyin(c, style=Style.NORMAL, heteronym=False)[0] for c in chars}
    for char, readings in sounds.items():
        for sound in readings:
            by_sound[sound].append(char)
    return {
        char: [other for sound in readings for other in by_sound[sound] if other != char]
        for char, readings in sounds.items()
    }
