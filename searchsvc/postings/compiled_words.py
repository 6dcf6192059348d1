"""Bits read 64 at a time, compiled by numba: what the cursors of ``compiled_cursors`` stand on.

A word is the 64 bits that begin at any byte, the lowest bit first. Nothing is read behind the end
of the data: what would lie there is zero. Raises ImportError where numba is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from searchsvc.postings.compiled_lists import (
    BYTES,
    NUMBER,
    Bytes,
)
from searchsvc.postings.compiling import bare

WORD = types.uint64


@intrinsic
def _ones(typing_context: Any, word: Any) -> Any:
    """How many bits of a word are set."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return NUMBER(WORD), generate


@intrinsic
def _lowest(typing_context: Any, word: Any) -> Any:
    """The number of the lowest bit that is set, 64 where none is."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return NUMBER(WORD), generate


@intrinsic
def _highest(typing_context: Any, word: Any) -> Any:
    """The number of the highest bit that is set, -1 where none is."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        zeros = builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 0))
        return builder.sub(ir.Constant(ir.IntType(64), 63), zeros)

    return NUMBER(WORD), generate


ones: Callable[..., int] = _ones
lowest: Callable[..., int] = _lowest
highest: Callable[..., int] = _highest


def _load(bits: int, result: Any) -> Any:
    """An intrinsic that reads an unsigned integer at any byte; the caller has checked the place."""

    @intrinsic
    def load(typing_context: Any, data: Any, place: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            array = context.make_array(signature.args[0])(context, builder, arguments[0])
            byte = builder.gep(array.data, [arguments[1]])
            value = builder.load(builder.bitcast(byte, ir.IntType(bits).as_pointer()))
            value.align = 1
            return value

        return result(BYTES, NUMBER), generate

    return load


_load_word = _load(64, WORD)
_load_half = _load(32, types.uint32)

load_word: Callable[[Bytes, int], np.uint64] = _load_word
"""The word that begins at a byte; all 8 bytes must lie in the data."""


@bare(WORD(BYTES, NUMBER))
def word_at(data: Bytes, place: int) -> np.uint64:
    """The word that begins at a byte."""
    if place < 0:
        return np.uint64(0)
    if place + 8 <= data.size:
        return _load_word(data, place)  # type: ignore[no-any-return]
    word = np.uint64(0)
    for n in range(data.size - place):
        word |= np.uint64(data[place + n]) << np.uint64(8 * n)
    return word


@bare(NUMBER(BYTES, NUMBER))
def half_at(data: Bytes, place: int) -> int:
    """The 32 bits that begin at a byte, as an unsigned number."""
    if place < 0 or place + 4 > data.size:
        return 0
    return int(_load_half(data, place))


@bare(NUMBER(WORD, NUMBER))
def select(word: np.uint64, number: int) -> int:
    """The place in the word of its set bit ``number``, counted from 0; there must be so many."""
    place = 0
    for size in (32, 16, 8):
        part = word & ((np.uint64(1) << np.uint64(size)) - np.uint64(1))
        below = ones(part)
        if number >= below:
            number -= below
            word >>= np.uint64(size)
            place += size
    for _ in range(number):
        word &= word - np.uint64(1)
    return place + lowest(word)
