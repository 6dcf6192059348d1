"""Gathering postings in memory, and sorting them into runs.

A ``FieldAccumulator`` takes one field's terms of many documents at once; ``sorted_run`` gives what it
gathered in term order and empties it. Runs go to a temporary container (``write_run``), from which
``FieldRun`` reads them back when the segment is assembled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.batches import CountsColumn, posting_arrays, sums
from searchsvc.postings.bits import Integers
from searchsvc.postings.container import Container, ContainerWriter
from searchsvc.postings.lists import Lists, Unsigned
from searchsvc.postings.terms import TermTable, sort_terms, utf8_sizes


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text as tokens: ``terms`` in order, with their ascending ``positions``.

    ``length`` is the field length that ranking counts with; None: the number of tokens.
    """

    terms: Sequence[str] | Sequence[bytes]
    positions: NDArray[np.uint32] | Sequence[int]
    length: int | None = None


class FieldAccumulator:
    """The postings of one field in the making. Documents must come in ascending order.

    ``size`` counts what has been gathered since the last run: postings, or tokens of a field with
    positions.
    """

    def __init__(self, with_positions: bool) -> None:
        self._with_positions = with_positions
        self._clear()

    def _clear(self) -> None:
        vocabulary: defaultdict[Any, int] = defaultdict()
        vocabulary.default_factory = vocabulary.__len__
        self._vocabulary = vocabulary
        self._terms: list[Unsigned] = []
        self._values: list[Unsigned] = []
        self._documents: list[Unsigned] = []
        self._sizes: list[Unsigned] = []
        self.size = 0

    def add_counts(self, documents: Unsigned, counts: Sequence[Mapping[Any, int]]) -> Integers:
        """Takes documents' terms with their frequencies; gives the documents' lengths."""
        sizes, terms, values = posting_arrays(counts, self._vocabulary.__getitem__)
        self._add(documents, sizes, terms, values)
        return sums(values, sizes)

    def add_column(self, first: int, column: CountsColumn) -> Integers:
        """Takes a column whose document 0 is ``first``; gives the documents' lengths."""
        number = self._vocabulary.__getitem__
        numbers = np.fromiter(map(number, column.terms), np.uint32, len(column.terms))
        self._add(
            column.documents + np.uint32(first),
            column.sizes,
            numbers[column.numbers],
            column.frequencies,
        )
        return sums(column.frequencies, column.sizes)

    def add_tokens(self, documents: Unsigned, tokens: Sequence[Tokens]) -> Integers:
        """Takes documents' tokens; gives the widths of their position slots.

        Raises ValueError where tokens lack a position each, in ascending order.
        """
        sizes = np.fromiter([len(of_one.terms) for of_one in tokens], np.uint32, len(tokens))
        places = [np.asarray(of_one.positions, np.uint32) for of_one in tokens]
        values = np.concatenate(places)
        owners = np.repeat(np.arange(len(tokens)), sizes)
        if [len(of_one) for of_one in places] != sizes.tolist() or (
            (values[1:] < values[:-1]) & (owners[1:] == owners[:-1])
        ).any():
            raise ValueError("tokens need one position each, in ascending order")
        every = chain.from_iterable([of_one.terms for of_one in tokens])
        number = self._vocabulary.__getitem__
        self._add(documents, sizes, np.fromiter(map(number, every), np.uint32, len(values)), values)
        return slots(values, sizes)

    def _add(self, documents: Unsigned, sizes: Unsigned, terms: Unsigned, values: Unsigned) -> None:
        self._documents.append(documents)
        self._sizes.append(sizes)
        self._terms.append(terms)
        self._values.append(values)
        self.size += len(terms)

    def sorted_run(self) -> tuple[TermTable, Lists]:
        """What was gathered, by term, document and position; the accumulator is empty afterwards."""
        table = _table(list(self._vocabulary))
        order, _ = sort_terms(table)
        rank = np.empty(len(order), np.uint64)
        rank[order] = np.arange(len(order), dtype=np.uint64)
        key = rank[np.concatenate(self._terms)]
        self._terms.clear()
        key <<= np.uint64(32)
        key |= np.arange(len(key), dtype=np.uint64)
        key.sort()
        element = key.astype(np.uint32)
        term = (key >> np.uint64(32)).astype(np.uint32)
        del key
        of_posting = np.repeat(np.concatenate(self._documents), np.concatenate(self._sizes))
        documents = of_posting[element]
        del of_posting
        values = np.concatenate(self._values)[element]
        self._clear()
        sorted_table = table.take(order)
        if not self._with_positions:
            return sorted_table, Lists(_counts(term, len(order)), documents, values, None)
        return sorted_table, positional_lists(term, documents, values, len(order))


def slots(positions: Unsigned, sizes: Unsigned) -> Integers:
    """The width of each document's position slot; 0 where it has no positions."""
    ends = np.cumsum(sizes, dtype=np.int64)
    widths = np.zeros(len(sizes), np.int64)
    held = sizes > 0
    widths[held] = positions[ends[held] - 1].astype(np.int64) + 2
    return widths


def positional_lists(
    term: Unsigned, documents: Unsigned, positions: Unsigned, n_terms: int
) -> Lists:
    """The lists of tokens that are sorted by term, document and position."""
    new = np.ones(len(term), np.bool_)
    new[1:] = (term[1:] != term[:-1]) | (documents[1:] != documents[:-1])
    first = np.flatnonzero(new)
    frequencies = np.diff(first, append=len(term)).astype(np.uint32)
    return Lists(_counts(term[first], n_terms), documents[first], frequencies, positions)


def _table(terms: Sequence[Any]) -> TermTable:
    """The table of texts or bytes, in their order."""
    try:
        text = "".join(terms)
    except TypeError:  # bytes among them
        return TermTable.of([t if isinstance(t, bytes) else t.encode() for t in terms])
    codes = np.frombuffer(text.encode("utf-32-le"), "<u4")
    running = np.zeros(len(codes) + 1, np.int64)
    np.cumsum(utf8_sizes(codes), out=running[1:])
    starts = np.zeros(len(terms) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, terms), np.int64, len(terms)), out=starts[1:])
    return TermTable(np.frombuffer(text.encode(), np.uint8), running[starts])


def _counts(term: Unsigned, n_terms: int) -> Integers:
    return np.bincount(term, minlength=n_terms).astype(np.int64)


_PARTS = (
    "terms", "term_starts", "list_starts", "occurrence_starts", "documents", "frequencies",
)  # fmt: skip


def write_run(container: ContainerWriter, name: str, table: TermTable, lists: Lists) -> None:
    """Writes a field's sorted run."""
    run = FieldRun.of(table, lists)
    container.add(f"{name}/terms", table.data)
    container.add(f"{name}/term_starts", table.starts)
    container.add(f"{name}/list_starts", run.list_starts)
    container.add(f"{name}/occurrence_starts", run.occurrence_starts)
    container.add(f"{name}/documents", lists.documents)
    container.add(f"{name}/frequencies", lists.frequencies)
    if lists.positions is not None:
        container.add(f"{name}/positions", lists.positions)


@dataclass(frozen=True, slots=True)
class FieldRun:
    """One field of a run, as a source for assembly.

    ``list_starts`` and ``occurrence_starts`` (n_terms + 1,) say where each term's documents and
    positions begin; ``container`` is where the arrays are mapped from, if they are.
    """

    terms: TermTable
    list_starts: Integers
    occurrence_starts: Integers
    documents: Unsigned
    frequencies: Unsigned
    positions: Unsigned | None
    container: Container | None = None

    @classmethod
    def of(cls, table: TermTable, lists: Lists) -> FieldRun:
        """A run in memory."""
        list_starts = _starts(lists.counts)
        occurrence_starts = list_starts
        if lists.positions is not None:
            occurrence_starts = _starts(lists.frequencies)[list_starts]
        return cls(
            table, list_starts, occurrence_starts, lists.documents, lists.frequencies,
            lists.positions,
        )  # fmt: skip

    @classmethod
    def read(cls, container: Container, name: str) -> FieldRun | None:
        """A run that was written; None where it lacks the field. What was checked of it is mapped
        again a range at a time.
        """
        if f"{name}/terms" not in container:
            return None
        terms, starts, list_starts, occurrence_starts, documents, frequencies = (
            container.array(f"{name}/{part}") for part in _PARTS
        )
        place = f"{name}/positions"
        positions = container.array(place) if place in container else None
        container.release()
        return cls(
            TermTable(terms, starts),
            list_starts,
            occurrence_starts,
            documents,
            frequencies,
            positions,
            container,
        )

    def weights_before(self, numbers: Integers) -> Integers:
        """How many postings and positions the lists before each of these terms have."""
        return np.asarray(self.list_starts[numbers] + self.occurrence_starts[numbers])

    def lists(self, start: int, stop: int) -> Lists:
        """The lists of a range of terms."""
        low, high = self.list_starts[start], self.list_starts[stop]
        positions = self.positions
        if positions is not None:
            positions = positions[self.occurrence_starts[start] : self.occurrence_starts[stop]]
        counts = np.diff(self.list_starts[start : stop + 1])
        return Lists(counts, self.documents[low:high], self.frequencies[low:high], positions)

    def release(self) -> None:
        """Gives mapped pages back."""
        if self.container is not None:
            self.container.release()


def _starts(counts: NDArray[np.int64] | Unsigned) -> Integers:
    starts = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts
