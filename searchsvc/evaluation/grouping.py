"""Facets and histograms: ``groupedby`` of Whoosh's search, counted with arrays.

Takes field names, FieldFacet (with ``allow_overlap`` for several values a document), RangeFacet and
DateRangeFacet (histograms), and lists or dictionaries of these. Groups are counted (maptype Count)
or list their documents in the order of the results (Whoosh's default). Called by the collector.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import sorting
from whoosh.fields import NUMERIC

from searchsvc.evaluation.planner import Planner
from searchsvc.evaluation.segment import Segment
from searchsvc.evaluation.sorted_sets import members
from searchsvc.evaluation.types import Documents, Indices, Scores

Groups = tuple[Callable[[int], Any], NDArray[Any], Indices | None]
"""The name of a group by number; the group of each match (or of each entry), from 0; the matches
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
        """Takes the matches of one segment; by their scores, if any, groups list them.

        Matches that are only counted may come in any order.
        """
        if not documents.size:
            return
        name_of, groups, entries = self._assign(segment, documents)
        if self._counted:
            counts = np.bincount(groups)
            for group in np.flatnonzero(counts > 0).tolist():
                name = name_of(group)
                self._counts[name] = self._counts.get(name, 0) + int(counts[group])
            return
        if scores is None:
            scores = np.zeros(documents.size)
        order = np.argsort(groups, kind="stable")
        present, starts = np.unique(groups[order], return_index=True)
        owners = order if entries is None else entries[order]
        for group, part in zip(present.tolist(), np.split(owners, starts[1:]), strict=True):
            numbers = documents[part].astype(np.int64) + segment.offset
            self._members.setdefault(name_of(group), []).append((numbers, scores[part]))

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
            documents = np.sort(documents)
            groups = np.full(documents.size, len(plans), np.int64)
            for number, (_, plan) in enumerate(plans):
                groups[plan.contains(segment, documents)] = number
            return [*(name for name, _ in plans), None].__getitem__, groups, None

        return by_range
    name = facet.fieldname
    field = planner.schema[name]

    def by_field(segment: Segment, documents: Documents) -> Groups:
        values = segment.arrays.column_values(name)
        column = segment.column(name)
        if facet.allow_overlap and column is None:
            return _entries(segment, name, np.sort(documents))
        if column is None:
            return lambda _: None, np.zeros(documents.size, np.int64), None
        own = column.take(documents)
        if not isinstance(field, NUMERIC):
            groups = np.where(own < 0, len(values), own).astype(np.int64)
            return [*values, None].__getitem__, groups, None
        highest = int(own.max())
        if own.dtype.kind == "u" and highest < LARGEST_SPAN:
            return field.from_column_value, own, None
        lowest = int(own.min())
        if highest - lowest < LARGEST_SPAN:
            groups = (own - own.dtype.type(lowest)).astype(np.int64)
            return lambda group: field.from_column_value(lowest + group), groups, None
        present, groups = np.unique(own, return_inverse=True)
        return lambda group: field.from_column_value(int(present[group])), groups, None

    return by_field


def _entries(segment: Segment, name: str, documents: Documents) -> Groups:
    """Groups of a keyword column with any number of values a document."""
    values = segment.arrays.column_values(name)
    entries = segment.arrays.column_entries(name)
    if entries is None:
        return lambda _: None, np.zeros(documents.size, np.int64), None
    owners, ordinals = entries
    chosen = members(owners, documents, segment.size)
    owners, ordinals = owners[chosen], ordinals[chosen]
    without = np.flatnonzero(~members(documents, owners, segment.size))
    matches = np.concatenate([np.searchsorted(documents, owners), without])
    groups = np.concatenate([ordinals.astype(np.int64), np.full(without.size, len(values))])
    return [*values, None].__getitem__, groups, matches
