"""From NumericRange and DateRange to a plan: the bounds in the form that column and terms have.

Called by the planner.
"""

from __future__ import annotations

from typing import Any

from whoosh import query as wq
from whoosh.fields import DATETIME, NUMERIC
from whoosh.query.qcore import QueryError
from whoosh.util.numeric import to_sortable

from searchsvc.evaluation.expansion import prefix_end
from searchsvc.evaluation.plan import NOTHING, Plan, PlanMaker
from searchsvc.evaluation.ranges import Bounds, RangePlan


def range_plan(planner: PlanMaker, query: wq.NumericRange) -> Plan:
    """The plan of a range. Raises whoosh.query.QueryError for a field that is not numeric."""
    name = query.fieldname
    if name not in planner.schema:
        return NOTHING
    field = planner.schema[name]
    if not isinstance(field, NUMERIC):
        raise QueryError(f"NumericRange: field {name!r} is not numeric")
    low = _sortable(field, query.start, int(query.startexcl))
    high = _sortable(field, query.end, -int(query.endexcl))
    last = (1 << field.bits) - 1
    if (low or 0) > last or (high is not None and high < 0):
        return NOTHING
    if low is not None and high is not None and low > high:
        return NOTHING
    lowest, highest = low or 0, last if high is None else min(high, last)
    terms = (
        field.sortable_to_bytes(max(lowest, 0)),
        prefix_end(field.sortable_to_bytes(highest)),
    )
    return RangePlan(name, _column_bounds(field, low, high), terms, query.boost, planner.deadline)


def _sortable(field: Any, number: Any, step: int) -> int | None:
    """The bound as the unsigned number that keeps the order, moved by ``step`` if exclusive."""
    if number is None:
        return None
    number = field.prepare_number(number)
    return int(to_sortable(field.numtype, field.bits, field.signed, number)) + step


def _column_bounds(field: Any, low: int | None, high: int | None) -> Bounds:
    """The bounds as column values: DATETIME columns hold plain numbers, others sortable ones."""
    plain = isinstance(field, DATETIME)
    shift = int(to_sortable(field.numtype, field.bits, field.signed, 0)) if plain else 0
    column = field.column_type
    missing = None if column is None else column.default_value()
    return Bounds(
        None if low is None else low - shift,
        None if high is None else high - shift,
        missing if isinstance(missing, int) else None,
    )
