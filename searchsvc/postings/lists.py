"""Posting lists as bytes: how the documents, frequencies and positions of a term are stored.

One list is, without gaps::

    header       varint: 2 * document frequency + (1 where a frequency is over 1);
                 in that case a second varint: collection frequency - document frequency
    documents    a bit per document of the segment where more than a quarter hold the term,
                 else Elias-Fano
    frequencies  only with the second varint: unary, a bit per occurrence, set at the last one of
                 each document
    positions    only in fields with positions: phase-in codes, see ``phase_in``; a position is below
                 its document's bound, the highest position and one more

``encode_lists`` and ``decode_lists`` treat many lists at once, for writing, merging and prefix
queries; ``ListReader`` reads single lists for queries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings import elias_fano
from searchsvc.postings.bits import Bytes, Integers
from searchsvc.postings.varints import MOST_BYTES, read_varint

try:
    from searchsvc.postings.compiled_decoding import decode
    from searchsvc.postings.compiled_encoding import encode
    from searchsvc.postings.compiled_lists import read_ascending, read_frequencies
    from searchsvc.postings.compiled_phase_in import read_positions
except ImportError:  # without numba
    from searchsvc.postings.plain_batches import decode, encode
    from searchsvc.postings.plain_lists import read_ascending, read_frequencies, read_positions

Unsigned = NDArray[np.uint32]

MOST_HEADER: Final = 2 * MOST_BYTES
"""Bytes that the header of a list takes at most."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Posting lists, one after the other, each with at least one document.

    ``counts`` (n_lists,) document frequencies; ``documents`` ascending in each list;
    ``frequencies`` aligned with them; ``positions`` (sum of frequencies,) within the document,
    ascending there, None in a field without.
    """

    counts: Integers
    documents: Unsigned
    frequencies: Unsigned
    positions: Unsigned | None


def encode_lists(
    lists: Lists, n_documents: int, position_starts: Unsigned | None
) -> tuple[Bytes, Integers]:
    """The stored form of the lists, one after the other, and the size of each in bytes."""
    none = np.zeros(0, np.uint32)
    return encode(
        lists.counts,
        lists.documents,
        lists.frequencies,
        none if lists.positions is None else lists.positions,
        position_starts is not None,
        n_documents,
        none if position_starts is None else position_starts,
    )


def decode_lists(
    data: Bytes, places: Integers, n_documents: int, position_starts: Unsigned | None
) -> Lists:
    """The lists that begin at these bytes; without positions where no starts are given."""
    return Lists(*decode(data, places, n_documents, position_starts))


class ListHead(NamedTuple):
    """Document frequency, collection frequency, first bytes of documents and frequencies, and the
    byte behind the list."""

    n_documents: int
    n_occurrences: int
    documents: int
    frequencies: int
    stop: int

    @property
    def positions(self) -> int:
        """The first byte of the positions, or the one behind the list."""
        if self.n_occurrences == self.n_documents:
            return self.frequencies
        return self.frequencies + ((self.n_occurrences + 7) >> 3)


class ListReader:
    """Reads single lists of one field: first the head, then what is asked for."""

    def __init__(self, data: Bytes, n_documents: int) -> None:
        self._data = data
        self._view = data.data
        self._n_documents = n_documents

    def head(self, place: int, stop: int) -> ListHead:
        """What the header of the list from byte ``place`` to ``stop - 1`` says."""
        header, place = read_varint(self._view, place)
        count = total = header >> 1
        if header & 1:
            excess, place = read_varint(self._view, place)
            total += excess
        behind = place + elias_fano.size(count, self._n_documents, dense=True)
        return ListHead(count, total, place, behind, stop)

    def documents(self, head: ListHead) -> Unsigned:
        """The documents, ascending."""
        return read_ascending(self._data, head.documents, head.n_documents, self._n_documents, True)

    def frequencies(self, head: ListHead) -> Unsigned | None:
        """The frequencies aligned with the documents; None where all are 1."""
        if head.n_occurrences == head.n_documents:
            return None
        return read_frequencies(self._data, head.frequencies, head.n_documents, head.n_occurrences)

    def positions(self, head: ListHead, position_starts: Unsigned) -> Unsigned:
        """Global positions, ascending, in a field that has them."""
        documents = self.documents(head)
        return read_positions(
            self._data, head.frequencies, documents, head.n_occurrences, position_starts
        )
