"""A file of entries, opened: look-ups by text, by sound and by what is nearly the text.

Arrays stay in mapped pages, which processes share; opening reads the directory only. Written by
``builder``, called by ``archive``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.container import Container
from searchsvc.storage import Seal
from searchsvc.suggestions.entries import Entry, Kind
from searchsvc.suggestions.keys import PLACE_CHARS, text_hash
from searchsvc.suggestions.pronunciation_keys import confusable

Rows = NDArray[np.uint32]
"""Numbers of entries."""


class Lexicon:
    """Entries numbered in order of key and kind. Safe to read from several threads."""

    def __init__(self, path: Path, seal: Seal | None = None) -> None:
        """Raises IndexDamagedError where the file is missing, not whole, or not the sealed one."""
        self._file = Container(path, seal)
        self._keys = _Texts(self._file, "key")
        self._texts = _Texts(self._file, "text")
        self._sounds = _Texts(self._file, "sound")
        self.counts: NDArray[np.int32] = self._file.array("counts")
        self.kinds: NDArray[np.uint8] = self._file.array("kinds")
        self.word_total: int = self._file.metadata["word_total"]

    def __len__(self) -> int:
        return len(self.counts)

    def key(self, row: int) -> str:
        """The folded text of an entry."""
        return self._keys.text(row)

    def text(self, row: int) -> str:
        """The text of an entry as printed."""
        return self._texts.text(row) or self._keys.text(row)

    def kind(self, row: int) -> Kind:
        """What an entry is."""
        return Kind(int(self.kinds[row]))

    def entries(self) -> Iterator[Entry]:
        """All entries in order."""
        for row in range(len(self)):
            yield Entry(self.text(row), self.kind(row), int(self.counts[row]))

    def find(self, key: str, kind: Kind) -> int | None:
        """The entry of this key and kind."""
        wanted = _encoded(key)
        row = _first(len(self), lambda r: self._keys.raw(r) >= wanted)
        while row < len(self) and self._keys.raw(row) == wanted:
            if self.kinds[row] == kind:
                return row
            row += 1
        return None

    def beginning_with(self, prefix: str) -> Rows:
        """Entries whose key begins with ``prefix``."""
        wanted = _encoded(prefix)
        low = _first(len(self), lambda r: self._keys.raw(r) >= wanted)
        high = _first(len(self), lambda r: not _before(self._keys.raw(r), wanted), low)
        return np.arange(low, high, dtype=np.uint32)

    def going_on_with(self, prefix: str) -> Rows:
        """Titles in which ``prefix`` stands after the first character; one may come twice.

        Of a long ``prefix`` only the first ``PLACE_CHARS`` are looked at.
        """
        wanted = _encoded(prefix[:PLACE_CHARS])
        entries = self._file.array("place_entries")
        starts = self._file.array("place_starts")

        def following(place: int) -> bytes:
            return self._keys.raw(int(entries[place]), int(starts[place]), len(wanted))

        low = _first(len(entries), lambda p: following(p) >= wanted)
        high = _first(len(entries), lambda p: following(p) > wanted, low)
        rows: Rows = entries[low:high]
        return rows

    def sounding_like(self, letters: str) -> Rows:
        """Entries whose pinyin begins with these letters, the last syllable perhaps unfinished."""
        wanted = letters.encode()
        size = len(self._file.array("sound_entries"))
        low = _first(size, lambda s: self._sounds.raw(s).lower() >= wanted)
        high = _first(size, lambda s: not _before(self._sounds.raw(s).lower(), wanted), low)
        rows: Rows = self._file.array("sound_entries")[low:high]
        return rows

    def spelt(self, letters: str) -> Rows:
        """Entries whose pinyin is these letters and no more."""
        wanted = letters.encode()
        size = len(self._file.array("sound_entries"))
        low = _first(size, lambda s: self._sounds.raw(s).lower() >= wanted)
        high = _first(size, lambda s: self._sounds.raw(s).lower() > wanted, low)
        rows: Rows = self._file.array("sound_entries")[low:high]
        return rows

    def with_initials(self, initials: str) -> tuple[Rows, Rows]:
        """Entries whose syllables begin with these letters, and the numbers of their sounds."""
        wanted = initials.upper().encode()
        order = self._file.array("initials_order")

        def capitals(place: int) -> bytes:
            return self._sounds.raw(int(order[place])).translate(None, _SMALL)

        low = _first(len(order), lambda p: capitals(p) >= wanted)
        high = _first(len(order), lambda p: not _before(capitals(p), wanted), low)
        sounds: Rows = order[low:high]
        return self._file.array("sound_entries")[sounds], sounds

    def sound(self, number: int) -> str:
        """Pinyin with a capital for every syllable: LiaoCheng."""
        return self._sounds.text(number)

    def nearly(self, texts: Sequence[str]) -> Iterator[tuple[int, int]]:
        """(number of the text, entry) where both share a deletion key; to be compared."""
        return self._hashed("deletion", texts)

    def equal_sound(self, sounds: Sequence[str]) -> Iterator[tuple[int, int]]:
        """(number of the text, entry) for entries with this confusable pinyin."""
        entries = self._file.array("sound_entries")
        for number, sound in self._hashed("sound_hash", sounds):
            if confusable(self.sound(sound).lower()) == sounds[number]:
                yield number, int(entries[sound])

    def verify(self) -> None:
        """Reads every byte and holds it against its checksum. Raises IndexDamagedError."""
        self._file.verify()

    def _hashed(self, name: str, texts: Sequence[str]) -> Iterator[tuple[int, int]]:
        wanted = np.array([text_hash(text) for text in texts], np.uint32)
        hashes = self._file.array(f"{name}_hashes")
        low = np.searchsorted(hashes, wanted, "left")
        high = np.searchsorted(hashes, wanted, "right")
        entries = self._file.array(f"{name}_rows")
        for number in np.flatnonzero(high > low).tolist():
            for row in entries[low[number] : high[number]].tolist():
                yield number, row


class _Texts:
    """Texts in one array of bytes."""

    def __init__(self, file: Container, name: str) -> None:
        self._starts = file.array(f"{name}_starts")
        self._bytes = file.array(f"{name}_bytes").data

    def raw(self, number: int, start: int = 0, size: int | None = None) -> bytes:
        first, end = int(self._starts[number]), int(self._starts[number + 1])
        first += start
        return bytes(self._bytes[first : end if size is None else min(end, first + size)])

    def text(self, number: int) -> str:
        return self.raw(number).decode("utf-8", "surrogatepass")


_SMALL = b"abcdefghijklmnopqrstuvwxyz"


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _before(found: bytes, prefix: bytes) -> bool:
    """Whether ``found`` comes before, or begins with, the prefix."""
    return found[: len(prefix)] <= prefix


def _first(size: int, holds: Any, low: int = 0) -> int:
    """The first number from ``low`` on for which a monotone condition holds, else ``size``."""
    high = size
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
