"""Posting lists kept decoded for compiled searches, of the terms that are in most queries.

All lie in one array: the documents of a list, then its frequencies where any is above 1. A list that
is asked for a second time is put there. When the array is full, another one begins; searches that
still read the old one keep it. Decoding a long list costs more than all else that a search does with
it. Raises ImportError where numba is missing.
"""

from __future__ import annotations

import threading
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from searchsvc.evaluation.compiled_tables import (
    COUNT,
    DOCUMENTS,
    FREQUENCIES,
    NEW_DOCUMENTS,
    TOTAL,
    Table,
)
from searchsvc.evaluation.compiled_terms import DECODED_FROM, DECODED_TO, MARKS, Marks, place_of
from searchsvc.evaluation.types import Documents
from searchsvc.postings.compiled_lists import (
    BYTES,
    NUMBER,
    Bytes,
    read_ascending,
    read_frequencies,
)
from searchsvc.postings.compiling import bare, compiled

LEAST_ROOM = 1 << 23
ROOM_SHARE = 12
"""Numbers that are kept for a segment: 32 MB, or 48 bytes a document if that is more."""


class State(NamedTuple):
    """The array, and a hash table of 64-bit words: first byte of a list in the file, its place.

    Slots that are free are below zero; at least half of them are. Places are only ever added.
    """

    decoded: Documents
    places: NDArray[np.int64]


@bare(types.void(types.int64[::1], NUMBER, NUMBER))
def _put_place(places: NDArray[np.int64], list_id: int, place: int) -> None:
    """Adds a list to a hash table that is looked up by ``place_of`` all the while."""
    slots = places.size >> 1
    slot = (list_id * 0x9E3779B1 >> 7) & (slots - 1)
    while places[2 * slot] >= 0:
        slot = (slot + 1) & (slots - 1)
    places[2 * slot + 1] = place
    places[2 * slot] = list_id


@compiled(types.void(BYTES, NEW_DOCUMENTS, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER))
def _decode(
    data: Bytes,
    decoded: Documents,
    place: int,
    universe: int,
    documents: int,
    count: int,
    frequencies: int,
    total: int,
) -> None:
    """Decodes a list into ``decoded`` from ``place`` on."""
    decoded[place : place + count] = read_ascending(data, documents, count, universe, True)
    if total > count:
        own = read_frequencies(data, frequencies, count, total)
        decoded[place + count : place + 2 * count] = own


class DecodedLists:
    """The decoded lists of one segment, whose file is ``data``; safe to use from several threads.

    ``marks`` are those of lists that were asked for; two threads may well write them at once.
    """

    def __init__(self, data: Bytes, universe: int) -> None:
        self.data = data
        self.marks: Marks = np.zeros(MARKS, np.uint8)
        self._universe = universe
        self._room = max(LEAST_ROOM, ROOM_SHARE * universe)
        self._lock = threading.Lock()
        self._used = self._room  # nothing is allocated before a list is kept
        self.state = State(np.empty(self._room, np.uint32), np.full(2, -1, np.int64))

    def _begin(self) -> None:
        """Begins with an empty array."""
        most = self._room // DECODED_FROM
        slots = 1 << (2 * most + 2).bit_length()
        self.state = State(np.empty(self._room, np.uint32), np.full(2 * slots, -1, np.int64))
        self._used = 0

    def keep(self, terms: Table) -> None:
        """Decodes the lists of these rows, as far as they are long and there is room for them."""
        with self._lock:
            for row in terms.tolist():
                list_id, count, total = row[DOCUMENTS], row[COUNT], row[TOTAL]
                size = 2 * count if total > count else count
                fits = DECODED_FROM <= count <= min(DECODED_TO, self._room // 2)
                if not fits or place_of(self.state.places, list_id) >= 0:
                    continue
                if self._used + size > self._room:
                    self._begin()
                decoded, places = self.state
                _decode(
                    self.data, decoded, self._used, self._universe,
                    list_id, count, row[FREQUENCIES], total,
                )  # fmt: skip
                _put_place(places, list_id, self._used)
                self._used += size
