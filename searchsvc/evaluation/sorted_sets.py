"""Sets of documents as ascending arrays. Called by the plans; the loops are in ``kernels``."""

from __future__ import annotations

import numpy as np

from searchsvc.evaluation.kernels import common_places, common_positions, members, merge
from searchsvc.evaluation.scratch import borrow, give_back
from searchsvc.evaluation.types import NO_DOCUMENTS, Documents

__all__ = ["common_places", "common_positions", "distinct", "members", "ordered", "union"]


def union(parts: list[Documents], size: int) -> Documents:
    """The documents of any part; ``size`` is that of the segment."""
    parts = [part for part in parts if part.size]
    if len(parts) <= 2:
        return merge(*parts) if len(parts) == 2 else parts[0] if parts else NO_DOCUMENTS
    if sum(part.size for part in parts) * 16 < size:
        merged = np.concatenate(parts)
        merged.sort(kind="stable")
        return distinct(merged)
    return _marked(parts, size)


def ordered(documents: Documents, size: int) -> Documents:
    """Distinct documents in ascending order; ``size`` is that of the segment."""
    if documents.size * 16 < size:
        return np.sort(documents)
    return _marked([documents], size)


def _marked(parts: list[Documents], size: int) -> Documents:
    marks = borrow(size, np.bool_)
    for part in parts:
        marks[part.astype(np.intp)] = True
    numbers = np.flatnonzero(marks)
    give_back(marks, numbers)
    return numbers.astype(np.uint32)


def distinct(ascending: Documents) -> Documents:
    """An ascending array without its repetitions."""
    if ascending.size < 2:
        return ascending
    new = np.empty(ascending.size, np.bool_)
    new[0] = True
    np.not_equal(ascending[1:], ascending[:-1], out=new[1:])
    return ascending[new]
