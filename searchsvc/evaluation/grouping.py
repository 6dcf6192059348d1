"""Facets and histograms: ``groupedby`` of Whoosh's search, counted with arrays.

Takes field names, FieldFacet (with ``allow_overlap`` for several values a document), RangeFacet and
DateRangeFacet (histograms), and lists or dictionaries of these. Groups are counted (maptype Count)
or list their documents in the order of the results (Whoosh's default). Called by the collector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import sorting
from whoosh.fields import NUMERIC

from searchsvc.evaluation.planner import Planner
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.sorted_sets import members
from searchsvc.evaluation.types import Documents, Indices, Scores

Groups = tuple[Callable[[NDArray[Any]], Iterable[Any]], NDArray[Any], Indices | None]
"""The names of groups by number; the group of each match (or of each entry), from 0; the matches
that the entries belong to, None where there is one entry for each match."""

LARGEST_SPAN = 1 << 16
"""Numbers that lie closer together are counted by their difference instead of being sorted."""


def facets_of(groupedby: Any) -> dict[str, Any] | None:
    """The facets by name; None where only Whoosh can group by one of them."""
    facets: dict[str, Any] = dict(sorting.Facets.from_groupedby(groupedby).items())
    kinds = (sorting.FieldFacet, sorting.RangeFacet, sorting.DateRangeFacet)
    return facets if all(type(facet) in kinds for facet in facets.values()) else None


class Grouping:
    """The groups of one facet, gathered segment by segment; ``as_dict`` is what Whoosh asks for."""

    def __init__(self, facet: Any, planner: Planner, counted: bool) -> None:
        self._counted = counted
        self._assign = _assigner(facet, planner)
        self._counts: dict[Any, int] = {}
        self._members: dict[Any, list[tuple[NDArray[np.int64], Scores]]] = {}

    def add(self, segment: Segment, documents: Documents, scores: Scores | None = None) -> None:
        """Takes the matches of one segment, ascending; by their scores, if any, groups list them."""
        if not documents.size:
            return
        names_of, groups, entries = self._assign(segment, documents)
        if self._counted:
            counts = np.bincount(groups)
            present = np.flatnonzero(counts)
            named = zip(names_of(present), counts[present].tolist(), strict=True)
            if not self._counts:
                self._counts = dict(named)
                return
            for name, count in named:
                self._counts[name] = self._counts.get(name, 0) + count
            return
        if scores is None:
            scores = np.zeros(documents.size)
        order = np.argsort(groups, kind="stable")
        present, starts = np.unique(groups[order], return_index=True)
        owners = order if entries is None else entries[order]
        parts = np.split(owners, starts[1:])
        for name, part in zip(names_of(present), parts, strict=True):
            numbers = documents[part].astype(np.int64) + segment.offset
            self._members.setdefault(name, []).append((numbers, scores[part]))

    def as_dict(self) -> dict[Any, Any]:
        """Group to count, or group to the numbers of its documents, best first."""
        if self._counted:
            return dict(self._counts)
        groups = {}
        for name, parts in self._members.items():
            numbers, scores = (np.concatenate(column) for column in zip(*parts, strict=True))
            groups[name] = numbers[np.lexsort((numbers, -scores))].tolist()
        return groups


def _assigner(facet: Any, planner: Planner) -> Callable[[Segment, Documents], Groups]:
    if isinstance(facet, sorting.RangeFacet):
        plans = [(name, planner.plan(query)) for name, query in facet.querydict.items()]

        def by_range(segment: Segment, documents: Documents) -> Groups:
            groups = np.full(documents.size, len(plans), np.int64)
            for number, (_, plan) in enumerate(plans):
                groups[plan.contains(segment, documents)] = number
            return _among([*(name for name, _ in plans), None]), groups, None

        return by_range
    name = facet.fieldname
    field = planner.schema[name]

    def by_field(segment: Segment, documents: Documents) -> Groups:
        values = segment.arrays.column_values(name)
        column = segment.column(name)
        if facet.allow_overlap and column is None:
            return _entries(segment, name, documents)
        if column is None:
            return _among([None]), np.zeros(documents.size, np.int64), None
        own = column.take(documents)
        if not isinstance(field, NUMERIC):
            return _among([None, *values]), np.add(own, 1, dtype=np.int64), None
        highest = int(own.max())
        if own.dtype.kind == "u" and highest < LARGEST_SPAN:
            return _values(field), own, None
        lowest = int(own.min())
        if highest - lowest < LARGEST_SPAN:
            groups = (own - own.dtype.type(lowest)).astype(np.int64)
            return _values(field, lowest), groups, None
        present, groups = np.unique(own, return_inverse=True)
        return lambda numbers: _values(field)(present[numbers]), groups, None

    return by_field


def _entries(segment: Segment, name: str, documents: Documents) -> Groups:
    """Groups of a keyword column with any number of values a document."""
    values = segment.arrays.column_values(name)
    entries = segment.arrays.column_entries(name)
    if entries is None:
        return _among([None]), np.zeros(documents.size, np.int64), None
    owners, ordinals = entries
    chosen = members(owners, documents, segment.size)
    owners, ordinals = owners[chosen], ordinals[chosen]
    without = np.flatnonzero(~members(documents, owners, segment.size))
    matches = np.concatenate([np.searchsorted(documents, owners), without])
    groups = np.concatenate([ordinals.astype(np.int64), np.full(without.size, len(values))])
    return _among([*values, None]), groups, matches


def _among(names: Sequence[Any]) -> Callable[[NDArray[Any]], Iterable[Any]]:
    return lambda groups: map(names.__getitem__, groups.tolist())


def _values(field: NUMERIC, lowest: int = 0) -> Callable[[NDArray[Any]], Iterable[Any]]:
    """The values of a field from what its column holds, counted from ``lowest``."""
    if type(field) is NUMERIC and field.numtype is int and not field.decimal_places:
        return lambda groups: (groups + lowest).tolist()
    return lambda groups: map(field.from_column_value, (groups + lowest).tolist())
