"""Where each posting list begins: two bytes a list instead of an offset.

Arrays: ``sizes`` (n,) uint16 bytes of each list, 65,535 meaning "in ``large_sizes``"; ``large``
uint32 ordinals of such lists and ``large_sizes`` uint64 their sizes; ``bases`` (n / 32, rounded up)
uint64 first byte of every 32nd list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.bits import Integers

STRIDE: Final = 32
LARGE: Final = 65_535


@dataclass(frozen=True, slots=True)
class PlaceArrays:
    """See the module."""

    bases: NDArray[np.uint64]
    sizes: NDArray[np.uint16]
    large: NDArray[np.uint32]
    large_sizes: NDArray[np.uint64]

    @classmethod
    def of(cls, sizes: Integers) -> PlaceArrays:
        """The arrays for lists of these sizes, one after the other."""
        starts = np.cumsum(sizes) - sizes
        large = np.flatnonzero(sizes >= LARGE)
        return cls(
            starts[::STRIDE].astype(np.uint64),
            np.minimum(sizes, LARGE).astype(np.uint16),
            large.astype(np.uint32),
            sizes[large].astype(np.uint64),
        )

    def place(self, ordinal: int) -> int:
        """The first byte of a list."""
        block = ordinal // STRIDE
        first = block * STRIDE
        place = int(self.bases[block]) + int(self.sizes[first:ordinal].sum(dtype=np.int64))
        if len(self.large):
            low, high = np.searchsorted(self.large, (first, ordinal))
            if low < high:
                place += int(self.large_sizes[low:high].sum()) - LARGE * int(high - low)
        return place

    def places(self, start: int, stop: int) -> tuple[Integers, Integers]:
        """First bytes and sizes of the lists with ordinals ``start`` to ``stop - 1``."""
        sizes = self.sizes[start:stop].astype(np.int64)
        low, high = np.searchsorted(self.large, (start, stop))
        sizes[self.large[low:high].astype(np.int64) - start] = self.large_sizes[low:high]
        places = np.cumsum(sizes) - sizes
        return places + (self.place(start) if stop > start else 0), sizes
