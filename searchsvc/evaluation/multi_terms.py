"""From nodes that stand for many terms to plans. Called by the planner.

The terms of a prefix or a term range are a run of the field's dictionary; those of a pattern are
looked for behind its literal beginning; those of any other node are what Whoosh finds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from whoosh import query as wq

from searchsvc.evaluation.boolean import EveryPlan, OrPlan
from searchsvc.evaluation.expansion import (
    ExpandedPlan,
    known_ordinals,
    limited,
    matching_ordinals,
    prefix_range,
)
from searchsvc.evaluation.plan import NOTHING, Plan, PlanMaker


def multi_term_plan(planner: PlanMaker, query: Any) -> Plan:
    """The plan of any node that stands for terms; with ``constantscore`` all score its boost.

    Raises QueryCostError where there are too many.
    """
    name = query.field()
    if name not in planner.schema or not planner.schema[name].format:
        return NOTHING
    expand = _EXPANSIONS.get(type(query), _whoosh_expansion)
    ordinals = limited(str(query), expand(planner, query))
    if query.constantscore:
        return ExpandedPlan(name, ordinals, query.boost, planner.deadline)
    terms = {
        field.term(ordinal)
        for segment, chosen in zip(planner.segments, ordinals, strict=True)
        if (field := segment.field(name)) is not None
        for ordinal in chosen
    }
    if not terms:
        return NOTHING
    return OrPlan([planner.term(name, term, 1.0) for term in sorted(terms)], query.boost)


def prefix_plan(planner: PlanMaker, query: wq.Prefix) -> Plan:
    """The plan of a prefix; an empty one is in every document with the field."""
    if not query.text:
        return EveryPlan(query.boost, query.fieldname, planner.deadline)
    return multi_term_plan(planner, query)


def pattern_plan(planner: PlanMaker, query: Any) -> Plan:
    """The plan of a Wildcard or Regex; one that takes anything is every document's."""
    if query.text == ("*" if isinstance(query, wq.Wildcard) else ".*"):
        return EveryPlan(query.boost, query.fieldname, planner.deadline)
    return multi_term_plan(planner, query)


def _prefix_expansion(planner: PlanMaker, query: wq.Prefix) -> Iterable[Sequence[int]]:
    prefix = planner.field_bytes(query.fieldname, query.text)
    for segment in planner.segments:
        field = segment.field(query.fieldname)
        yield range(0) if prefix is None else prefix_range(field, prefix)


def _pattern_expansion(planner: PlanMaker, query: Any) -> Iterable[Sequence[int]]:
    expression = re.compile(query._get_pattern())  # Whoosh 2.7.4 has no public names for these
    prefix = query._find_prefix(query.text).encode()
    for segment in planner.segments:
        field = segment.field(query.fieldname)
        yield matching_ordinals(field, prefix_range(field, prefix), expression, planner.deadline)


def _term_range_expansion(planner: PlanMaker, query: wq.TermRange) -> Iterable[Sequence[int]]:
    name = query.fieldname
    start = b"" if query.start is None else planner.field_bytes(name, query.start)
    end = b"" if query.end is None else planner.field_bytes(name, query.end)
    for segment in planner.segments:
        field = segment.field(name)
        if field is None or start is None or end is None:
            yield range(0)
            continue
        low = start + b"\0" if query.startexcl and query.start is not None else start
        high = end if query.endexcl else end + b"\0"
        yield range(*field.range(low, None if query.end is None else high))


def _whoosh_expansion(planner: PlanMaker, query: Any) -> Iterable[Sequence[int]]:
    name = query.field()
    to_bytes = planner.schema[name].to_bytes
    for segment in planner.segments:
        terms = [to_bytes(term) for term in query._btexts(segment.searcher.reader())]
        yield known_ordinals(segment.field(name), terms)


_EXPANSIONS: dict[type, Callable[[PlanMaker, Any], Iterable[Sequence[int]]]] = {
    wq.Prefix: _prefix_expansion,
    wq.Wildcard: _pattern_expansion,
    wq.Regex: _pattern_expansion,
    wq.TermRange: _term_range_expansion,
}
