"""Documents as columns: what several documents have in a field, as a few arrays.

They cost little to send from process to process, and next to nothing a document to take in. A batch
numbers its documents from 0. ``BatchWriter.add_batch`` takes a ``Batch``; what ``add_document`` is
given becomes columns in the accumulators (``runs``, ``pairs``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from searchsvc.postings.lists import Unsigned


@dataclass(frozen=True, slots=True)
class CountsColumn:
    """The terms of documents, with frequencies, for a field without positions.

    ``documents`` ascend; ``sizes`` says how many postings each has. A posting is a number of
    ``terms``, which are distinct, in ``numbers`` and its frequency in ``frequencies``.
    """

    documents: Unsigned
    sizes: Unsigned
    terms: Sequence[str] | Sequence[bytes]
    numbers: Unsigned
    frequencies: Unsigned


@dataclass(frozen=True, slots=True)
class PairsColumn:
    """Texts as pairs of neighbouring characters; see ``pairs.CharacterPairs``.

    ``characters`` are the code points of all texts, one text after the other, ``text_sizes`` how
    many each document has. ``sizes`` says how many pairs, ``lengths`` what ranking counts with;
    ``positions`` where the pairs begin, within their texts, ascending.
    """

    documents: Unsigned
    text_sizes: Unsigned
    characters: Unsigned
    sizes: Unsigned
    positions: Unsigned
    lengths: Unsigned


@dataclass(frozen=True, slots=True)
class PairCountsColumn:
    """Pairs of characters with frequencies, for a field without positions.

    As ``CountsColumn``, but each posting names its pair itself: the code points of both characters,
    the first one above the lowest 32 bits.
    """

    documents: Unsigned
    sizes: Unsigned
    pairs: NDArray[np.uint64]
    frequencies: Unsigned


@dataclass(frozen=True, slots=True)
class NumbersColumn:
    """The values of a column of numbers; documents without keep the schema's default."""

    documents: Unsigned
    values: NDArray[Any]


Column: TypeAlias = CountsColumn | PairsColumn | PairCountsColumn | NumbersColumn


@dataclass(frozen=True, slots=True)
class Batch:
    """``records`` holds each document's stored record, in the schema's ``record_form``.

    ``columns`` are of the named fields; a field may have terms and numbers.
    """

    records: Sequence[bytes]
    columns: Sequence[tuple[str, Column]]


def counts_column(documents: Sequence[int], counts: Sequence[Mapping[Any, int]]) -> CountsColumn:
    """The column of these documents' terms with their frequencies."""
    numbers: dict[Any, int] = {}
    sizes, chosen, frequencies = posting_arrays(
        counts, lambda term: numbers.setdefault(term, len(numbers))
    )
    return CountsColumn(np.array(documents, np.uint32), sizes, list(numbers), chosen, frequencies)


def posting_arrays(
    counts: Sequence[Mapping[Any, int]], number: Callable[[Any], int]
) -> tuple[Unsigned, Unsigned, Unsigned]:
    """How many postings each document has; the number and the frequency of each posting."""
    sizes = np.fromiter(map(len, counts), np.uint32, len(counts))
    total = int(sizes.sum(dtype=np.int64))
    numbers = np.fromiter(map(number, chain.from_iterable(counts)), np.uint32, total)
    values: Iterable[int] = chain.from_iterable(map(_frequencies, counts))
    return sizes, numbers, np.fromiter(values, np.uint32, total)


def _frequencies(counts: Mapping[Any, int]) -> Iterable[int]:
    return counts.values()


def sums(values: NDArray[Any], sizes: Unsigned) -> NDArray[np.int64]:
    """The sum of each document's values, ``sizes`` of them."""
    running = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=running[1:])
    ends = np.cumsum(sizes, dtype=np.int64)
    return np.asarray(running[ends] - running[ends - sizes])
