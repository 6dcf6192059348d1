"""Many short texts as arrays of code points, and what their bytes hash to.

Called by ``builder`` and ``pronunciation``, which treat all entries of an archive at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.bits import ragged_arange

Integers = NDArray[np.int64]
Bits = NDArray[np.bool_]
Codes = NDArray[np.uint32]

_HAN_RANGES: Final = ((0x3007, 0x3007), (0x3400, 0x9FFF), (0x20000, 0x3FFFF))


@dataclass(frozen=True, slots=True)
class Texts:
    """``codes`` are the code points of all texts, one text after the other, ``sizes`` how many
    each has.
    """

    codes: Codes
    sizes: Integers

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """The texts as arrays."""
        encoded = "".join(texts).encode("utf-32-le", "surrogatepass")
        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        return cls(np.frombuffer(encoded, "<u4"), sizes)

    def __len__(self) -> int:
        return len(self.sizes)

    @property
    def starts(self) -> Integers:
        """Where each text begins in ``codes``."""
        return np.asarray(np.cumsum(self.sizes) - self.sizes)

    def owners(self) -> Integers:
        """The text of each code point."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def take(self, rows: Integers) -> Texts:
        """Some of the texts."""
        sizes = self.sizes[rows]
        places = np.repeat(self.starts[rows], sizes) + ragged_arange(sizes)
        return Texts(self.codes[places], sizes)

    def keep(self, kept: Bits) -> Texts:
        """The texts without the code points that are not ``kept``."""
        return Texts(self.codes[kept], sums(kept, self.sizes))

    def first(self, count: int) -> Texts:
        """The first code points of each text."""
        return self.keep(ragged_arange(self.sizes) < count)

    def utf8(self) -> tuple[NDArray[np.uint8], Integers]:
        """The texts as UTF-8, and how many bytes each has."""
        sizes = sums(byte_sizes(self.codes), self.sizes)
        text = self.codes.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        return np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8), sizes

    def hashes(self) -> NDArray[np.uint32]:
        """``keys.text_hash`` of each text."""
        return crc32_of(*self.utf8())


def sums(values: NDArray[Any], sizes: Integers) -> Integers:
    """The sum of each text's values."""
    running = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=running[1:])
    ends = np.cumsum(sizes)
    return np.asarray(running[ends] - running[ends - sizes])


def byte_sizes(codes: Codes) -> NDArray[np.uint8]:
    """How many bytes of UTF-8 each code point takes."""
    sizes = np.ones(len(codes), np.uint8)
    for limit in (0x7F, 0x7FF, 0xFFFF):
        sizes += codes > limit
    return sizes


def are_han(codes: Codes) -> Bits:
    """Which code points are Han characters, see ``entries.is_han``."""
    found = np.zeros(len(codes), np.bool_)
    for first, last in _HAN_RANGES:
        found |= (codes >= first) & (codes <= last)
    return found


def crc32_of(data: NDArray[np.uint8], sizes: Integers) -> NDArray[np.uint32]:
    """CRC-32 (ISO 3309, as in zlib) of texts that lie one after the other."""
    order = np.argsort(-sizes, kind="stable")
    starts = (np.cumsum(sizes) - sizes)[order]
    held = np.searchsorted(-sizes[order], -np.arange(int(sizes.max(initial=0))), "left")
    value = np.full(len(sizes), 0xFFFF_FFFF, np.uint32)
    for place, count in enumerate(held.tolist()):
        byte = data[starts[:count] + place]
        value[:count] = _CRC[(value[:count] & 0xFF) ^ byte] ^ (value[:count] >> np.uint32(8))
    hashes = np.empty_like(value)
    hashes[order] = ~value
    return hashes


def _crc_table() -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(0xEDB8_8320), table >> 1)
    return table.astype(np.uint32)


_CRC = _crc_table()
