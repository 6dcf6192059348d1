"""Where terms stand: positions in one space for a whole segment, back and forth to documents.

A field's documents follow each other in this space with gaps between them, so that a phrase is an
intersection of sorted arrays. Called by the plans for phrases and spans.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from whoosh.query.qcore import QueryError

from searchsvc.evaluation.located import ranked
from searchsvc.evaluation.sorted_sets import distinct, members
from searchsvc.evaluation.types import Documents, Positions
from searchsvc.postings.arrays import FieldPostings


def term_positions(
    field: FieldPostings, ordinal: int, within: Documents | None = None
) -> Positions:
    """Global positions of a term, ascending; ``within``: only those in these documents.

    Raises whoosh.query.QueryError for a field without positions, as Whoosh does.
    """
    if within is None or within.size * 4 > field.document_frequency(ordinal):
        positions = field.positions(ordinal)
    else:
        positions = field.positions_at(ordinal, ranked(field, ordinal, within)[1])
        within = None
    if positions is None:
        raise QueryError("Phrase search: the field has no positions")
    if within is not None:
        frequencies = field.frequencies(ordinal)
        documents = field.documents(ordinal)
        assert field.position_starts is not None
        wanted = members(documents, within, field.position_starts.size)
        if not wanted.all():
            positions = positions[wanted if frequencies is None else np.repeat(wanted, frequencies)]
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
