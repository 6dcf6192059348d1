"""Posting lists kept decoded for compiled searches, of the terms that are in most queries.

All lie in one array: the documents of a list, then its frequencies where any is above 1. When it is
full, another one begins; searches that still read the old one keep it. Decoding a long list costs more
than all else that a search does with it. Raises ImportError where numba is missing.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from struct import Struct
from typing import NamedTuple

import numpy as np
from numba import types

from searchsvc.evaluation.compiled_tables import NEW_DOCUMENTS
from searchsvc.evaluation.types import Documents
from searchsvc.postings.compiled_lists import (
    BYTES,
    NUMBER,
    Bytes,
    read_ascending,
    read_frequencies,
)
from searchsvc.postings.compiling import compiled

DECODED_FROM = 512
"""Documents from which on a list is kept; shorter ones are decoded each time."""

LEAST_ROOM = 1 << 22
ROOM_SHARE = 12
"""Numbers that are kept for a segment: 16 MB, or 48 bytes a document if that is more."""

NOWHERE = Struct("=q").pack(-1)
_MISSING = b""

_pack_place = Struct("=q").pack
_unpack_list = Struct("=4q").unpack_from


class Row(NamedTuple):
    """A posting list as a row of ``compiled_tables`` without its last word, PLACE.

    ``list_id`` is the first byte of its documents, -1 where it is too short to be kept.
    """

    words: bytes
    list_id: int


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
    """The decoded lists of one segment; safe to use from several threads."""

    def __init__(self, data: Bytes, universe: int) -> None:
        self.data = data
        self._universe = universe
        self._room = max(LEAST_ROOM, ROOM_SHARE * universe)
        self._state: tuple[Documents, dict[int, bytes]] = (np.empty(self._room, np.uint32), {})
        self._used = 0
        self._asked: set[int] = set()
        self._lock = threading.Lock()

    def place(self, rows: Sequence[Row], *, all_read: bool) -> tuple[Documents, list[bytes]]:
        """The array, and the rows' words, each followed by its place.

        Lists that are ``all_read`` are decoded here, others when they are asked for again.
        """
        decoded, words, missing = self._placed(rows, all_read)
        if missing:
            self._decode_missing(rows)
            decoded, words, _ = self._placed(rows, all_read)
        return decoded, words

    def _placed(self, rows: Sequence[Row], all_read: bool) -> tuple[Documents, list[bytes], bool]:
        """What ``place`` gives as things are, and whether lists are to be decoded."""
        decoded, places = self._state
        words: list[bytes] = []
        missing = False
        for row in rows:
            place = NOWHERE if row.list_id < 0 else places.get(row.list_id, _MISSING)
            if place is _MISSING:
                place = NOWHERE
                missing = missing or all_read or row.list_id in self._asked
                self._asked.add(row.list_id)
            words += (row.words, place)
        return decoded, words, missing

    def _decode_missing(self, rows: Sequence[Row]) -> None:
        """Decodes the lists that are not."""
        with self._lock:
            if len(self._asked) > LEAST_ROOM >> 6:
                self._asked = set()
            for row in rows:
                decoded, places = self._state
                if row.list_id < 0 or row.list_id in places:
                    continue
                documents, count, frequencies, total = _unpack_list(row.words)
                size = 2 * count if total > count else count
                if size > self._room // 4:
                    continue
                if self._used + size > self._room:
                    decoded, places = self._state = (np.empty(self._room, np.uint32), {})
                    self._used = 0
                _decode(
                    self.data, decoded, self._used, self._universe,
                    documents, count, frequencies, total,
                )  # fmt: skip
                places[row.list_id] = _pack_place(self._used)
                self._used += size
