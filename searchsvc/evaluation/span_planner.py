"""From Whoosh's span queries to plans. Called by the planner.

A part may be a term, an And or Or of parts, or another span query, all in one field; anything else
stays with Whoosh's matchers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from whoosh import query as wq
from whoosh.query import spans as ws

from searchsvc.evaluation.boolean import AndPlan, OptionalPlan, OrPlan
from searchsvc.evaluation.plan import Plan, PlanMaker
from searchsvc.evaluation.span_plans import (
    AnySpans,
    Condition,
    ConditionPlan,
    SpanPlan,
    TermSpans,
    beginning,
    enclosing,
    excluding,
    keeping_first,
    merging,
    nearness,
    preceding,
)
from searchsvc.evaluation.terms import TermPlan


def span_plan(planner: PlanMaker, query: Any) -> SpanPlan | None:
    """The plan of a span query or a part of one; None where some part has no spans here."""
    kind = type(query)
    if kind is wq.Term:
        return _term(planner, query)
    if kind in (wq.Sequence, wq.Ordered):
        return _sequence(planner, query)
    if kind is wq.Or and query.scale:
        return None
    parts = _parts(planner, query)
    if parts is None:
        return None
    if kind in (wq.And, wq.Or):
        together = AndPlan if kind is wq.And else OrPlan
        return AnySpans(together(parts, query.boost), parts)
    combine, condition = _CONDITIONS[kind]
    return ConditionPlan(combine(parts), parts, condition(query))


def _term(planner: PlanMaker, query: wq.Term) -> SpanPlan | None:
    term = planner.plan(query)
    if not isinstance(term, TermPlan):
        return None
    if not planner.schema[query.fieldname].format.supports("positions"):
        return None
    return TermSpans(term, planner.deadline)


def _parts(planner: PlanMaker, query: Any) -> list[SpanPlan] | None:
    """Plans of all parts; None where one has none, where they differ in field, or are none."""
    if type(query) not in _CONDITIONS and type(query) not in (wq.And, wq.Or):
        return None
    parts: list[SpanPlan] = []
    for part in _subqueries(query):
        plan = span_plan(planner, part)
        if plan is None:
            return None
        parts.append(plan)
    return parts if parts and len({part.field for part in parts}) == 1 else None


def _subqueries(query: Any) -> Sequence[Any]:
    if isinstance(query, ws.SpanFirst):
        return [query.q]
    if isinstance(query, ws.SpanNear2):
        found: Sequence[Any] = query.qs
        return found
    if isinstance(query, ws.SpanOr):
        return list(query.subqs)
    if isinstance(query, wq.And | wq.Or):
        return list(query.subqueries)
    return [query.a, query.b]


def _sequence(planner: PlanMaker, query: Any) -> SpanPlan | None:
    """Whoosh joins the parts of a sequence by halves, each half being a span of its own."""
    parts = [span_plan(planner, part) for part in query.subqueries]
    known = [part for part in parts if part is not None]
    if not known or len(known) < len(parts) or len({part.field for part in known}) > 1:
        return None
    if len(known) == 1:
        return known[0]
    in_order = type(query) is wq.Ordered
    condition = preceding if in_order else nearness(query.slop, query.ordered, 1)
    joined = _halves(known, condition)
    return joined if query.boost == 1.0 else AnySpans(AndPlan([joined], query.boost), [joined])


def _halves(parts: Sequence[SpanPlan], condition: Condition) -> SpanPlan:
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    pair = [_halves(parts[:middle], condition), _halves(parts[middle:], condition)]
    return ConditionPlan(AndPlan(pair), pair, condition)


Combine = Callable[..., Plan]

_CONDITIONS: dict[type, tuple[Combine, Callable[[Any], Condition]]] = {
    ws.SpanNear: (AndPlan, lambda q: nearness(q.slop, q.ordered, q.mindist)),
    ws.SpanNear2: (AndPlan, lambda q: nearness(q.slop, q.ordered, q.mindist)),
    ws.SpanOr: (OrPlan, lambda _: merging),
    ws.SpanFirst: (AndPlan, lambda q: beginning(q.limit)),
    ws.SpanNot: (lambda parts: OptionalPlan(*parts), lambda _: excluding),
    ws.SpanContains: (AndPlan, lambda _: enclosing),
    ws.SpanBefore: (AndPlan, lambda _: preceding),
    ws.SpanCondition: (AndPlan, lambda _: keeping_first),
}
"""For each span query: how its parts combine to documents and scores, and which spans stay."""
