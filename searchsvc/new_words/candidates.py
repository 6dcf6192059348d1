"""Candidates for new words: n-grams that hold together, are continued freely, and that no dictionary knows.

Takes the n-grams of an archive and the analyzer, gives candidates, the most promising first. A word
holds together: it stands much more often than its parts would by chance (pointwise mutual information,
the least over all ways to part it in two); and it is used freely: many different characters stand
before and behind it (the lesser of both entropies). This is the measure of Huang and Powers (2003), "Chinese
word segmentation based on contextual entropy", with the cohesion of Church and Hanks (1990). Called by
the service.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.analysis import Analyzer
from searchsvc.new_words.grams import MAX_CHARS, CharacterRuns, Counts, Grams, Keys
from searchsvc.text.numerals import NUMERALS

LEAST_COHESION: Final = 6.0
"""Bits: 64 times as often as by chance."""
LEAST_FREEDOM: Final = 2.0
"""Bits of the lesser entropy: as if four characters stood there equally often."""
CONTAINED: Final = 0.7
"""An n-gram that stands inside one longer candidate this share of the times is a piece of it."""

COMMON: Final = 0.04
"""A single character that is a word in this share of the articles joins other words freely."""

_NOT_FIRST: Final = frozenset("着过们者等吗呢吧啊得个些性化率")
_LITTLE: Final = frozenset(
    "的了在是和与及或为对将就都而并被把从向以于这那有无没很更最已曾又也再才还则因但若虽如所该每各由让使给"
    "我你他她它您要会能可到地等内时后前称说据愿应请"
)
"""What joins anything: no word begins or ends with one that stands there as a word by itself."""
_MEASURES: Final = frozenset("枚级届条架辆户次幅句趟批项元只头名家位色界")
"""What only seems to begin a word: a numeral stood before it."""
_INSIDE: Final = frozenset("的了在是和与及或对将而并被把从向于让给")
"""What no word has as a word inside."""
_SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A folded text, how often it stands, its cohesion and freedom in bits, how it is cut now."""

    text: str
    count: int
    cohesion: float
    freedom: float
    cut: tuple[str, ...]

    @property
    def promise(self) -> float:
        """By what candidates are ordered: frequent, free and firm ones first."""
        return float(np.log2(self.count)) + self.freedom + self.cohesion


def candidates(
    runs: CharacterRuns, analyzer: Analyzer, least: int, share: Callable[[str], float]
) -> list[Candidate]:
    """What stands ``least`` times and more and may be a word, by promise.

    ``share`` says in which share of the articles a word stands.
    """
    grams = runs.grams(least)
    tables = [_Table(one) for one in grams]
    found: list[Candidate] = []
    for size, one in enumerate(grams, 2):
        freedom = np.minimum(one.before, one.behind)
        free = np.flatnonzero(freedom >= LEAST_FREEDOM)
        cohesion = _cohesion(one, free, size, runs.counts, tables)
        for row, bits in zip(free.tolist(), cohesion.tolist(), strict=True):
            if bits >= LEAST_COHESION and _may_be_word(text := one.text(row)):
                cut = tuple(analyzer.words(text))
                if _is_unknown(cut, share):
                    measures = float(bits), float(freedom[row])
                    found.append(Candidate(text, int(one.counts[row]), *measures, cut))
    return sorted(_without_pieces(found), key=lambda c: (-c.promise, c.text))


class _Table:
    """Counts of n-grams of one length by key."""

    def __init__(self, grams: Grams) -> None:
        keys = _hashed(grams.high, grams.low)
        order = np.argsort(keys)
        self._keys, self._counts = keys[order], grams.counts[order]

    def counts(self, high: Keys, low: Keys) -> Counts:
        """How often each n-gram stands; all are in the table."""
        found: Counts = self._counts[np.searchsorted(self._keys, _hashed(high, low))]
        return found


def _hashed(high: Keys, low: Keys) -> Keys:
    """Both halves in 64 bits (multiplication by odd constants of splitmix64); collisions are rare."""
    mixed = high * np.uint64(0x9E3779B97F4A7C15) ^ low * np.uint64(0xBF58476D1CE4E5B9)
    hashed: Keys = mixed ^ mixed >> np.uint64(29)
    return hashed


def _cohesion(
    grams: Grams, rows: NDArray[np.int64], size: int, singles: Counts, tables: Sequence[_Table]
) -> NDArray[np.float64]:
    """The least pointwise mutual information over all ways to part an n-gram in two."""
    high, low = grams.high[rows], grams.low[rows]
    total = float(singles.sum())
    least = np.full(rows.size, np.inf)
    for split in range(1, size):
        left = _counts(*_first(high, low, split), split, singles, tables)
        right = _counts(*_from(high, low, split), size - split, singles, tables)
        least = np.minimum(least, np.log2(total * grams.counts[rows] / (left * right)))
    return least


def _counts(
    high: Keys, low: Keys, size: int, singles: Counts, tables: Sequence[_Table]
) -> NDArray[np.float64]:
    single = high >> np.uint64(48)
    counts = singles[single] if size == 1 else tables[size - 2].counts(high, low)
    found: NDArray[np.float64] = counts.astype(np.float64)
    return found


def _first(high: Keys, low: Keys, size: int) -> tuple[Keys, Keys]:
    """The first characters of n-grams."""
    high_gone, low_gone = 16 * max(0, 4 - size), 16 * min(4, 8 - size)
    return _cleared(high, high_gone), _cleared(low, low_gone)


def _from(high: Keys, low: Keys, size: int) -> tuple[Keys, Keys]:
    """What is left of n-grams without their first characters."""
    bits = 16 * size
    if bits >= 64:
        return low << np.uint64(bits - 64), np.zeros_like(low)
    return high << np.uint64(bits) | low >> np.uint64(64 - bits), low << np.uint64(bits)


def _cleared(half: Keys, bits: int) -> Keys:
    if bits >= 64:
        return np.zeros_like(half)
    return half >> np.uint64(bits) << np.uint64(bits)


def _may_be_word(text: str) -> bool:
    return text[0] not in _NOT_FIRST and text[0] not in NUMERALS + "第年月日" and len(set(text)) > 1


def _is_unknown(cut: tuple[str, ...], share: Callable[[str], float]) -> bool:
    """Whether the segmenter takes a word apart that it does not know.

    What it cuts into longer words alone is a phrase, and so is a word with a little one beside it, or
    with a common single character that is no surname.
    """
    singles = [piece for piece in cut if len(piece) == 1]
    if len(cut) < 2 or not singles or not _LITTLE.isdisjoint((cut[0], cut[-1])):
        return False
    if cut[0] in _MEASURES or not _INSIDE.isdisjoint(singles):
        return False
    if len(cut) == 2 and len(singles) == 1:
        (single,) = singles
        is_name = single == cut[0] and single in _SURNAMES and len(cut[1]) == 2
        return is_name or share(single) < COMMON
    return True


def _without_pieces(found: list[Candidate]) -> list[Candidate]:
    counts = {candidate.text: candidate.count for candidate in found}
    pieces = {
        piece
        for text, count in counts.items()
        for start in range(len(text))
        for end in range(start + 2, min(len(text), start + MAX_CHARS) + 1)
        if end - start < len(text)
        and count >= CONTAINED * counts.get(piece := text[start:end], count * 2 / CONTAINED)
    }
    return [candidate for candidate in found if candidate.text not in pieces]
