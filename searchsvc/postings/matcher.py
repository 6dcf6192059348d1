"""A Whoosh matcher over a term's postings; the whole list counts as one block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from whoosh.matching import LeafMatcher, NullMatcher, ReadTooFar
from whoosh.system import pack_uint

from searchsvc.postings.segment import OpenField


class ArrayMatcher(LeafMatcher):  # type: ignore[misc]
    """See ``whoosh.matching.Matcher``."""

    def __init__(
        self, field: OpenField, ordinal: int, term: tuple[str, bytes], format_: Any, scorer: Any
    ) -> None:
        self._field = field
        self._ordinal = ordinal
        self._term = term
        self.format = format_
        self.scorer = scorer
        self._documents = field.documents(ordinal)
        frequencies = field.frequencies(ordinal)
        if frequencies is None:
            frequencies = np.ones(len(self._documents), np.uint32)
        self._frequencies = frequencies
        self._positions: list[list[int]] | None = None
        self._index = 0

    def is_active(self) -> bool:
        """Whether the matcher stands at a posting."""
        return self._index < len(self._documents)

    def reset(self) -> None:
        """Goes back to the first posting."""
        self._index = 0

    def copy(self) -> ArrayMatcher:
        """A matcher that stands at the same posting and moves by itself."""
        copied = self.__class__.__new__(self.__class__)
        copied.__dict__.update(self.__dict__)
        return copied

    def replace(self, minquality: float = 0) -> Any:
        """A matcher without what cannot reach this quality."""
        if not self.is_active() or (minquality and self.max_quality() < minquality):
            return NullMatcher()
        return self

    def id(self) -> int:
        """The current document; the last one behind the end, which Whoosh 2.7.4 asks for."""
        return int(self._documents[min(self._index, len(self._documents) - 1)])

    def next(self) -> bool:
        """Goes on; whether the block ended."""
        if not self.is_active():
            raise ReadTooFar
        self._index += 1
        return not self.is_active()

    def skip_to(self, target: int) -> None:
        """Goes to the first document from ``target`` on."""
        if not self.is_active():
            raise ReadTooFar
        ahead = self._documents[self._index :]
        self._index += int(np.searchsorted(ahead, target))

    def skip_to_quality(self, minquality: float) -> int:
        """Leaves the block if it cannot exceed this quality; gives how many were left."""
        if not self.is_active() or self.block_quality() > minquality:
            return 0
        self._index = len(self._documents)
        return 1

    def all_ids(self) -> Iterator[int]:
        """All documents."""
        return iter(self._documents.tolist())

    def weight(self) -> float:
        """The frequency in the current document."""
        return float(self._frequencies[self._index])

    def value(self) -> bytes:
        """The posting's value as Whoosh's format encodes it."""
        if self.format.supports("positions"):
            value = self.format.encode(self._current_positions())
        elif self.format.fixed_value_size():
            value = pack_uint(int(self._frequencies[self._index]))
        else:
            value = b""
        return bytes(value)

    def value_as(self, astype: str) -> Any:
        """The posting's value, decoded."""
        if astype == "positions" and self.supports(astype):
            return self._current_positions()
        if astype == "frequency":
            return int(self._frequencies[self._index])
        if astype == "weight":
            return self.weight()
        return super().value_as(astype)

    def _current_positions(self) -> list[int]:
        if self._positions is None:
            starts = self._field.position_starts
            positions = self._field.positions(self._ordinal)
            if starts is None or positions is None:
                raise ValueError(f"no positions were written for {self._term!r}")
            within = positions - np.repeat(starts[self._documents], self._frequencies)
            parts = np.split(within, np.cumsum(self._frequencies)[:-1])
            self._positions = [part.tolist() for part in parts]
        return self._positions[self._index]

    def block_min_id(self) -> int:
        """The first document."""
        return int(self._documents[0])

    def block_max_id(self) -> int:
        """The last document."""
        return int(self._documents[-1])

    def block_min_length(self) -> int:
        """The smallest field length among the documents."""
        return self._length_bound("min")

    def block_max_length(self) -> int:
        """The greatest field length among the documents."""
        return self._length_bound("max")

    def block_max_weight(self) -> float:
        """The greatest frequency."""
        return float(self._frequencies.max())

    def _length_bound(self, bound: str) -> int:
        if self._field.lengths is None:
            return 0
        return int(getattr(self._field.lengths[self._documents], bound)())
