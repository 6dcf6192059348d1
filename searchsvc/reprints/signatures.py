"""A text's signature: 64 bytes that agree between two texts in as many places as the texts share.

One permutation hashing (Li, Owen, Zhang: One Permutation Hashing, NIPS 2012) over the hashes of all
pieces of five characters, empty bins filled by rotation (Shrivastava, Li: Densifying One Permutation
Hashing, ICML 2014), and of every minimum the lowest eight bits (Li, König: b-Bit Minwise Hashing,
WWW 2010). Hashes are of the code points alone, the same on every machine and in every process.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

BINS: Final = 64
PIECE_CHARS: Final = 5
MIN_CHARS: Final = 40
"""Shorter texts (captions, lists of names) resemble one another without being reprints."""

_BIN_BITS = 6
FIRST_IDEOGRAPH: Final = 0x3400
"""Of other characters only ASCII letters and digits count: neither spaces nor punctuation."""

_LETTERS = np.array([chr(code).isalnum() for code in range(0x80)])
_ROLL = np.uint64(0x100000001B3)
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9))


def signatures(folded: Sequence[str]) -> NDArray[np.uint8]:
    """``(n, BINS)`` the signatures of folded texts; zeros where one is too short to be told apart."""
    lengths = np.fromiter(map(len, folded), np.int64, len(folded))
    codes = np.frombuffer("".join(folded).encode("utf-32-le", "surrogatepass"), "<u4")
    kept = (codes >= FIRST_IDEOGRAPH) | _LETTERS[np.minimum(codes, 0x7F)]
    owners = np.repeat(np.arange(len(folded)), lengths)[kept]
    sizes = np.bincount(owners, minlength=len(folded))
    rows = np.zeros((len(folded), BINS), np.uint8)
    codes = codes[kept].astype(np.uint64)
    if codes.size < PIECE_CHARS:
        return rows
    last = PIECE_CHARS - 1
    whole = owners[last:] == owners[: owners.size - last]
    whole &= sizes[owners[last:]] >= MIN_CHARS
    hashes, owners = _hashes(codes)[whole], owners[last:][whole]
    place = owners << _BIN_BITS | (hashes >> np.uint64(64 - _BIN_BITS)).astype(np.int64)
    if len(folded) << _BIN_BITS <= 1 << 16:  # NumPy sorts 16 bits by radix
        order = np.argsort(place.astype(np.uint16), kind="stable")
    else:
        order = np.argsort(place, kind="stable")
    place = place[order]
    firsts = np.flatnonzero(np.diff(place, prepend=-1))
    if not firsts.size:
        return rows
    lowest = np.minimum.reduceat(hashes[order], firsts)
    filled = np.zeros(rows.size, np.bool_)
    filled[place[firsts]] = True
    rows.reshape(-1)[place[firsts]] = lowest & np.uint64(0xFF)
    filled = filled.reshape(rows.shape)
    signed = filled.any(axis=1)
    for row in np.flatnonzero(signed & ~filled.all(axis=1)).tolist():
        rows[row] = _densified(rows[row], filled[row])
    rows[signed & ~rows.any(axis=1), 0] = 1
    return rows


def similarity(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The share of places that agree, about the share of pieces that two texts have in common
    (Jaccard); for rows of ``(n, BINS)``.
    """
    agreeing: NDArray[np.float64] = (first == second).mean(axis=1)
    return agreeing


def _hashes(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A hash for each run of ``PIECE_CHARS`` code points, all 64 bits of it mixed."""
    hashes = np.zeros(codes.size - PIECE_CHARS + 1, np.uint64)
    for place in range(PIECE_CHARS):
        hashes *= _ROLL
        hashes += codes[place : place + hashes.size]
    hashes ^= hashes >> np.uint64(31)
    hashes *= _MIX[0]
    hashes ^= hashes >> np.uint64(29)
    hashes *= _MIX[1]
    hashes ^= hashes >> np.uint64(32)
    return hashes


def _densified(values: NDArray[np.uint8], filled: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Empty bins take the value of the next filled one to the right, shifted by the distance."""
    own = np.flatnonzero(filled)
    bins = np.arange(BINS)
    following = np.searchsorted(own, bins)
    source = np.append(own, own[0] + BINS)[following]
    shifted = values[source % BINS].astype(np.int64) + 101 * (source - bins)
    densified: NDArray[np.uint8] = (shifted & 0xFF).astype(np.uint8)
    return densified
