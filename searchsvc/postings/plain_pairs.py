"""Pairs of characters sorted into posting lists by NumPy; stands in for ``compiled_pairs``."""

from __future__ import annotations

import numpy as np

from searchsvc.postings.bits import Integers
from searchsvc.postings.lists import Unsigned
from searchsvc.postings.runs import positional_lists


def sort_pairs(
    characters: Unsigned,
    places: Unsigned,
    ranks: Unsigned,
    n_ranks: int,
    text_sizes: Unsigned,
    documents: Unsigned,
) -> tuple[Unsigned, Unsigned, Integers, Unsigned, Unsigned, Unsigned]:
    """The posting lists of pairs, by first and second character, document and position.

    ``characters`` are the code points of all texts, ``text_sizes`` of them each, ``ranks`` the
    number of each code point among the ``n_ranks`` that there are; ``places`` where in them pairs
    begin, ascending; ``documents`` the document of each text, ascending strictly. Gives the ranks
    of each distinct pair's characters, how many documents have it, and the lists as
    ``lists.Lists`` has them.
    """
    character_bits = max(1, (n_ranks - 1).bit_length())
    place_bits = len(characters).bit_length()
    assert 2 * character_bits + place_bits <= 64
    of_character = ranks[characters]
    key = of_character[places].astype(np.uint64)
    key <<= np.uint64(character_bits)
    key |= of_character[places + np.uint32(1)]
    key <<= np.uint64(place_bits)
    key |= places
    del of_character
    key.sort()
    place = (key & np.uint64((1 << place_bits) - 1)).astype(np.uint32)
    key >>= np.uint64(place_bits)
    new = np.ones(len(key), np.bool_)
    new[1:] = key[1:] != key[:-1]
    pair = key[new]
    first = (pair >> np.uint64(character_bits)).astype(np.uint32)
    second = (pair & np.uint64((1 << character_bits) - 1)).astype(np.uint32)
    term = np.cumsum(new, dtype=np.uint32) - np.uint32(1)
    text = np.repeat(np.arange(len(documents), dtype=np.uint32), text_sizes)[place]
    starts = np.cumsum(text_sizes, dtype=np.uint32) - text_sizes
    lists = positional_lists(term, documents[text], place - starts[text], len(pair))
    assert lists.positions is not None
    return first, second, lists.counts, lists.documents, lists.frequencies, lists.positions
