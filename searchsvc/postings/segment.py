"""An open segment: ``arrays.SegmentArrays`` over a container file and its deletes.

Called by the codec, by evaluation and by merging. Everything is read on demand from mapped pages, and
made sure of before: small arrays and those that are read in any order as a whole when they are first
asked for, lists, their sizes, entries and records a slice at a time. An open segment stays readable when
a later commit removes its files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.cache import ArrayCache
from searchsvc.postings.container import Container, Part
from searchsvc.postings.dictionary import DictionaryArrays, TermDictionary
from searchsvc.postings.lists import MOST_HEADER, ListHead, ListReader, Lists, decode_lists
from searchsvc.postings.places import STRIDE, PlaceArrays
from searchsvc.postings.stored import StoredReader
from searchsvc.postings.terms import TermTable
from searchsvc.storage import Seal

try:
    from searchsvc.postings.compiled_checks import UNCHECKED
    from searchsvc.postings.compiled_lookup import find_list, list_head, mark_documents
    from searchsvc.postings.compiled_ranks import frequencies_at, positions_at, ranks_of
except (ImportError, RuntimeError):  # no numba, or no folder that it may keep its code in
    find_list = list_head = mark_documents = None  # type: ignore[assignment]
    from searchsvc.postings.plain_ranks import (
        frequencies_at,
        positions_at,
        ranks_of,
    )

CACHE_BYTES: Final = 16_777_216
"""Of decoded lists that an open segment keeps: those of the terms in most queries."""

CACHED_FROM: Final = 512
"""Occurrences from which on a list's decoded form is kept; shorter ones are decoded each time."""

MOST_HEADS: Final = 4_096
"""Terms and list heads that an open field remembers."""


LOOKED_UP: Final = (
    "keys", "blocks", "entries", "lists", "bases", "sizes", "large", "large_sizes",
)  # fmt: skip
"""The arrays by which ``compiled_lookup.find_list`` finds a list."""


class OpenField:
    """One inverted field; see ``arrays.FieldPostings``. ``n_tokens`` is the sum of its lengths."""

    def __init__(
        self,
        container: Container,
        name: str,
        n_documents: int,
        cache: ArrayCache,
    ) -> None:
        self._name = name
        self._cache = cache
        self._heads: dict[int, ListHead] = {}
        self._ordinals: dict[bytes, int] = {}
        description = container.metadata["fields"][name]
        self.n_terms: int = description["n_terms"]
        self.n_tokens: int = description["n_tokens"]
        self._n_documents = n_documents

        self._container = container
        self._prefix = f"fields/{name}/"
        self.longest: int = description["longest"]
        self.n_having: int = description["n_having"]

        def whole(part: str) -> NDArray[Any]:
            return container.array(self._prefix + part)

        entries = Part(container, self._prefix + "entries")
        self._dictionary = TermDictionary(
            DictionaryArrays(whole("keys"), whole("blocks"), entries.unchecked),
            self.n_terms,
            entries.hold,
        )
        self._sizes = Part(container, self._prefix + "sizes")
        self._places = PlaceArrays(
            whole("bases"), self._sizes.unchecked, whole("large"), whole("large_sizes")
        )
        self._lists = Part(container, self._prefix + "lists")
        self._data: NDArray[np.uint8] = self._lists.unchecked
        self._reader = ListReader(self._data, n_documents)
        self._layout = np.array(
            [container.extent(self._prefix + part) for part in LOOKED_UP], np.int64
        )
        self._lengths_byte, self._starts_byte = (
            container.place(array) if array in container else -1
            for array in (self._prefix + "lengths", self._prefix + "position_starts")
        )
        self.has_positions = self._starts_byte >= 0
        entries.hold_small()
        self._sizes.hold_small()
        if self._lengths_byte >= 0:
            Part(container, self._prefix + "lengths").hold_small()

    @cached_property
    def lengths(self) -> NDArray[np.uint32] | None:
        """(n_documents,) tokens of each document; None in a field without."""
        return self._container.array(self._prefix + "lengths") if self._lengths_byte >= 0 else None

    @cached_property
    def position_starts(self) -> NDArray[np.uint32] | None:
        """(n_documents + 1,) where each document's positions begin; None without positions."""
        if not self.has_positions:
            return None
        return self._container.array(self._prefix + "position_starts")

    def find(self, term: bytes) -> int:
        """The term's ordinal, -1 where the field lacks it."""
        ordinal = self._ordinals.get(term)
        if ordinal is None:
            if len(self._ordinals) >= MOST_HEADS:
                self._ordinals = {}
            ordinal = self._ordinals[term] = self._find(term)
        return ordinal

    def _find(self, term: bytes) -> int:
        """Looks the term up, and remembers the head of its list, which is asked for next."""
        if find_list is None:
            return self._dictionary.find(term)
        file, marks = self._container.file, self._container.marks
        wanted = np.frombuffer(term, np.uint8)
        while True:
            ordinal, *head = find_list(
                file, marks, self._layout, self.n_terms, self._n_documents, wanted
            )
            if ordinal != UNCHECKED:
                break
            self._container.hold_wanted()
        if ordinal >= 0:
            self._keep_head(ordinal, ListHead._make(head))
        return ordinal

    def term(self, ordinal: int) -> bytes:
        """The term with this ordinal."""
        return self._dictionary.term(ordinal)

    def range(self, low: bytes, high: bytes | None) -> tuple[int, int]:
        """Half-open ordinals of the terms with ``low <= term < high``; no ``high``: to the end."""
        start = self._dictionary.lower_bound(low)
        stop = self.n_terms if high is None else self._dictionary.lower_bound(high)
        return start, max(start, stop)

    def terms(self, start: int, stop: int) -> Sequence[bytes]:
        """The terms with ordinals ``start`` to ``stop - 1``."""
        return list(self._dictionary.terms(start, stop))

    def table(self) -> TermTable:
        """All terms at once."""
        return self._dictionary.table()

    def document_frequency(self, ordinal: int) -> int:
        """How many documents hold the term, deleted ones included."""
        return self._head(ordinal).n_documents

    def collection_frequency(self, ordinal: int) -> int:
        """The sum of the term's frequencies, deleted documents included."""
        return self._head(ordinal).n_occurrences

    def documents(self, ordinal: int) -> NDArray[np.uint32]:
        """Documents with the term, ascending, deleted ones included."""
        return self._decoded("documents", ordinal, self._reader.documents)

    def frequencies(self, ordinal: int) -> NDArray[np.uint32] | None:
        """Frequencies aligned with ``documents``; None where all are 1."""
        head = self._head(ordinal)
        if head.n_documents == head.n_occurrences:
            return None
        return self._decoded("frequencies", ordinal, self._reader.frequencies)

    def positions(self, ordinal: int) -> NDArray[np.uint32] | None:
        """Global positions, ascending; None without positions."""
        starts = self.position_starts
        if starts is None:
            return None
        self._hold_positions(self._head(ordinal))
        return self._decoded(
            "positions", ordinal, lambda head: self._reader.positions(head, starts)
        )

    def mark(self, start: int, stop: int, marks: NDArray[np.bool_]) -> None:
        """Sets ``marks``, (n_documents,), where a document has a term ``start`` to ``stop - 1``."""
        if start >= stop:
            return
        if mark_documents is None:
            marks[self.lists(start, stop).documents.astype(np.intp)] = True
            return
        self._hold_lists(start, stop)
        places = self._places
        arrays = (places.bases, places.sizes, places.large, places.large_sizes)
        mark_documents(self._data, *arrays, start, stop, marks)

    def ranks(self, ordinal: int, candidates: NDArray[np.uint32]) -> NDArray[np.int64]:
        """The index in ``documents`` of each ascending candidate, -1 where it lacks the term."""
        head = self._head(ordinal)
        return ranks_of(self._data, head.documents, head.n_documents, self._n_documents, candidates)

    def frequencies_at(self, ordinal: int, ranks: NDArray[np.int64]) -> NDArray[np.uint32] | None:
        """``frequencies`` of the postings with these ascending indices; None where all are 1."""
        head = self._head(ordinal)
        if head.n_documents == head.n_occurrences:
            return None
        return frequencies_at(self._data, head.frequencies, head.n_occurrences, ranks)

    def positions_at(self, ordinal: int, ranks: NDArray[np.int64]) -> NDArray[np.uint32] | None:
        """``positions`` of the postings with these ascending indices; None without positions."""
        starts = self.position_starts
        if starts is None:
            return None
        head = self._head(ordinal)
        self._hold_positions(head)
        return positions_at(
            self._data,
            head.documents,
            head.frequencies,
            head.n_documents,
            head.n_occurrences,
            self._n_documents,
            starts,
            ranks,
        )

    def words(self, *, scored: bool) -> list[int]:
        """Where the field lies in the segment's file; see ``arrays.FieldPostings``."""
        lengths = self._lengths_byte if scored else -1
        return [*self._layout.ravel().tolist(), self.n_terms, lengths, self._starts_byte]

    def _head(self, ordinal: int) -> ListHead:
        head = self._heads.get(ordinal)
        if head is None:
            head = self._keep_head(ordinal, self._read_head(ordinal))
        return head

    def _keep_head(self, ordinal: int, head: ListHead) -> ListHead:
        if len(self._heads) >= MOST_HEADS:
            self._heads = {}
        self._heads[ordinal] = head
        return head

    def _read_head(self, ordinal: int) -> ListHead:
        """The head of a list; what stands before the positions is made sure of."""
        if list_head is None:
            return self._read_head_plainly(ordinal)
        file, marks = self._container.file, self._container.marks
        while True:
            found, *head = list_head(file, marks, self._layout, ordinal, self._n_documents)
            if found != UNCHECKED:
                return ListHead._make(head)
            self._container.hold_wanted()

    def _read_head_plainly(self, ordinal: int) -> ListHead:
        place, stop = self._extent(ordinal, ordinal + 1)
        self._lists.hold(place, min(place + MOST_HEADER, stop))
        head = self._reader.head(place, stop)
        self._lists.hold(place, head.positions)
        return head

    def _extent(self, start: int, stop: int) -> tuple[int, int]:
        """The bytes of the lists of terms ``start`` to ``stop - 1``, one at least."""
        self._sizes.hold(start // STRIDE * STRIDE, stop)
        places, sizes = self._places.places(stop - 1, stop)
        first = int(places[0]) if stop == start + 1 else self._places.place(start)
        return first, int(places[0] + sizes[0])

    def _hold_lists(self, start: int, stop: int) -> None:
        """Makes sure of the lists of terms ``start`` to ``stop - 1``, one at least, and their sizes."""
        self._sizes.hold(start // STRIDE * STRIDE, stop)
        bases, behind = self._places.bases, (stop - 1) // STRIDE + 1
        end = int(bases[behind]) if behind < len(bases) else len(self._lists)
        if not self._lists.is_held(int(bases[start // STRIDE]), end):
            self._lists.hold(*self._extent(start, stop))

    def _hold_positions(self, head: ListHead) -> None:
        self._lists.hold(head.positions, head.stop)

    def _decoded(
        self, part: str, ordinal: int, read: Callable[[ListHead], NDArray[np.uint32] | None]
    ) -> NDArray[np.uint32]:
        """A part of a list, from the cache where the list is long."""
        head = self._head(ordinal)
        if head.n_occurrences < CACHED_FROM:
            array = read(head)
            assert array is not None
            return array
        key = (self._name, part, ordinal)
        array = self._cache.get(key)
        if array is None:
            array = read(head)
            assert array is not None
            self._cache.put(key, array)
        return array

    def lists(self, start: int, stop: int, *, positions: bool = False) -> Lists:
        """The posting lists of a range of terms, decoded at once; see ``lists.Lists``."""
        if stop > start:
            self._hold_lists(start, stop)
        places, _ = self._places.places(start, stop)
        starts = self.position_starts if positions else None
        return decode_lists(self._data, places, self._n_documents, starts)

    def list_sizes(self) -> NDArray[np.int64]:
        """(n_terms,) stored bytes of each posting list."""
        self._sizes.hold(0, self.n_terms)
        return self._places.places(0, self.n_terms)[1]


class OpenSegment:
    """A segment open for reading; see ``arrays.SegmentArrays``."""

    def __init__(
        self, path: Path, seal: Seal | None = None, deleted: NDArray[np.bool_] | None = None
    ) -> None:
        """Opens the container. Raises IndexDamagedError."""
        self.container = Container(path, seal)
        self.file = self.container.file
        self.marks = self.container.marks
        metadata = self.container.metadata
        self.n_documents: int = metadata["n_documents"]
        self.live: NDArray[np.bool_] | None = None if deleted is None else ~deleted
        self._cache = ArrayCache(CACHE_BYTES)
        self._fields: dict[str, OpenField] = {}
        self._values: dict[str, list[str]] = {}
        self._records = StoredReader(self.container) if "stored/data" in self.container else None

    @property
    def field_names(self) -> list[str]:
        """The inverted fields that the segment has, sorted."""
        return sorted(self.container.metadata["fields"])

    @property
    def column_names(self) -> list[str]:
        """The columns that the segment has, sorted."""
        return sorted(self.container.metadata["columns"])

    def field(self, name: str) -> OpenField | None:
        """The inverted field; None where no document of the segment has it."""
        field = self._fields.get(name)
        if field is None and name in self.container.metadata["fields"]:
            field = OpenField(self.container, name, self.n_documents, self._cache)
            self._fields[name] = field
        return field

    def column(self, name: str) -> NDArray[Any] | None:
        """(n_documents,) a value per document; None where the segment lacks it.

        A keyword column gives ordinals, -1 for none; None where a document has several.
        """
        array = f"columns/{name}/values"
        return self.container.array(array) if array in self.container else None

    def column_place(self, name: str) -> int:
        """The first byte of a column in the file. Raises KeyError where the segment lacks it."""
        self.container.array(f"columns/{name}/values")
        return self.container.place(f"columns/{name}/values")

    def hold_wanted(self) -> None:
        """See ``arrays.SegmentArrays``."""
        self.container.hold_wanted()

    def column_values(self, name: str) -> Sequence[str]:
        """The values of a keyword column by ordinal: the terms of the field of that name."""
        if name not in self._values:
            keyword = self.container.metadata["columns"].get(name) == "keyword"
            field = self.field(name) if keyword else None
            terms = field.terms(0, field.n_terms) if field else ()
            self._values[name] = [term.decode() for term in terms]
        return self._values[name]

    def column_entries(self, name: str) -> tuple[NDArray[np.uint32], NDArray[np.uint32]] | None:
        """A keyword column as ``(documents, ordinals)``, ascending; None without one."""
        if self.container.metadata["columns"].get(name) != "keyword":
            return None
        ordinals = self.column(name)
        if ordinals is not None:
            documents = np.flatnonzero(ordinals >= 0)
            return documents.astype(np.uint32), ordinals[documents].astype(np.uint32)
        prefix = f"columns/{name}/"
        return (
            self.container.array(prefix + "documents"),
            self.container.array(prefix + "ordinals"),
        )

    def verify(self) -> None:
        """Reads the whole container and holds it against its checksums. Raises IndexDamagedError."""
        self.container.verify()

    def stored(self, document: int) -> bytes:
        """The stored record of a document; empty where it has none."""
        return self._records.record(document) if self._records else b""

    def records(self) -> Iterator[bytes]:
        """The stored records of all documents, in order."""
        return self._records.records() if self._records else iter([b""] * self.n_documents)
