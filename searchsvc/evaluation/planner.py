"""From a whoosh.query tree to plans, one function per kind of node.

A kind that is not in the table, or a node with an option that no plan knows, is evaluated by
Whoosh's own matcher. Called by the collector, once for each search.

Where Whoosh 2.7.4 does something else than its documentation says, the plans follow the
documentation; ``tests/test_evaluation_whoosh_faults.py`` shows each case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from whoosh import query as wq
from whoosh.query import spans as ws
from whoosh.query.qcore import QueryError
from whoosh.scoring import BM25F

from searchsvc.evaluation.boolean import (
    AndPlan,
    BestPlan,
    ConstantPlan,
    EveryPlan,
    NotPlan,
    OptionalPlan,
    OrPlan,
)
from searchsvc.evaluation.bounded_phrases import BoundedPhrasePlan
from searchsvc.evaluation.character_sequences import CharacterSequencePlan
from searchsvc.evaluation.characters import CharacterNearPlan, CharacterPhrasePlan
from searchsvc.evaluation.combined import CombinedPlan, WeightedTerm, combined_idf
from searchsvc.evaluation.deadline import Deadline
from searchsvc.evaluation.fallback import MatcherPlan
from searchsvc.evaluation.multi_terms import multi_term_plan, pattern_plan, prefix_plan
from searchsvc.evaluation.phrases import PhrasePlan
from searchsvc.evaluation.plan import NOTHING, Plan
from searchsvc.evaluation.queries import (
    BoundedPhrase,
    CharacterNear,
    CharacterPhrase,
    CharacterSequence,
    CombinedTerm,
    VerifiedQuery,
)
from searchsvc.evaluation.range_bounds import range_plan
from searchsvc.evaluation.span_planner import span_plan
from searchsvc.evaluation.statistics import Statistics
from searchsvc.evaluation.terms import Saturation, TermPlan
from searchsvc.evaluation.verified import VerifiedPlan


def alternatives(queries: Iterable[Any]) -> list[Any]:
    """The clauses of an OR, with those of every OR among them in its place: one sum, added in order."""
    flat: list[Any] = []
    for query in queries:
        if type(query) is wq.Or and query.boost == 1.0 and not query.scale:
            flat += alternatives(query.subqueries)
        else:
            flat.append(query)
    return flat


class NoPlan(Exception):  # noqa: N818 - a signal between two modules, not an error
    """The node has an option that no plan knows."""


class Planner:
    """Makes the plans of one search. ``schema`` and ``context`` are Whoosh's."""

    def __init__(
        self, statistics: Statistics, schema: Any, context: Any, deadline: Deadline
    ) -> None:
        self.statistics = statistics
        self.segments = statistics.segments
        self.schema = schema
        self.context = context
        self.deadline = deadline

    def plan(self, query: Any) -> Plan:
        """The plan of a query. Raises QueryCostError where it stands for too many terms."""
        make = _PLANS.get(type(query))
        if make is not None:
            try:
                return make(self, query)
            except NoPlan:
                pass
        return MatcherPlan(query, self.context, self.deadline)

    def plans(self, queries: Iterable[Any]) -> list[Plan]:
        """The plans of some queries."""
        return [self.plan(query) for query in queries]

    def term(self, name: str, term: bytes, boost: float) -> TermPlan:
        """The plan of a term of an indexed field. Raises NoPlan for another weighting."""
        statistics = self.statistics
        located = statistics.locate(name, term)
        weighting = self.context.weighting
        field = statistics.field(name)
        if weighting is None or field is None or not field.scorable:
            return TermPlan(located, Saturation(boost, None), self.deadline)
        if type(weighting) is not BM25F:
            raise NoPlan
        idf = statistics.idf(sum(located.document_frequencies))
        b = weighting._field_B.get(name, weighting.B)  # Whoosh 2.7.4 has no public name for it
        table = statistics.saturation(name, b, weighting.K1)
        return TermPlan(located, Saturation(boost * idf * (weighting.K1 + 1), table), self.deadline)

    def field_bytes(self, name: str, text: Any) -> bytes | None:
        """The term as it is indexed; None where the field or such a term cannot be."""
        field = self.statistics.field(name)
        try:
            return None if field is None else field.to_bytes(text)
        except ValueError:
            return None

    def with_weighting(self, weighting: Any) -> Planner:
        """A planner that scores by another weighting."""
        context = self.context.set(weighting=weighting)
        return Planner(self.statistics, self.schema, context, self.deadline)


def _term(planner: Planner, query: wq.Term) -> Plan:
    if query.minquality:
        raise NoPlan
    term = planner.field_bytes(query.fieldname, query.text)
    return NOTHING if term is None else planner.term(query.fieldname, term, query.boost)


def _compound(make: Callable[[Sequence[Plan], float], Plan]) -> Callable[[Planner, Any], Plan]:
    def plan(planner: Planner, query: Any) -> Plan:
        clauses = planner.plans(query.subqueries)
        if not clauses:
            return NOTHING
        if len(clauses) == 1 and query.boost == 1.0:
            return clauses[0]
        return make(clauses, query.boost)

    return plan


def _or(planner: Planner, query: wq.Or) -> Plan:
    if query.scale:
        raise NoPlan
    clauses = planner.plans(alternatives(query.subqueries))
    if not clauses:
        return NOTHING
    return clauses[0] if len(clauses) == 1 and query.boost == 1.0 else OrPlan(clauses, query.boost)


def _best(planner: Planner, query: wq.DisjunctionMax) -> Plan:
    tiebreak = query.tiebreak
    return _compound(lambda clauses, boost: BestPlan(clauses, boost, tiebreak))(planner, query)


def _and_not(planner: Planner, query: wq.AndNot) -> Plan:
    a, b = planner.plans(query.subqueries)
    return AndPlan([a, NotPlan(b)], scored=(True, False))


def _require(planner: Planner, query: wq.Require) -> Plan:
    return AndPlan(planner.plans(query.subqueries), scored=(True, False))


def _and_maybe(planner: Planner, query: wq.AndMaybe) -> Plan:
    return OptionalPlan(*planner.plans(query.subqueries))


def _constant(planner: Planner, query: wq.ConstantScoreQuery) -> Plan:
    return ConstantPlan(planner.plan(query.child), query.score)


def _weighting(planner: Planner, query: wq.WeightingQuery) -> Plan:
    return planner.with_weighting(query.weighting).plan(query.child)


def _every(planner: Planner, query: wq.Every) -> Plan:
    return EveryPlan(query.boost, query.fieldname, planner.deadline)


def _phrase(planner: Planner, query: wq.Phrase) -> Plan:
    name = query.fieldname
    if name not in planner.schema or not query.words:
        return NOTHING
    field = planner.schema[name]
    if not field.format or not field.format.supports("positions"):
        raise QueryError(f"Phrase search: {name!r} field has no positions")
    terms = [planner.field_bytes(name, word) for word in query.words]
    if None in terms:
        return NOTHING
    words = [planner.term(name, term, 1.0) for term in terms if term is not None]
    if len(words) == 1:
        return planner.term(name, terms[0] or b"", query.boost)
    return PhrasePlan(words, query.slop, query.boost, planner.deadline)


def _spans(planner: Planner, query: Any) -> Plan:
    plan = span_plan(planner, query)
    if plan is None:
        raise NoPlan
    return plan


def _combined_term(planner: Planner, query: CombinedTerm) -> Plan:
    statistics = planner.statistics
    located = [statistics.locate(name, query.text.encode()) for name in query.fields]
    terms = [
        WeightedTerm(term, statistics.field_weights(term.name, *query.fields[term.name]))
        for term in located
    ]
    factor = query.boost * combined_idf(statistics, located, query.text)
    return CombinedPlan(terms, factor, query.k1, planner.deadline)


def _character_phrase(planner: Planner, query: CharacterPhrase) -> Plan:
    if not query.text:
        return NOTHING
    return CharacterPhrasePlan(query.text, query.fields, query.boost, planner.deadline)


def _bounded_phrase(planner: Planner, query: BoundedPhrase) -> Plan:
    return BoundedPhrasePlan(query, planner.deadline) if query.text else NOTHING


def _character_near(planner: Planner, query: CharacterNear) -> Plan:
    if not query.texts or not all(query.texts):
        return NOTHING
    return CharacterNearPlan(
        query.texts, query.distance, query.fields, query.boost, planner.deadline
    )


def _character_sequence(planner: Planner, query: CharacterSequence) -> Plan:
    if not query.texts or not all(query.texts):
        return NOTHING
    return CharacterSequencePlan(query, planner.deadline)


def _verified(planner: Planner, query: VerifiedQuery) -> Plan:
    return VerifiedPlan(query, planner.plan(query.candidates), planner.deadline)


_PLANS: dict[type, Callable[[Planner, Any], Plan]] = {
    wq.Term: _term,
    wq.And: _compound(AndPlan),
    wq.Or: _or,
    wq.DisjunctionMax: _best,
    wq.Not: lambda planner, query: NotPlan(planner.plan(query.query)),
    wq.AndNot: _and_not,
    wq.AndMaybe: _and_maybe,
    wq.Require: _require,
    wq.ConstantScoreQuery: _constant,
    wq.WeightingQuery: _weighting,
    wq.Every: _every,
    type(wq.NullQuery): lambda planner, query: NOTHING,
    wq.Phrase: _phrase,
    wq.Prefix: prefix_plan,
    wq.Wildcard: pattern_plan,
    wq.Regex: pattern_plan,
    wq.TermRange: multi_term_plan,
    wq.FuzzyTerm: multi_term_plan,
    wq.Variations: multi_term_plan,
    wq.NumericRange: range_plan,
    wq.DateRange: range_plan,
    wq.Sequence: _spans,
    wq.Ordered: _spans,
    ws.SpanNear: _spans,
    ws.SpanNear2: _spans,
    ws.SpanOr: _spans,
    ws.SpanFirst: _spans,
    ws.SpanNot: _spans,
    ws.SpanContains: _spans,
    ws.SpanBefore: _spans,
    ws.SpanCondition: _spans,
    CombinedTerm: _combined_term,
    CharacterPhrase: _character_phrase,
    BoundedPhrase: _bounded_phrase,
    CharacterNear: _character_near,
    CharacterSequence: _character_sequence,
    VerifiedQuery: _verified,
}
