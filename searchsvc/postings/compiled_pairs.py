"""Pairs of characters sorted into posting lists by numba: what ``pairs.sort_pairs`` gives.

Two passes of a counting sort, by the second character and then by the first; both keep the order of
what is equal. Raises ImportError where numba is missing.
"""

from __future__ import annotations

import numpy as np
from numba import types

from searchsvc.postings.bits import Integers
from searchsvc.postings.compiling import compiled
from searchsvc.postings.lists import Unsigned

_READ = types.Array(types.uint32, 1, "C", readonly=True)
_UNSIGNED = types.uint32[::1]
_RESULT = types.Tuple((_UNSIGNED, _UNSIGNED, types.int64[::1], _UNSIGNED, _UNSIGNED, _UNSIGNED))  # type: ignore[no-untyped-call]

Sorted = tuple[Unsigned, Unsigned, Integers, Unsigned, Unsigned, Unsigned]


@compiled(_RESULT(_READ, _READ, _READ, types.int64, _READ, _READ))
def sort_pairs(
    characters: Unsigned,
    places: Unsigned,
    ranks: Unsigned,
    n_ranks: int,
    text_sizes: Unsigned,
    documents: Unsigned,
) -> Sorted:
    """See ``pairs.sort_pairs``."""
    n = places.size
    by_first = np.zeros(n_ranks + 1, np.int64)
    by_second = np.zeros(n_ranks + 1, np.int64)
    for place in places:
        by_first[ranks[characters[place]] + 1] += 1
        by_second[ranks[characters[place + 1]] + 1] += 1
    for rank in range(n_ranks):
        by_first[rank + 1] += by_first[rank]
        by_second[rank + 1] += by_second[rank]

    pair = np.empty((2, n), np.uint32)
    where = np.empty((2, n), np.uint32)
    text, start = 0, 0
    for place in places:
        while place >= start + text_sizes[text]:
            start += text_sizes[text]
            text += 1
        first, second = ranks[characters[place]], ranks[characters[place + 1]]
        target = by_second[second]
        by_second[second] = target + 1
        pair[0, target], pair[1, target] = first, second
        where[0, target], where[1, target] = documents[text], place - start

    seconds = np.empty(n, np.uint32)
    of_posting = np.empty(n, np.uint32)
    positions = np.empty(n, np.uint32)
    for element in range(n):
        first = pair[0, element]
        target = by_first[first]
        by_first[first] = target + 1
        seconds[target] = pair[1, element]
        of_posting[target], positions[target] = where[0, element], where[1, element]

    # From here on by_first[rank] is where the pairs with this first character end.
    # What the second pass has read is free for the lists.
    firsts_of, seconds_of, counts, frequencies = pair[0], pair[1], where[0], where[1]
    n_terms, n_postings, element = 0, 0, 0
    for rank in range(n_ranks):
        fresh = True
        while element < by_first[rank]:
            if fresh or seconds[element] != seconds_of[n_terms - 1]:
                firsts_of[n_terms], seconds_of[n_terms] = rank, seconds[element]
                counts[n_terms] = 0
                n_terms += 1
                fresh = True
            document = of_posting[element]
            if fresh or document != of_posting[n_postings - 1]:
                of_posting[n_postings] = document
                frequencies[n_postings] = 0
                counts[n_terms - 1] += 1
                n_postings += 1
                fresh = False
            frequencies[n_postings - 1] += 1
            element += 1
    return (
        firsts_of[:n_terms].copy(),
        seconds_of[:n_terms].copy(),
        counts[:n_terms].astype(np.int64),
        of_posting[:n_postings].copy(),
        frequencies[:n_postings].copy(),
        positions,
    )
