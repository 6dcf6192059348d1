"""The innermost loops compiled by numba: what ``array_kernels`` has, in single passes.

Compiled once for the types below and kept (see ``compiling``), then loaded within
milliseconds. Raises ImportError where numba is missing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types

from searchsvc.evaluation import array_kernels
from searchsvc.evaluation.types import Column, Documents, Indices, Mask, Positions, Scores
from searchsvc.postings.compiling import compiled

_documents = types.Array(types.uint32, 1, "C", readonly=True)
_scores = types.Array(types.float64, 1, "C", readonly=True)
_positions = types.Array(types.int64, 1, "C", readonly=True)
_indices = types.int64[::1]
_totals = types.float64[::1]
_new_documents = types.uint32[::1]
_mask = types.boolean[::1]
_NUMBERS = (types.int32, types.int64, types.uint32, types.float64)
_DTYPES = [np.dtype(name) for name in ("i4", "i8", "u4", "f8")]
_hits: Any = types.Tuple((_new_documents, _totals))  # type: ignore[no-untyped-call]
_two_indices: Any = types.Tuple((_indices, _indices))  # type: ignore[no-untyped-call]
_counted_hits: Any = types.Tuple((_new_documents, _totals, types.int64))  # type: ignore[no-untyped-call]

BLOCK = 128
"""Totals looked over at a time for any that is among the best."""

MOST_INSERTED = 200
"""Hits asked for beyond which sorting beats inserting one by one."""

NO_FREQUENCIES: Documents = np.empty(0, np.uint32)
"""Stands for frequencies that are all 1."""


@compiled(types.int64(_documents, types.int64, types.uint32))
def _gallop(documents: Documents, start: int, wanted: int) -> int:
    """The first place from ``start`` on with a document of at least ``wanted``, or the end."""
    step, low, high = 1, start, start
    while high < documents.size and documents[high] < wanted:
        low = high + 1
        high += step
        step *= 2
    high = min(high, documents.size)
    while low < high:
        middle = (low + high) // 2
        if documents[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@compiled(_mask(_documents, _documents))
def _members(candidates: Documents, documents: Documents) -> Mask:
    found = np.zeros(candidates.size, np.bool_)
    place = 0
    if documents.size > 4 * candidates.size:
        for n in range(candidates.size):
            place = _gallop(documents, place, candidates[n])
            if place == documents.size:
                break
            found[n] = documents[place] == candidates[n]
        return found
    for n in range(candidates.size):
        while place < documents.size and documents[place] < candidates[n]:
            place += 1
        if place == documents.size:
            break
        found[n] = documents[place] == candidates[n]
    return found


def members(candidates: Documents, documents: Documents, size: int) -> Mask:
    """See ``array_kernels.members``."""
    return _members(candidates, documents)


@compiled(_two_indices(_documents, _documents))
def common_places(documents: Documents, wanted: Documents) -> tuple[Indices, Indices]:
    """See ``array_kernels.common_places``."""
    hits = np.empty(wanted.size, np.int64)
    where = np.empty(wanted.size, np.int64)
    count = place = 0
    for n in range(wanted.size):
        place = _gallop(documents, place, wanted[n])
        if place == documents.size:
            break
        if documents[place] == wanted[n]:
            hits[count] = n
            where[count] = place
            count += 1
    return hits[:count], where[:count]


@compiled(types.int64[::1](_positions, _positions))
def _common(few: Positions, many: Positions) -> Positions:
    shared = np.empty(few.size, np.int64)
    count = 0
    low = 0
    for n in range(few.size):
        wanted = few[n]
        step, high = 1, low
        while high < many.size and many[high] < wanted:
            low = high + 1
            high += step
            step *= 2
        high = min(high, many.size)
        while low < high:
            middle = (low + high) // 2
            if many[middle] < wanted:
                low = middle + 1
            else:
                high = middle
        if low == many.size:
            break
        if many[low] == wanted:
            shared[count] = wanted
            count += 1
    return shared[:count]


def common_positions(first: Positions, second: Positions) -> Positions:
    """See ``array_kernels.common_positions``."""
    return _common(first, second) if first.size <= second.size else _common(second, first)


@compiled(_new_documents(_documents, _documents))
def merge(first: Documents, second: Documents) -> Documents:
    """See ``array_kernels.merge``."""
    merged = np.empty(first.size + second.size, np.uint32)
    a = b = count = 0
    while a < first.size and b < second.size:
        x, y = first[a], second[b]
        merged[count] = min(x, y)
        count += 1
        a += x <= y
        b += y <= x
    while a < first.size:
        merged[count] = first[a]
        count += 1
        a += 1
    while b < second.size:
        merged[count] = second[b]
        count += 1
        b += 1
    return merged[:count]


@compiled(_totals(_documents, _documents, _documents, _scores, types.float64))
def _bm25(
    documents: Documents,
    frequencies: Documents,
    lengths: Documents,
    saturation: Scores,
    factor: float,
) -> Scores:
    scores = np.empty(documents.size, np.float64)
    for n in range(documents.size):
        frequency = np.float64(frequencies[n]) if frequencies.size else 1.0
        below = frequency + saturation[lengths[documents[n]]]
        scores[n] = frequency / below * factor
    return scores


def bm25(
    documents: Documents,
    frequencies: Documents | None,
    lengths: Documents,
    saturation: Scores,
    factor: float,
) -> Scores:
    """See ``array_kernels.bm25``."""
    known = NO_FREQUENCIES if frequencies is None else frequencies
    return _bm25(documents, known, lengths, saturation, factor)


@compiled(types.void(_documents, _documents, _documents, _scores, types.float64, _totals))
def _add_bm25(
    documents: Documents,
    frequencies: Documents,
    lengths: Documents,
    saturation: Scores,
    factor: float,
    totals: Scores,
) -> None:
    for n in range(documents.size):
        document = documents[n]
        frequency = np.float64(frequencies[n]) if frequencies.size else 1.0
        below = frequency + saturation[lengths[document]]
        totals[document] += frequency / below * factor


def add_bm25(
    documents: Documents,
    frequencies: Documents | None,
    lengths: Documents,
    saturation: Scores,
    factor: float,
    totals: Scores,
) -> None:
    """See ``array_kernels.add_bm25``."""
    known = NO_FREQUENCIES if frequencies is None else frequencies
    _add_bm25(documents, known, lengths, saturation, factor, totals)


@compiled(types.int64(types.uint32, types.float64, types.int64, _new_documents, _totals))
def _insert(document: int, score: float, count: int, documents: Documents, scores: Scores) -> int:
    """Puts a document, later than those there, into the best so far; gives their new number."""
    place = min(count, scores.size - 1)
    while place > 0 and scores[place - 1] < score:
        scores[place] = scores[place - 1]
        documents[place] = documents[place - 1]
        place -= 1
    scores[place] = score
    documents[place] = document
    return min(count + 1, scores.size)


@compiled(_hits(_documents, _scores, types.int64))
def best_few(documents: Documents, scores: Scores, count: int) -> tuple[Documents, Scores]:
    count = min(count, scores.size)
    chosen = np.empty(count, np.uint32)
    best_scores = np.empty(count, np.float64)
    found = 0
    least = -np.inf
    for n in range(scores.size if count else 0):
        if scores[n] > least or found < count:
            found = _insert(documents[n], scores[n], found, chosen, best_scores)
            if found == count:
                least = best_scores[count - 1]
    return chosen, best_scores


@compiled(_counted_hits(_scores, types.int64))
def _best_of_all(totals: Scores, count: int) -> tuple[Documents, Scores, int]:
    chosen = np.empty(count, np.uint32)
    best_scores = np.empty(count, np.float64)
    found = matches = 0
    least = 0.0
    for start in range(0, totals.size, BLOCK):
        block = totals[start : start + BLOCK]
        better = 0
        for n in range(block.size):  # no branch: the compiler takes several at once
            matches += block[n] > 0.0
            better += block[n] > least
        if better:
            for n in range(block.size):
                if block[n] > least:
                    found = _insert(start + n, block[n], found, chosen, best_scores)
                    if found == count:
                        least = best_scores[count - 1]
    return chosen[:found], best_scores[:found], matches


@compiled(_new_documents(_scores, types.int64))
def matching(totals: Scores, matches: int) -> Documents:
    """See ``array_kernels.matching``."""
    documents = np.empty(matches + 1, np.uint32)
    count = 0
    for document in range(totals.size):
        documents[count] = document
        count += totals[document] > 0.0
    return documents[:matches]


@compiled([_indices(types.Array(kind, 1, "C", readonly=True), types.int64) for kind in _NUMBERS])
def _lowest(values: Column, count: int) -> Indices:
    size, found = values.size, 0
    least = np.empty(count, values.dtype)
    backwards = values[0] > values[size - 1]  # where they fall, the last ones come first
    for n in range(size):
        value = values[size - 1 - n] if backwards else values[n]
        if found == count and value >= least[count - 1]:
            continue
        place = min(found, count - 1)
        while place > 0 and least[place - 1] > value:
            least[place] = least[place - 1]
            place -= 1
        least[place] = value
        found = min(found + 1, count)
    where, kept = np.empty(size + 1, np.int64), 0
    for n in range(size):
        where[kept] = n
        kept += values[n] <= least[count - 1]
    return where[:kept]


def lowest(values: Column, count: int) -> Indices:
    """See ``array_kernels.lowest``."""
    if count > MOST_INSERTED or values.dtype not in _DTYPES or values.size <= count:
        return array_kernels.lowest(values, count)
    return _lowest(values, count)


def best(documents: Documents, scores: Scores, count: int) -> tuple[Documents, Scores]:
    """See ``array_kernels.best``."""
    if count > MOST_INSERTED:
        return array_kernels.best(documents, scores, count)
    return best_few(documents, scores, count)


def best_of_all(totals: Scores, count: int) -> tuple[Documents, Scores, int]:
    """See ``array_kernels.best_of_all``."""
    if count > MOST_INSERTED:
        return array_kernels.best_of_all(totals, count)
    return _best_of_all(totals, count)
