"""What a Whoosh schema asks of a segment, and the postings of a document's values.

Called by the segment builder and by merging. Works with Whoosh's own field types; nothing here is
written into an index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from whoosh import columns
from whoosh.fields import FieldType, Schema

from searchsvc.postings.pairs import CharacterPairs
from searchsvc.postings.runs import Tokens

_POSITIONAL = (Tokens, CharacterPairs)
_POSTINGS = (dict, *_POSITIONAL, Mapping)


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """What to write for a field of the schema.

    ``keyword_column``: the terms are also a column, for facets. ``number``: dtype of a column of
    numbers with ``default`` where a document has no value.
    """

    name: str
    field: FieldType
    inverted: bool
    positions: bool
    lengths: bool
    keyword_column: bool
    number: np.dtype[Any] | None
    default: Any


def plan_fields(schema: Schema) -> list[FieldPlan]:
    """A plan for every field. Raises TypeError for a column that cannot be stored."""
    return [_plan(name, field) for name, field in sorted(schema.items())]


def _plan(name: str, field: FieldType) -> FieldPlan:
    column = field.column_type
    numeric = isinstance(column, columns.NumericColumn)
    if column is not None and not numeric and not field.indexed:
        raise TypeError(f"field {name!r}: only numbers and indexed keywords can be columns")
    return FieldPlan(
        name=name,
        field=field,
        inverted=bool(field.indexed),
        positions=bool(field.indexed and field.format.supports("positions")),
        lengths=bool(field.indexed and field.scorable),
        keyword_column=column is not None and not numeric,
        number=np.dtype(column._typecode) if numeric else None,
        default=column.default_value() if numeric else None,
    )


def postings_of(plan: FieldPlan, value: Any) -> Mapping[Any, int] | Tokens | CharacterPairs:
    """The value's terms with frequencies, or its tokens or pairs where the field has positions.

    ``value`` is either of these already, or whatever the field's own analysis takes. Raises
    ValueError where a posting has a boost, which cannot be stored.
    """
    if isinstance(value, _POSTINGS):
        if isinstance(value, _POSITIONAL) == plan.positions:
            return value
        wanted = "Tokens or CharacterPairs" if plan.positions else "counts"
        raise TypeError(f"field {plan.name!r} takes {wanted}")
    counts: dict[bytes, int] = {}
    places: list[tuple[int, bytes]] = []
    for term, frequency, weight, encoded in plan.field.index(value):
        if weight != frequency:
            raise ValueError(f"field {plan.name!r}: boosted postings cannot be stored")
        counts[term] = counts.get(term, 0) + frequency
        if plan.positions:
            places += [(place, term) for place in plan.field.format.decode_positions(encoded)]
    if not plan.positions:
        return counts
    places.sort()
    return Tokens([term for _, term in places], [place for place, _ in places])
