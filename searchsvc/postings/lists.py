"""Posting lists as bytes: how the documents, frequencies and positions of a term are stored.

One list is, without gaps::

    header       varint: 2 * document frequency + (1 where a frequency is over 1);
                 in that case a second varint: collection frequency - document frequency
    documents    a bit per document of the segment where more than a quarter hold the term,
                 else Elias-Fano
    frequencies  only with the second varint: unary, a bit per occurrence, set at the last one of
                 each document
    positions    only in fields with positions: Elias-Fano over the list's own position space, which
                 is the position slots of its documents, one after the other

A document's position slot is as wide as its highest position, and two more. The own space makes
positions a third smaller than counting over the whole segment (news corpus: 42 MB, not 65).
``encode_lists`` and ``decode_lists`` treat many lists at once, for writing, merging and prefix
queries; ``ListReader`` reads single lists for queries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings import elias_fano
from searchsvc.postings.bits import Bytes, Integers, ragged_take, set_bits
from searchsvc.postings.varints import read_varint, read_varints, varint_sizes, write_varints

try:
    from searchsvc.postings.compiled_lists import read_ascending, read_frequencies, read_positions
except ImportError:  # without numba
    from searchsvc.postings.plain_lists import read_ascending, read_frequencies, read_positions

Unsigned = NDArray[np.uint32]


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
    counts = lists.counts
    totals = _sums(lists.frequencies, counts)
    layout = _Layout(counts, totals, n_documents, _spaces(lists, position_starts))
    sizes = layout.sizes()
    starts = np.cumsum(sizes) - sizes
    places = layout.places(starts)
    marks = [layout.documents.marks(places.documents, lists.documents)]
    repeated = np.repeat(layout.repeated, counts)
    last = ragged_ends(lists.frequencies.astype(np.int64), counts) - 1
    marks.append((np.repeat(8 * places.frequencies, counts) + last)[repeated])
    if layout.positions and lists.positions is not None and position_starts is not None:
        values = lists.positions + np.repeat(
            _own_starts(lists.documents, counts, position_starts), lists.frequencies
        ).astype(np.uint32)
        marks.append(layout.positions.marks(places.positions, values))
    bits = np.zeros(8 * int(sizes.sum()), np.bool_)
    for mark in marks:
        bits[mark] = True
    data = np.packbits(bits, bitorder="little")
    del bits, marks
    write_varints(data, starts, layout.header)
    write_varints(data, places.excess, (totals - counts)[layout.repeated])
    layout.documents.write_low(data, places.documents, lists.documents)
    if layout.positions:
        layout.positions.write_low(data, places.positions, values)
    return data, sizes


def decode_lists(
    data: Bytes, starts: Integers, n_documents: int, position_starts: Unsigned | None
) -> Lists:
    """The lists stored at the given places."""
    header, header_size = read_varints(data, starts)
    counts, repeated = header >> 1, (header & 1).astype(np.bool_)
    totals = counts.copy()
    excess, _ = read_varints(data, (starts + header_size)[repeated])
    totals[repeated] += excess
    layout = _Layout(counts, totals, n_documents, None)
    places = layout.places(starts)
    documents = layout.documents.read(data, places.documents)
    frequencies = np.ones(len(documents), np.uint32)
    if len(excess):
        sizes = (totals[repeated] + 7) >> 3
        ends = set_bits(ragged_take(data, places.frequencies[repeated], sizes))
        of = counts[repeated]
        ends -= np.repeat(8 * (np.cumsum(sizes) - sizes), of)
        gaps = np.diff(ends, prepend=-1)
        first = np.cumsum(of) - of
        gaps[first] = ends[first] + 1
        frequencies[np.repeat(repeated, counts)] = gaps
    if position_starts is None:
        return Lists(counts, documents, frequencies, None)
    spaces = _sums(_slots(documents, position_starts), counts)
    coded = elias_fano.Layout.of(spaces, totals, dense=False)
    values = coded.read(data, places.frequencies + layout.frequency_sizes)
    own = _own_starts(documents, counts, position_starts)
    positions = values - np.repeat(own, frequencies).astype(np.uint32)
    return Lists(counts, documents, frequencies, positions)


@dataclass(frozen=True, slots=True)
class _Places:
    """First bytes of the parts of many lists; ``excess`` only of those that have it."""

    excess: Integers
    documents: Integers
    frequencies: Integers
    positions: Integers


class _Layout:
    """The sizes of the parts of many lists."""

    def __init__(
        self, counts: Integers, totals: Integers, n_documents: int, spaces: Integers | None
    ) -> None:
        self.repeated = totals > counts
        self.header = 2 * counts + self.repeated
        self.excess_sizes = np.where(self.repeated, varint_sizes(totals - counts), 0)
        self.header_sizes = varint_sizes(self.header)
        universe = np.full(len(counts), n_documents, np.int64)
        self.documents = elias_fano.Layout.of(universe, counts, dense=True)
        self.frequency_sizes = np.where(self.repeated, (totals + 7) >> 3, 0)
        self.positions = None
        if spaces is not None:
            self.positions = elias_fano.Layout.of(spaces, totals, dense=False)

    def sizes(self) -> Integers:
        """Bytes of each list."""
        sizes = self.header_sizes + self.excess_sizes + self.frequency_sizes
        sizes += self.documents.sizes
        return sizes + self.positions.sizes if self.positions else sizes

    def places(self, starts: Integers) -> _Places:
        """Where the parts lie in lists with these first bytes."""
        excess = starts + self.header_sizes
        documents = excess + self.excess_sizes
        frequencies = documents + self.documents.sizes
        positions = frequencies + self.frequency_sizes
        return _Places(excess[self.repeated], documents, frequencies, positions)


class ListHead(NamedTuple):
    """Document frequency, collection frequency, first bytes of documents and frequencies."""

    n_documents: int
    n_occurrences: int
    documents: int
    frequencies: int


class ListReader:
    """Reads single lists of one field: first the head, then what is asked for."""

    def __init__(self, data: Bytes, n_documents: int, position_starts: Unsigned | None) -> None:
        self._data = data
        self._view = data.data
        self._n_documents = n_documents
        self._position_starts = position_starts

    def head(self, place: int) -> ListHead:
        """What the header of the list that begins at this byte says."""
        header, place = read_varint(self._view, place)
        count = total = header >> 1
        if header & 1:
            excess, place = read_varint(self._view, place)
            total += excess
        behind = place + elias_fano.size(count, self._n_documents, dense=True)
        return ListHead(count, total, place, behind)

    def documents(self, head: ListHead) -> Unsigned:
        """The documents, ascending."""
        return read_ascending(self._data, head.documents, head.n_documents, self._n_documents, True)

    def frequencies(self, head: ListHead) -> Unsigned | None:
        """The frequencies aligned with the documents; None where all are 1."""
        if head.n_occurrences == head.n_documents:
            return None
        return read_frequencies(self._data, head.frequencies, head.n_documents, head.n_occurrences)

    def positions(self, head: ListHead) -> Unsigned | None:
        """Global positions, ascending; None in a field without."""
        starts = self._position_starts
        if starts is None:
            return None
        documents = self.documents(head)
        return read_positions(self._data, head.frequencies, documents, head.n_occurrences, starts)


def ragged_ends(values: Integers, counts: Integers) -> Integers:
    """Running sums of the values, begun anew in every list."""
    sums: Integers = np.cumsum(values)
    firsts = np.cumsum(counts) - counts
    sums -= np.repeat(np.where(firsts > 0, sums[firsts - 1], 0), counts)
    return sums


def _sums(values: NDArray[Any], counts: Integers) -> Integers:
    """The sum of each list's values."""
    if not len(counts):
        return np.zeros(0, np.int64)
    sums: Integers = np.add.reduceat(values, np.cumsum(counts) - counts, dtype=np.int64)
    return sums


def _slots(documents: Unsigned, position_starts: Unsigned) -> Integers:
    """The width of each document's position slot."""
    slots = position_starts.take(documents + np.uint32(1)).astype(np.int64)
    slots -= position_starts.take(documents)
    return slots


def _own_starts(documents: Unsigned, counts: Integers, position_starts: Unsigned) -> Integers:
    """Where each document's slot begins in the position space of its list."""
    slots = _slots(documents, position_starts)
    starts = ragged_ends(slots, counts)
    starts -= slots
    return starts


def _spaces(lists: Lists, position_starts: Unsigned | None) -> Integers | None:
    if position_starts is None:
        return None
    return _sums(_slots(lists.documents, position_starts), lists.counts)
