"""How Chinese texts are pronounced: the syllable of every character, of many texts at once.

Takes folded (simplified) texts, gives numbers of ``han``'s syllables. Called when suggestions are
built.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.bits import ragged_arange
from searchsvc.suggestions.han import LONGEST_PHRASE, ROLL, table
from searchsvc.suggestions.texts import Bits, Codes, Integers, Texts

Syllables = NDArray[np.uint16]


def syllables(texts: Texts) -> Syllables:
    """The syllable of each code point, phrases taken into account (银行 is yin hang); 0 for none.

    Of the phrases that begin at a place the longest counts, and an earlier one before a later.
    """
    spoken, ambiguous = _commonest(texts.codes)
    starts, sizes, numbers = _phrases(texts, ambiguous)
    chosen = _disjoint(starts, sizes)
    starts, sizes, numbers = starts[chosen], sizes[chosen], numbers[chosen]
    within = ragged_arange(sizes)
    of_phrase = np.repeat(table("phrase_starts")[numbers].astype(np.int64), sizes) + within
    spoken[np.repeat(starts, sizes) + within] = table("phrase_syllables")[of_phrase]
    return spoken


def _commonest(codes: Codes) -> tuple[Syllables, Bits]:
    """The commonest syllable of each character, and which have others, too."""
    known = table("characters")
    rows = np.minimum(known.searchsorted(codes), len(known) - 1)
    found = known[rows] == codes
    readings = table("readings")
    return np.where(found, readings[rows, 0], 0), found & (readings[rows, 1] > 0)


def _phrases(texts: Texts, ambiguous: Bits) -> tuple[Integers, Integers, Integers]:
    """The longest phrase that begins at each place: place, size and number, ordered by place."""
    n_codes = len(texts.codes)
    ends = np.repeat(np.cumsum(texts.sizes), texts.sizes)
    codes = texts.codes.astype(np.uint64)
    running = np.concatenate([[0], np.cumsum(ambiguous)])
    known = table("phrase_hashes")
    hashes = np.zeros(n_codes, np.uint64)
    size_of = np.zeros(n_codes, np.int64)
    number_of = np.zeros(n_codes, np.int64)
    places = np.arange(n_codes)
    for size in range(1, LONGEST_PHRASE + 1):
        places = places[places + size <= ends[places]]
        hashes[places] += codes[places + (size - 1)]
        hashes[places] *= ROLL
        if size == 1:
            continue
        asked = places[running[places + size] > running[places]]
        number = np.minimum(known.searchsorted(hashes[asked]), len(known) - 1)
        found = known[number] == hashes[asked]
        size_of[asked[found]] = size
        number_of[asked[found]] = number[found]
    starts = np.flatnonzero(size_of)
    return starts, size_of[starts], number_of[starts]


def _disjoint(starts: Integers, sizes: Integers) -> Integers:
    """Those that begin behind the one chosen before."""
    chosen = []
    settled = 0
    for number, (start, size) in enumerate(zip(starts.tolist(), sizes.tolist(), strict=True)):
        if start >= settled:
            chosen.append(number)
            settled = start + size
    return np.array(chosen, np.int64)
