"""Span queries: where something stands, and which of these places lie as the query wants.

Spans are (start, end) pairs in a field's global position space, both inclusive, ascending by start,
each once. The nodes follow ``whoosh.query.spans`` of Whoosh 2.7.4, over whole segments at a time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from searchsvc.evaluation.positions import documents_at
from searchsvc.evaluation.types import NO_POSITIONS, Mask, Positions
from searchsvc.postings.arrays import FieldPostings

BLOCK_PAIRS = 1 << 20
"""Pairs of spans compared at a time: what bounds the memory of a wide slop (24 MB)."""


class Spans(NamedTuple):
    """``starts`` and ``ends`` are aligned."""

    starts: Positions
    ends: Positions

    def where(self, mask: Mask) -> Spans:
        """Those spans that the mask chooses."""
        return Spans(self.starts[mask], self.ends[mask])


NO_SPANS = Spans(NO_POSITIONS, NO_POSITIONS)


def ordered(starts: Positions, ends: Positions) -> Spans:
    """Spans in order, each once."""
    if not starts.size:
        return NO_SPANS
    order = np.lexsort((ends, starts))
    starts, ends = starts[order], ends[order]
    new = np.ones(starts.size, np.bool_)
    new[1:] = (starts[1:] != starts[:-1]) | (ends[1:] != ends[:-1])
    return Spans(starts[new], ends[new])


def together(first: Spans, second: Spans) -> Spans:
    """The spans of both."""
    return ordered(
        np.concatenate([first.starts, second.starts]), np.concatenate([first.ends, second.ends])
    )


def merged(field: FieldPostings, spans: Spans) -> Spans:
    """Spans that overlap or touch, made one (SpanOr)."""
    if not spans.starts.size:
        return spans
    reach = np.maximum.accumulate(spans.ends)
    documents = documents_at(field, spans.starts)
    opens = np.ones(spans.starts.size, np.bool_)
    opens[1:] = (spans.starts[1:] > reach[:-1] + 1) | (documents[1:] != documents[:-1])
    first = np.flatnonzero(opens)
    return Spans(spans.starts[first], np.maximum.reduceat(spans.ends, first))


def near(
    field: FieldPostings, first: Spans, second: Spans, slop: int, in_order: bool, mindist: int
) -> Spans:
    """Pairs at a distance of ``mindist`` to ``slop`` in one document, each as the span over both.

    The distance of overlapping spans is 0; ``in_order``: the second begins no earlier.
    """
    if not first.starts.size or not second.starts.size:
        return NO_SPANS
    longest = int((second.ends - second.starts).max())
    low = first.starts if in_order else first.starts - slop - longest
    begins = np.searchsorted(second.starts, low)
    counts = np.searchsorted(second.starts, first.ends + slop, side="right") - begins
    np.maximum(counts, 0, out=counts)
    parts = [NO_SPANS]
    for block in _blocks(counts):
        a, b = _pairs(block, begins, counts)
        a_starts, a_ends = first.starts[a], first.ends[a]
        b_starts, b_ends = second.starts[b], second.ends[b]
        distance = np.maximum(np.maximum(b_starts - a_ends, a_starts - b_ends), 0)
        fits = (distance >= mindist) & (distance <= slop)
        fits &= documents_at(field, a_starts) == documents_at(field, b_starts)
        parts.append(
            ordered(
                np.minimum(a_starts, b_starts)[fits],
                np.maximum(a_ends, b_ends)[fits],
            )
        )
    return ordered(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def without_overlap(spans: Spans, others: Spans) -> Spans:
    """Spans that overlap none of ``others`` (SpanNot)."""
    if not others.starts.size:
        return spans
    reach = np.concatenate([[-1], np.maximum.accumulate(others.ends)])
    begun = np.searchsorted(others.starts, spans.ends, side="right")
    return spans.where(reach[begun] < spans.starts)


def containing(spans: Spans, inner: Spans) -> Spans:
    """Spans with a whole span of ``inner`` inside (SpanContains)."""
    if not inner.starts.size:
        return NO_SPANS
    earliest_end = np.minimum.accumulate(inner.ends[::-1])[::-1]
    earliest_end = np.append(earliest_end, np.iinfo(np.int64).max)
    return spans.where(earliest_end[np.searchsorted(inner.starts, spans.starts)] <= spans.ends)


def before(field: FieldPostings, spans: Spans, others: Spans) -> Spans:
    """Spans that end before the first of ``others`` in their document begins (SpanBefore)."""
    if not spans.starts.size or not others.starts.size:
        return NO_SPANS
    documents = documents_at(field, others.starts)
    own = documents_at(field, spans.starts)
    place = np.searchsorted(documents, own)
    np.minimum(place, documents.size - 1, out=place)
    return spans.where((documents[place] == own) & (spans.ends < others.starts[place]))


def _blocks(counts: Positions) -> list[slice]:
    """Slices of the first spans, each with at most BLOCK_PAIRS pairs or a single span."""
    totals = np.cumsum(counts)
    blocks, begin = [], 0
    while begin < counts.size:
        done = totals[begin - 1] if begin else 0
        end = int(np.searchsorted(totals, done + BLOCK_PAIRS, side="right"))
        end = max(end, begin + 1)
        blocks.append(slice(begin, end))
        begin = end
    return blocks


def _pairs(block: slice, begins: Positions, counts: Positions) -> tuple[Positions, Positions]:
    """Indices of the first and the second span of every pair of a block."""
    own = counts[block]
    a = np.repeat(np.arange(block.start, block.stop), own)
    offsets = np.arange(a.size) - np.repeat(np.cumsum(own) - own, own)
    return a, np.repeat(begins[block], own) + offsets
