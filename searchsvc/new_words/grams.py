"""Runs of Han characters and the n-grams in them, counted in bounded memory.

Takes texts, gives for every n-gram of two to ``MAX_CHARS`` characters that stands often enough how often it
does, and how freely it is continued: the entropy of the character before it and of the one behind it.
Characters lie in a temporary file, two bytes each; n-grams are sorted a bucket of first characters at a
time, so that memory hangs on the bucket and on what is frequent, not on the archive. Called by
``candidates``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_CHARS = 6
BUCKET = 2_000_000
"""n-grams sorted at once, unless one first character alone has more."""
_BATCH = 2_000
_CHUNK = 4_000_000
_CODES = 1 << 16
_HAN = ((0x3400, 0x4DC0), (0x4E00, 0xA000))
"""Characters beyond the Basic Multilingual Plane end a run, as all that is not Han does."""

Codes = NDArray[np.uint16]
Keys = NDArray[np.uint64]
Counts = NDArray[np.int64]
Entropies = NDArray[np.float64]


class Grams(NamedTuple):
    """n-grams of one length: the first four characters of each in ``high``, the others in ``low``, 16 bits
    a character from the top; how often each stands; the entropies, in bits, of what stands before and
    behind it, where each end of a run counts as a character of its own.
    """

    high: Keys
    low: Keys
    counts: Counts
    before: Entropies
    behind: Entropies

    def text(self, row: int) -> str:
        """The n-gram."""
        codes = (int(self.high[row]) << 64 | int(self.low[row])).to_bytes(16, "big")
        return codes.decode("utf-16-be").rstrip("\0")


class CharacterRuns:
    """The runs of Han characters of texts, in a file: code units with a 0 between runs."""

    def __init__(self, path: Path, texts: Iterable[str]) -> None:
        """Writes the file."""
        self._path = path
        self.counts: Counts = np.zeros(_CODES, np.int64)
        """How often each character stands, by its code; that of 0 is 0."""
        remaining = iter(texts)
        with path.open("wb") as file:
            np.zeros(1, np.uint16).tofile(file)
            while batch := list(islice(remaining, _BATCH)):
                codes = _han_codes("\n".join([*batch, ""]))
                self.counts += np.bincount(codes, minlength=_CODES)
                codes.tofile(file)
            np.zeros(MAX_CHARS + 1, np.uint16).tofile(file)
        self.counts[0] = 0

    def grams(self, least: int) -> list[Grams]:
        """The n-grams that stand ``least`` times or more, by length from two characters on."""
        codes = np.memmap(self._path, np.uint16, "r")
        found: list[list[Grams]] = [[] for _ in range(2, MAX_CHARS + 1)]
        for bucket in self._buckets(least):
            for parts, grams in zip(found, _bucket_grams(codes, bucket, least), strict=True):
                parts.append(grams)
        return [_joined(parts) for parts in found]

    def _buckets(self, least: int) -> Iterator[NDArray[np.bool_]]:
        """First characters, as masks over all codes."""
        frequent = np.flatnonzero(self.counts >= least)
        bucket, size = np.zeros(_CODES, np.bool_), 0
        for code in frequent.tolist():
            if size and size + self.counts[code] > BUCKET:
                yield bucket
                bucket, size = np.zeros(_CODES, np.bool_), 0
            bucket[code] = True
            size += int(self.counts[code])
        yield bucket


def _han_codes(text: str) -> Codes:
    """The text with 0 for whatever is not Han, one 0 between runs."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    han = np.zeros(points.size, np.bool_)
    for first, end in _HAN:
        han |= (points >= first) & (points < end)
    codes = np.where(han, points, 0).astype(np.uint16)
    kept = han.copy()
    kept[1:] |= han[:-1]
    kept[:1] = han[:1]
    return codes[kept]


def _bucket_grams(codes: Codes, bucket: NDArray[np.bool_], least: int) -> list[Grams]:
    places = np.concatenate(
        [
            start + np.flatnonzero(bucket[codes[start : start + _CHUNK]])
            for start in range(0, codes.size, _CHUNK)
        ]
    )
    places = places[codes[places + 1] != 0]
    high, low = _keys(codes, places)
    order = np.lexsort((low, high))
    high, low, before = high[order], low[order], codes[places[order] - 1]
    starts = [_group_starts(high, low, size) for size in range(2, MAX_CHARS + 2)]
    return [
        _frequent(high, low, before, size, starts[size - 2], starts[size - 1], least)
        for size in range(2, MAX_CHARS + 1)
    ]


def _keys(codes: Codes, places: NDArray[np.int64]) -> tuple[Keys, Keys]:
    """The characters from each place on, the next one after the longest n-gram too; 0 behind a run."""
    halves = [np.zeros(places.size, np.uint64), np.zeros(places.size, np.uint64)]
    going_on = np.ones(places.size, np.bool_)
    for number in range(MAX_CHARS + 1):
        chars = np.where(going_on, codes[places + number * going_on], 0).astype(np.uint64)
        going_on &= chars != 0
        halves[number // 4] |= chars << np.uint64(48 - 16 * (number % 4))
    return halves[0], halves[1]


def _masks(size: int) -> tuple[np.uint64, np.uint64]:
    """What of ``high`` and ``low`` is the first ``size`` characters."""
    whole = (1 << 64) - 1
    high = whole & ~((1 << 16 * (4 - min(size, 4))) - 1)
    low = whole & ~((1 << 16 * (8 - size)) - 1) if size > 4 else 0
    return np.uint64(high), np.uint64(low)


def _group_starts(high: Keys, low: Keys, size: int) -> NDArray[np.int64]:
    """Where in the sorted keys the first ``size`` characters change."""
    high_mask, low_mask = _masks(size)
    first, second = high & high_mask, low & low_mask
    changed = np.ones(high.size, np.bool_)
    changed[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    return np.flatnonzero(changed)


def _frequent(
    high: Keys,
    low: Keys,
    before: Codes,
    size: int,
    starts: NDArray[np.int64],
    longer: NDArray[np.int64],
    least: int,
) -> Grams:
    """The n-grams of a length; ``longer`` are the groups of those one character longer."""
    high_mask, low_mask = _masks(size)
    counts = np.diff(starts, append=high.size)
    last = _char(high, low, size - 1)[starts]
    kept = np.flatnonzero((counts >= least) & (last != 0))
    behind = _entropies(
        np.searchsorted(starts, longer, "right") - 1,
        np.diff(longer, append=high.size),
        _char(high, low, size)[longer],
        counts,
    )
    group = np.repeat(np.arange(counts.size), counts)
    is_kept = np.zeros(counts.size, np.bool_)
    is_kept[kept] = True
    among = is_kept[group]
    pairs, times = np.unique(group[among] << 16 | before[among], return_counts=True)
    ahead = _entropies(pairs >> 16, times, pairs & 0xFFFF, counts)
    rows = starts[kept]
    return Grams(
        high[rows] & high_mask, low[rows] & low_mask, counts[kept], ahead[kept], behind[kept]
    )


def _char(high: Keys, low: Keys, number: int) -> Keys:
    half = high if number < 4 else low
    chars: Keys = half >> np.uint64(48 - 16 * (number % 4)) & np.uint64(0xFFFF)
    return chars


def _entropies(groups: Counts, times: Counts, chars: Keys, totals: Counts) -> Entropies:
    """For each group the entropy of its characters, of which each 0 is one of its own."""
    weights = np.where(chars != 0, times * np.log2(np.maximum(times, 1)), 0.0)
    sums = np.bincount(groups, weights, totals.size)
    found: Entropies = np.log2(totals) - sums / totals
    return found


def _joined(parts: list[Grams]) -> Grams:
    """The n-grams of all buckets; their first characters differ and ascend, and so do their keys."""
    return Grams(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
