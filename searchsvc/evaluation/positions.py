"""Where terms stand: positions in one space for a whole segment, back and forth to documents.

A field's documents follow each other in this space with gaps between them, so that a phrase is an
intersection of sorted arrays. Called by the plans for phrases and spans.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from whoosh.query.qcore import QueryError

from searchsvc.evaluation.sorted_sets import distinct, members
from searchsvc.evaluation.types import Documents, Positions
from searchsvc.postings.arrays import FieldPostings


def term_positions(
    field: FieldPostings, ordinal: int, within: Documents | None = None, size: int = 0
) -> Positions:
    """Global positions of a term, ascending; ``within``: only those in these documents.

    ``size`` is the segment's, needed with ``within``. Raises whoosh.query.QueryError for a field
    without positions, as Whoosh does.
    """
    positions = field.positions(ordinal)
    if positions is None:
        raise QueryError("Phrase search: the field has no positions")
    if within is not None:
        documents = field.documents(ordinal)
        wanted = members(documents, within, size)
        if not wanted.all():
            frequencies = field.frequencies(ordinal)
            if frequencies is not None:
                wanted = np.repeat(wanted, frequencies)
            positions = positions[wanted]
    return positions.astype(np.int64)


def documents_at(field: FieldPostings, positions: Positions) -> NDArray[np.int64]:
    """The document of each position; ascending, repeated where a document has several."""
    assert field.position_starts is not None
    starts = field.position_starts
    return np.searchsorted(starts, positions.astype(starts.dtype), side="right") - 1


def distinct_documents(field: FieldPostings, positions: Positions) -> Documents:
    """The documents with any of the positions, which ascend."""
    if not positions.size:
        return np.empty(0, np.uint32)
    return distinct(documents_at(field, positions).astype(np.uint32))
