"""Which documents of an open index are reprints of one another, and which of them folding keeps.

Takes the searcher and the clusters on the disk; works on document numbers among all segments. The
first appearance of a cluster is its document of the earliest date, one without date last, then of
the lowest number. Made by the engine, lazily, once for a version of the index.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from searchsvc.engines.whoosh.errors import reading_errors
from searchsvc.engines.whoosh.layout import DATE_COLUMN, SERIAL_COLUMN
from searchsvc.evaluation import ArraySearcher
from searchsvc.evaluation.types import Column
from searchsvc.reprints import ReprintLabels

Numbers = NDArray[np.int64]


class ReprintReader:
    """The clusters of one version of an index. Safe to use from several threads."""

    def __init__(self, searcher: ArraySearcher, folder: Path, labels: ReprintLabels | None) -> None:
        """``labels`` is None where nothing was committed yet."""
        self._searcher = searcher
        self._folder = folder
        self._read = labels

    def members(self, number: int) -> Numbers:
        """The live documents of a document's cluster, the first appearance first; empty where it
        stands alone.
        """
        label = self._labels[number]
        found = np.flatnonzero(self._labels == label) if label else np.empty(0, np.int64)
        return self._by_appearance(found) if found.size > 1 else np.empty(0, np.int64)

    def repeated(self, matches: Numbers) -> Numbers:
        """Those of the matches that are not the first appearance of their cluster among them."""
        clustered = self._by_appearance(matches[self._labels[matches] > 0])
        labels = self._labels[clustered]
        _, first = np.unique(labels, return_index=True)
        return np.sort(np.delete(clustered, first))

    def _by_appearance(self, numbers: Numbers) -> Numbers:
        days = self._days[numbers]
        return numbers[np.lexsort((numbers, days, days == 0))]

    @cached_property
    def _labels(self) -> NDArray[np.uint32]:
        """The cluster of every document; 0 for one that stands alone or was deleted."""
        with reading_errors(self._folder):
            by_serial = self._read.read() if self._read else np.empty(0, np.uint32)
        serials = self._column(SERIAL_COLUMN).astype(np.int64)
        known = (serials > 0) & (serials <= by_serial.size)
        labels = np.zeros(serials.size, np.uint32)
        labels[known] = by_serial[serials[known] - 1]
        for segment in self._searcher.segments:
            if segment.live is not None:
                labels[segment.offset : segment.offset + segment.size] *= segment.live
        return labels

    @cached_property
    def _days(self) -> Column:
        return self._column(DATE_COLUMN)

    def _column(self, name: str) -> Column:
        parts = []
        for segment in self._searcher.segments:
            column = segment.column(name)
            parts.append(np.zeros(segment.size, np.uint32) if column is None else column)
        return np.concatenate(parts) if parts else np.zeros(0, np.uint32)
