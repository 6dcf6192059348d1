"""Suggestions while typing: what begins with, goes on with, or sounds like what was typed so far.

Takes the text typed so far, gives entries, best first. Characters are completed by characters;
Latin letters by Latin words and, as pinyin (whole syllables, unfinished ones, initials, with a
slip), by the characters that they spell. Called by ``archive``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final

import numpy as np

from searchsvc.suggestions.entries import VOCABULARY, Entry, Kind, entry_key
from searchsvc.suggestions.lexicon import Lexicon, Rows
from searchsvc.suggestions.pinyin_input import abbreviations, respellings, stands_for
from searchsvc.suggestions.vocabulary import Vocabulary

LEAST_COUNT: Final = {Kind.WORD: 2, Kind.PHRASE: 2}
"""What fewer articles have is not suggested."""
WEIGHT: Final = {Kind.WORD: 1, Kind.PHRASE: 5, Kind.PERSON: 5, Kind.NEWSPAPER: 5, Kind.TITLE: 1}
"""A phrase is counted in titles, a name in bylines: each such article weighs more."""
MAX_CHARS: Final = 64
MAX_COMPARED: Final = 500
"""Of the entries with the same initials, so many of the most frequent are compared by letters."""
LEAST_SLIP_LETTERS: Final = 5

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")


class Completer:
    """Completes texts from a vocabulary. ``syllables`` are all there are."""

    def __init__(self, vocabulary: Vocabulary, syllables: frozenset[str]) -> None:
        self._vocabulary = vocabulary
        self._syllables = syllables

    def complete(self, typed: str, limit: int) -> list[Entry]:
        """At most ``limit`` entries, no text twice; none for a blank or very long text."""
        key = entry_key(typed)
        if not key or len(key) > MAX_CHARS:
            return []
        found: dict[str, Entry] = {}
        for entries in chain(self._steps(key, limit), self._guesses(key, limit)):
            for entry in entries:
                if entry.key != key:
                    found.setdefault(entry.key, entry)
            if len(found) >= limit:
                break
        return _mixed(list(found.values()), limit)

    def spelt(self, letters: str) -> str | None:
        """The most frequent word, phrase or name whose whole pinyin this is."""
        entries = self._entries([(lex, lex.spelt(letters)) for lex in self._lexicons], 1)
        return next((e.text for e in entries if e.kind in VOCABULARY), None)

    @property
    def _lexicons(self) -> tuple[Lexicon, ...]:
        return self._vocabulary.lexicons

    def _steps(self, key: str, limit: int) -> Iterator[list[Entry]]:
        """Entries by ever looser relation to what was typed."""
        yield self._entries([(lex, lex.beginning_with(key)) for lex in self._lexicons], limit)
        letters = key.replace("'", "")
        if _LETTERS.issuperset(letters):
            yield from self._sounding(letters, limit)
        elif len(key) > 1:
            yield self._entries([(lex, lex.going_on_with(key)) for lex in self._lexicons], limit)

    def _sounding(self, letters: str, limit: int) -> Iterator[list[Entry]]:
        if len(letters) > 1:
            spelt = [(lex, lex.spelt(letters)) for lex in self._lexicons]
            yield self._entries(spelt, limit)
            yield self._entries([(x, x.sounding_like(letters)) for x in self._lexicons], limit)
        yield self._entries([(x, x.with_initials(letters)[0]) for x in self._lexicons], limit)

    def _guesses(self, letters: str, limit: int) -> Iterator[list[Entry]]:
        """Of letters that nothing begins with, what they may be short for or a slip of."""
        for pieces in abbreviations(letters, self._syllables):
            yield self._entries([(x, _abbreviated(x, pieces)) for x in self._lexicons], limit)
        if len(letters) >= LEAST_SLIP_LETTERS:
            close = respellings(letters)
            yield self._entries([(x, _sounding_like_any(x, close)) for x in self._lexicons], limit)

    def _entries(self, rows: list[tuple[Lexicon, Rows]], limit: int) -> list[Entry]:
        """The heaviest of these rows of each kind, heaviest first."""
        found: dict[tuple[str, Kind], Entry] = {}
        for lexicon, candidates in rows:
            for row in _heaviest(lexicon, candidates, limit):
                kind, key = lexicon.kind(row), lexicon.key(row)
                count = int(lexicon.counts[row])
                if len(self._lexicons) > 1:
                    count = self._vocabulary.count(key, kind)
                if count >= LEAST_COUNT.get(kind, 1) and (len(key) > 1 or kind is not Kind.WORD):
                    found.setdefault((key, kind), Entry(lexicon.text(row), kind, count))
        return sorted(found.values(), key=lambda e: (-e.count * WEIGHT[e.kind], e.text))


def _heaviest(lexicon: Lexicon, rows: Rows, limit: int) -> Iterator[int]:
    """Of each kind the rows with the highest counts."""
    kinds, counts = lexicon.kinds[rows], lexicon.counts[rows]
    for kind in Kind:
        places = np.flatnonzero(kinds == kind)
        if len(places) > limit:
            places = places[np.argpartition(-counts[places], limit)[:limit]]
        yield from rows[places].tolist()


def _abbreviated(lexicon: Lexicon, pieces: tuple[str, ...]) -> Rows:
    """Entries whose syllables begin with these pieces, one each."""
    rows, sounds = lexicon.with_initials("".join(piece[0] for piece in pieces))
    if len(rows) > MAX_COMPARED:
        most = np.argpartition(-lexicon.counts[rows], MAX_COMPARED)[:MAX_COMPARED]
        rows, sounds = rows[most], sounds[most]
    fitting = [stands_for(pieces, lexicon.sound(number)) for number in sounds.tolist()]
    chosen: Rows = rows[np.array(fitting, bool)]
    return chosen


def _sounding_like_any(lexicon: Lexicon, sounds: list[str]) -> Rows:
    return np.array([row for _, row in lexicon.equal_sound(sounds)], np.uint32)


def _mixed(entries: list[Entry], limit: int) -> list[Entry]:
    """Words, phrases and names before titles, which have two fifths of the places if need be."""
    titles = [entry for entry in entries if entry.kind is Kind.TITLE]
    others = [entry for entry in entries if entry.kind is not Kind.TITLE]
    n_others = max(limit - len(titles), limit * 3 // 5)
    shown = others[:n_others]
    return [*shown, *titles[: limit - len(shown)]]
