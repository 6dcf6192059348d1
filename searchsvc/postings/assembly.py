"""Putting a segment together: the postings of several sources, in document order, become one file.

Sources are the sorted runs of a writer (``runs``) or open segments (``merging``). They are merged
range by range of terms, each range some million postings, so that memory hangs on the number of
distinct terms and of documents, not on that of postings or of sources.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.bits import Integers, ragged_arange
from searchsvc.postings.container import ContainerWriter
from searchsvc.postings.dictionary import encode_dictionary
from searchsvc.postings.lists import Lists, Unsigned, encode_lists
from searchsvc.postings.places import PlaceArrays
from searchsvc.postings.terms import TermTable, join_terms, merge_terms

STEP: Final = 1_500_000
"""Postings and positions joined and encoded at a time (about 100 MB)."""

SAMPLE: Final = 256
"""Every so many terms of a source a range may end."""


class ListSource(Protocol):
    """Sorted terms and their posting lists, with the documents' numbers in the new segment."""

    @property
    def terms(self) -> TermTable:
        """The terms, sorted."""

    def weights_before(self, numbers: Integers) -> Integers:
        """About how many postings and positions the lists before each of these terms have."""

    def lists(self, start: int, stop: int) -> Lists:
        """The lists of a range of terms; a list may be empty (all its documents deleted)."""

    def release(self) -> None:
        """Gives mapped pages back that were read so far."""


@dataclass(frozen=True, slots=True)
class FieldInput:
    """What one field of the new segment is made of.

    ``sources`` hold ascending, disjoint documents. ``lengths`` (n_documents,) tokens of each, None
    for a field without; ``slots`` (n_documents,) width of the position slots, None without
    positions; ``column`` whether its terms are also a keyword column.
    """

    name: str
    sources: Sequence[ListSource]
    lengths: Unsigned | None
    slots: Unsigned | None
    column: bool


@dataclass(slots=True)
class SegmentMetadata:
    """What the container's directory says about the segment."""

    n_documents: int
    record_form: str
    fields: dict[str, dict[str, int]] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)


def write_column(
    container: ContainerWriter, metadata: SegmentMetadata, name: str, values: NDArray[Any]
) -> None:
    """Writes a column of numbers, one per document."""
    container.add(f"columns/{name}/values", values)
    metadata.columns[name] = "number"


def write_field(container: ContainerWriter, metadata: SegmentMetadata, content: FieldInput) -> None:
    """Writes a field: lists, dictionary, lengths and keyword column. Nothing where it is empty."""
    starts = _position_starts(content.slots)
    prefix = f"fields/{content.name}/"
    container.begin(prefix + "lists", np.dtype(np.uint8))
    tables, sizes, entries = [], [], []
    n_terms = 0
    for terms, lists in _ranges(content.sources):
        data, list_sizes = encode_lists(lists, metadata.n_documents, starts)
        container.append(data)
        sizes.append(list_sizes)
        tables.append(terms)
        if content.column:
            ordinals = np.repeat(n_terms + np.arange(len(terms)), lists.counts)
            entries.append(_pairs(lists.documents, ordinals))
        n_terms += len(terms)
    none = np.zeros(0, np.int64)
    for part, array in _term_arrays(join_terms(tables)).items():
        container.add(prefix + part, array)
    places = PlaceArrays.of(np.concatenate([none, *sizes]))
    for part in ("bases", "sizes", "large", "large_sizes"):
        container.add(prefix + part, getattr(places, part))
    if starts is not None:
        container.add(prefix + "position_starts", starts)
    description = {"n_terms": n_terms, "n_tokens": 0, "n_having": 0, "longest": 0}
    if content.lengths is not None:
        container.add(prefix + "lengths", content.lengths)
        description["n_tokens"] = int(content.lengths.sum(dtype=np.int64))
        description["n_having"] = int(np.count_nonzero(content.lengths))
        description["longest"] = int(content.lengths.max(initial=0))
    metadata.fields[content.name] = description
    if content.column:
        _write_keywords(container, metadata, content.name, entries)


def _term_arrays(terms: TermTable) -> dict[str, NDArray[Any]]:
    dictionary = encode_dictionary(terms)
    return {
        "keys": dictionary.keys,
        "blocks": dictionary.blocks,
        "entries": dictionary.entries,
    }


def _position_starts(slots: Unsigned | None) -> Unsigned | None:
    if slots is None:
        return None
    starts = np.zeros(len(slots) + 1, np.int64)
    np.cumsum(slots, out=starts[1:])
    if starts[-1] >= 2**32:
        raise OverflowError("a segment holds at most 4,294,967,295 positions a field")
    return starts.astype(np.uint32)


def _ranges(sources: Sequence[ListSource]) -> Iterator[tuple[TermTable, Lists]]:
    """The merged terms that have documents, with their lists, range by range."""
    low = [0] * len(sources)
    for cut in [*_cuts(sources), None]:
        high = [
            len(source.terms) if cut is None else bisect_left(source.terms, cut, first)
            for source, first in zip(sources, low, strict=True)
        ]
        ranges = list(zip(sources, low, high, strict=True))
        terms, numbers = merge_terms([s.terms.part(first, stop) for s, first, stop in ranges])
        parts = [
            (of_source, source.lists(first, stop))
            for of_source, (source, first, stop) in zip(numbers, ranges, strict=True)
            if first < stop
        ]
        if parts:
            lists, held = _joined(parts, len(terms))
            if len(held):
                yield terms if len(held) == len(terms) else terms.take(held), lists
        for source in sources:
            source.release()
        low = high


def _cuts(sources: Sequence[ListSource]) -> list[bytes]:
    """Terms that divide the lists of all sources into ranges of about ``STEP`` postings."""
    samples: list[tuple[bytes, int]] = []
    for source in sources:
        numbers = np.arange(SAMPLE, len(source.terms), SAMPLE)
        weights = np.diff(source.weights_before(numbers), prepend=0)
        terms = map(source.terms.__getitem__, numbers.tolist())
        samples += zip(terms, weights.tolist(), strict=True)
        source.release()
    cuts = []
    weight = 0
    for term, of_sample in sorted(samples):
        weight += of_sample
        if weight >= STEP:
            cuts.append(term)
            weight = 0
    return cuts


def _joined(parts: Sequence[tuple[Integers, Lists]], n_terms: int) -> tuple[Lists, Integers]:
    """The joined lists of the merged terms that have documents, and the numbers of these terms.

    A part gives the merged numbers of its terms, and their lists.
    """
    counts = np.zeros(n_terms, np.int64)
    for term, lists in parts:
        counts[term] += lists.counts
    held = np.flatnonzero(counts)
    if len(parts) == 1:
        only = parts[0][1]
        return Lists(counts[held], only.documents, only.frequencies, only.positions), held
    targets = _targets([(term, lists.counts) for term, lists in parts], counts)
    documents = np.empty(int(counts.sum()), np.uint32)
    frequencies = np.empty(len(documents), np.uint32)
    for target, (_, lists) in zip(targets, parts, strict=True):
        documents[target] = lists.documents
        frequencies[target] = lists.frequencies
    positions = _joined_positions(parts, len(counts))
    return Lists(counts[held], documents, frequencies, positions), held


def _joined_positions(parts: Sequence[tuple[Integers, Lists]], n_terms: int) -> Unsigned | None:
    if not parts or parts[0][1].positions is None:
        return None
    totals = [(term, _list_sums(lists.frequencies, lists.counts)) for term, lists in parts]
    counts = np.zeros(n_terms, np.int64)
    for term, sums in totals:
        counts[term] += sums
    positions = np.empty(int(counts.sum()), np.uint32)
    for target, (_, lists) in zip(_targets(totals, counts), parts, strict=True):
        if lists.positions is not None:
            positions[target] = lists.positions
    return positions


def _targets(parts: Sequence[tuple[Integers, Integers]], counts: Integers) -> Iterator[Integers]:
    """Where each part's elements go; a part gives terms and how many elements each has."""
    cursor = np.cumsum(counts) - counts
    for term, of_part in parts:
        yield np.repeat(cursor[term], of_part) + ragged_arange(of_part)
        cursor[term] += of_part


def _list_sums(values: Unsigned, counts: Integers) -> Integers:
    """The sum of each list's values; 0 for empty lists."""
    sums = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=sums[1:])
    ends = np.cumsum(counts)
    return np.asarray(sums[ends] - sums[ends - counts])


def _pairs(documents: Unsigned, ordinals: Integers) -> NDArray[np.uint64]:
    """Document and ordinal as one number each, which sorts by document, then by ordinal."""
    return documents.astype(np.uint64) << np.uint64(32) | ordinals.astype(np.uint64)


def _write_keywords(
    container: ContainerWriter,
    metadata: SegmentMetadata,
    name: str,
    entries: Sequence[NDArray[np.uint64]],
) -> None:
    """Writes which terms each document has: an ordinal each, or pairs where one has several."""
    pairs = np.concatenate([np.zeros(0, np.uint64), *entries])
    pairs.sort()
    documents = (pairs >> np.uint64(32)).astype(np.uint32)
    ordinals = pairs.astype(np.uint32)
    metadata.columns[name] = "keyword"
    if len(documents) and (documents[1:] == documents[:-1]).any():
        container.add(f"columns/{name}/documents", documents)
        container.add(f"columns/{name}/ordinals", ordinals)
        return
    values = np.full(metadata.n_documents, -1, np.int32)
    values[documents] = ordinals
    smallest = np.min_scalar_type(-1 - int(ordinals.max(initial=0)))
    container.add(f"columns/{name}/values", values.astype(smallest))
