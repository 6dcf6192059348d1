"""Queries of the usual shapes as conjunctions of clauses, which ``flat`` searches in one call.

A term, a phrase, an OR of terms, an AND of these, without some, within a range or a filter; a text of
characters, scored by terms in several fields. What has another shape has no clauses and is evaluated
by the plans, which give the same to the last bit and are what tests compare with. Called by ``flat``.
Raises ImportError where numba is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from whoosh import query as wq

from searchsvc.evaluation.compiled_tables import (
    ALL,
    ANY,
    COMBINED,
    GIVEN,
    NONE,
    PHRASE,
    SUM,
    TEXTS,
    WITHOUT,
)
from searchsvc.evaluation.narrowing import narrowing_plan
from searchsvc.evaluation.plan import Plan
from searchsvc.evaluation.planner import Planner, alternatives
from searchsvc.evaluation.queries import CharacterNear, CharacterPhrase, CombinedTerm
from searchsvc.evaluation.term_rows import Rows, TermRows


class NotFlatError(Exception):
    """The query has another shape."""


@dataclass(slots=True)
class Clause:
    """A clause of a conjunction: a row of ``compiled_tables``, of any segment.

    ``boost`` is 0 where it does not score. ``plan`` finds the documents of a GIVEN or WITHOUT clause.
    ``is_positive``: every score of its terms is above zero.
    """

    kind: int
    terms: Sequence[Rows] = ()
    boost: float = 0.0
    step: int = 0
    k1: float = 0.0
    plan: Plan | None = None
    is_positive: bool = False


class Flattening:
    """Makes the clauses of one search; ``boost`` is what the sum of all is multiplied by.

    ``is_union``: the first clause has all the terms that score, each above zero.
    """

    def __init__(self, rows: TermRows, make_planner: Callable[[], Planner]) -> None:
        self.clauses: list[Clause] = []
        self.boost = 1.0
        self.is_union = False
        self._rows = rows
        self._make_planner = make_planner
        self._planner: Planner | None = None

    def take(self, query: Any, allow: Any, restrict: Any) -> None:
        """Takes a query, what is allowed and what is not. Raises NotFlatError."""
        kind = type(query)
        if kind is wq.Term:
            self._term(query, True)
        elif kind is wq.And and len(query.subqueries) > 1:
            self.boost = query.boost
            for number, child in enumerate(query.subqueries):
                self._clause(child, True, first=number == 0)
        elif kind is wq.Or and _is_combined(query):
            self._any_combined(query)
        else:
            self._clause(query, True, first=True)
        if allow is not None:
            self._narrow(allow)
        if restrict is not None:
            self._without(restrict)
        clauses = self.clauses
        if not any(c.kind in _GIVING or c.kind == COMBINED for c in clauses):
            raise NotFlatError
        first = clauses[0]
        if first.kind == ANY and len(first.terms) > 1 and not self.is_union:
            self.is_union = (
                first.is_positive
                and self.boost == 1.0
                and not any(clause.boost for clause in clauses[1:])
            )

    def _clause(self, query: Any, scored: bool, *, first: bool = False) -> None:
        """Adds the clauses of a node of a conjunction; ``first``: their sum is what others add to."""
        make = _CLAUSES.get(type(query))
        if make is None:
            raise NotFlatError
        make(self, query, scored, first)

    def _term(self, query: wq.Term, scored: bool, first: bool = False) -> None:
        if query.minquality:
            raise NotFlatError
        rows = self._rows.term(query.fieldname, query.text, query.boost)
        terms = () if rows is None else (rows,)
        self.clauses.append(Clause(ANY, terms, float(scored), is_positive=query.boost > 0))

    def _any(self, query: wq.Or, scored: bool, first: bool) -> None:
        if query.scale:
            raise NotFlatError
        children = alternatives(query.subqueries)
        if len(children) == 1 and query.boost == 1.0:
            self._clause(children[0], scored, first=first)
            return
        if not scored:
            children = alternatives(map(_unscored, children))
        terms = self._terms(children)
        is_positive = scored and all(child.boost > 0 for child in children)
        boost = query.boost if scored else 0.0
        self.clauses.append(Clause(ANY, terms, boost, is_positive=is_positive and boost != 0.0))

    def _all(self, query: wq.And, scored: bool, first: bool) -> None:
        children = query.subqueries
        if not children:
            raise NotFlatError
        if not scored or (query.boost == 1.0 and (first or len(children) == 1)):
            for number, child in enumerate(children):
                self._clause(child, scored, first=first and number == 0)
            return
        self.clauses.append(Clause(ALL, self._terms(children, every=True), query.boost))

    def _terms(self, queries: Iterable[Any], *, every: bool = False) -> list[Rows]:
        """The rows of terms; ``every``: one that cannot be stands for itself, and is nowhere."""
        rows = []
        for query in queries:
            if type(query) is not wq.Term or query.minquality:
                raise NotFlatError
            own = self._rows.term(query.fieldname, query.text, query.boost)
            if own is not None:
                rows.append(own)
            elif every:
                rows.append(self._rows.nowhere)
        return rows

    def _phrase(self, query: wq.Phrase, scored: bool, first: bool) -> None:
        name = query.fieldname
        if query.slop != 1 or len(query.words) < 2 or not self._rows.has_positions(name):
            raise NotFlatError
        rows = [self._rows.term(name, word, 1.0) for word in query.words]
        terms = [self._rows.nowhere if row is None else row for row in rows]
        self.clauses.append(Clause(PHRASE, terms, query.boost if scored else 0.0))

    def _text(self, query: CharacterPhrase, scored: bool, first: bool) -> None:
        text, boost = query.text, query.boost if scored else 0.0
        if len(text) < 2:
            self._given(query, scored, first)
            return
        if not all(map(self._rows.has_positions, query.fields)):
            raise NotFlatError
        pairs = [text[n : n + 2] for n in range(len(text) - 1)]
        term = self._rows.term
        groups = [[term(name, pair, 1.0) for pair in pairs] for name in query.fields]
        terms = [row for group in groups if None not in group for row in group if row is not None]
        if len(pairs) == 1 and not boost:
            self.clauses.append(Clause(ANY, terms))
        else:
            self.clauses.append(Clause(TEXTS, terms, boost, len(pairs)))

    def _given(self, query: Any, scored: bool, first: bool) -> None:
        if scored and not getattr(query, "constantscore", True):
            raise NotFlatError
        boost = query.boost if scored else 0.0
        self.clauses.append(Clause(GIVEN, boost=boost, plan=self._plan(query)))

    def _plan(self, query: Any) -> Plan:
        if self._planner is None:
            self._planner = self._make_planner()
        return self._planner.plan(query)

    def _not(self, query: wq.Not, scored: bool, first: bool) -> None:
        self._without(query.query)
        self.clauses[-1].boost = float(scored)  # as Whoosh scores it

    def _without(self, query: Any) -> None:
        query = _unscored(query)
        if type(query) is wq.Term:
            self.clauses.append(Clause(NONE, self._terms([query])))
        elif type(query) is wq.Or and all(type(child) is wq.Term for child in query.subqueries):
            self.clauses.append(Clause(NONE, self._terms(query.subqueries)))
        elif isinstance(query, wq.Query):
            self.clauses.append(Clause(WITHOUT, plan=self._plan(query)))
        else:
            self.clauses.append(Clause(WITHOUT, plan=self._numbers(query)))

    def _narrow(self, query: Any) -> None:
        """Adds a filter: a query, or anything else that ``narrowing_plan`` takes."""
        if isinstance(query, wq.Query):
            self._clause(query, False)
        else:
            self.clauses.append(Clause(GIVEN, plan=self._numbers(query)))

    def _numbers(self, numbers: Any) -> Plan:
        if self._planner is None:
            self._planner = self._make_planner()
        return narrowing_plan(self._planner, numbers)

    def _and_not(self, query: wq.AndNot, scored: bool, first: bool) -> None:
        if scored and not first:
            raise NotFlatError
        wanted, unwanted = query.subqueries
        self._clause(wanted, scored, first=first)
        self._without(unwanted)

    def _require(self, query: wq.Require, scored: bool, first: bool) -> None:
        if scored and not first:
            raise NotFlatError
        wanted, other = query.subqueries
        self._clause(wanted, scored, first=first)
        self._clause(other, False)

    def _maybe(self, query: wq.AndMaybe, scored: bool, first: bool) -> None:
        wanted, optional = query.subqueries
        if not scored:
            self._clause(wanted, False)
            return
        if not first and not _scores_nothing(wanted):
            raise NotFlatError
        self._clause(wanted, not _scores_nothing(wanted), first=first)
        terms, boost = [optional], 1.0
        if type(optional) is wq.Or:
            terms, boost = alternatives(optional.subqueries), optional.boost
        self._combined(terms)
        self.clauses.append(Clause(SUM, boost=boost))

    def _any_combined(self, query: wq.Or) -> None:
        """Adds what is found by any of some terms in several fields, and is scored by all."""
        found = Clause(ANY)
        self.clauses.append(found)
        self._combined(alternatives(query.subqueries))
        combined = self.clauses[1:]
        found.terms = [row for clause in combined for row in clause.terms]
        self.is_union = len(found.terms) > 1 and all(clause.is_positive for clause in combined)
        self.clauses.append(Clause(SUM, boost=1.0))
        self.boost = query.boost

    def _combined(self, queries: Iterable[Any]) -> None:
        for query in queries:
            if type(query) is not CombinedTerm:
                raise NotFlatError
            own = self._rows.combined(query.text, query.fields, query.boost)
            self.clauses.append(
                Clause(COMBINED, own.fields, own.factor, k1=query.k1, is_positive=own.is_positive)
            )

    def _constant(self, query: wq.ConstantScoreQuery, scored: bool, first: bool) -> None:
        self._clause(query.child, False)
        if scored and query.score:
            raise NotFlatError


def _scores_nothing(query: Any) -> bool:
    """Whether every document that it finds has the score zero."""
    kind = type(query)
    if kind in (wq.And, wq.Or):
        return all(map(_scores_nothing, query.subqueries))
    if kind is wq.ConstantScoreQuery:
        return bool(query.score == 0)
    return kind in (CharacterPhrase, CharacterNear) and query.boost == 0


def _unscored(query: Any) -> Any:
    """A simpler query that finds the same documents."""
    while True:
        kind = type(query)
        if kind is wq.AndMaybe:
            query = query.subqueries[0]
        elif kind is wq.ConstantScoreQuery:
            query = query.child
        elif kind in (wq.And, wq.Or) and len(query.subqueries) == 1:
            query = query.subqueries[0]
        else:
            return query


def _is_combined(query: wq.Or) -> bool:
    """Whether the first thing that it asks for is a term in several fields."""
    children = query.subqueries
    while children and type(children[0]) is wq.Or:
        children = children[0].subqueries
    return bool(children) and type(children[0]) is CombinedTerm


_GIVING = (ANY, ALL, PHRASE, TEXTS)

_CLAUSES: dict[type, Callable[[Flattening, Any, bool, bool], None]] = {
    wq.Term: Flattening._term,
    wq.Or: Flattening._any,
    wq.And: Flattening._all,
    wq.Phrase: Flattening._phrase,
    wq.Not: Flattening._not,
    wq.AndNot: Flattening._and_not,
    wq.Require: Flattening._require,
    wq.AndMaybe: Flattening._maybe,
    wq.ConstantScoreQuery: Flattening._constant,
    wq.NumericRange: Flattening._given,
    wq.DateRange: Flattening._given,
    wq.Prefix: Flattening._given,
    CharacterNear: Flattening._given,
    CharacterPhrase: Flattening._text,
}
