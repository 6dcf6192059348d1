"""Queries of the usual shapes as conjunctions of clauses, which ``flat`` searches in one call.

A term, a phrase, an OR of terms, an AND of these, without some, within a range or a filter; a text of
characters, scored by terms in several fields. What has another shape has no clauses and is evaluated
by the plans, which give the same to the last bit and are what tests compare with. Called by ``flat``.
Raises ImportError where numba is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from struct import Struct
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
from searchsvc.evaluation.flat_fields import FlatFields
from searchsvc.evaluation.narrowing import narrowing_plan
from searchsvc.evaluation.plan import Plan
from searchsvc.evaluation.planner import Planner, alternatives
from searchsvc.evaluation.queries import CharacterNear, CharacterPhrase, CombinedTerm

_pack_asked = Struct("=qd3q").pack


class NotFlatError(Exception):
    """The query has another shape."""


@dataclass(slots=True)
class Clause:
    """A clause of a conjunction: a row of ``compiled_tables``, of any segment. ``first`` and ``stop``
    are those of the terms that the flattening has asked for.

    ``boost`` is 0 where it does not score. ``plan`` finds the documents of a GIVEN or WITHOUT clause.
    ``is_positive``: every score of its terms is above zero.
    """

    kind: int
    first: int = 0
    stop: int = 0
    boost: float = 0.0
    step: int = 0
    k1: float = 0.0
    plan: Plan | None = None
    is_positive: bool = False


class Flattening:
    """Makes the clauses of one search; ``boost`` is what the sum of all is multiplied by.

    ``is_union``: the first clause has all the terms that score, each above zero.
    """

    def __init__(self, fields: FlatFields, make_planner: Callable[[], Planner]) -> None:
        self.clauses: list[Clause] = []
        self.asked: list[bytes] = []
        """A row of ``compiled_terms`` for each term."""
        self.texts: list[bytes] = []
        self.boost = 1.0
        self.is_union = False
        self._fields = fields
        self._size = 0
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
        if first.kind == ANY and first.stop - first.first > 1 and not self.is_union:
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
        self._ask(query.fieldname, query.text, query.boost)
        last = len(self.asked)
        self.clauses.append(Clause(ANY, last - 1, last, float(scored), is_positive=query.boost > 0))

    def _ask(self, name: str, text: Any, boost: float) -> None:
        """Asks for a term, which may be nowhere."""
        field = self._fields.plain(name)
        term = b""
        number, by_idf = -1, False
        if field is not None:
            try:
                term = field.to_bytes(text)
                number, by_idf = field.number, field.by_idf
            except ValueError:
                pass
        self._add_asked(number, boost, by_idf, term)

    def _add_asked(self, number: int, boost: float, by_idf: bool, term: bytes) -> None:
        start = self._size
        self._size = stop = start + len(term)
        self.asked.append(_pack_asked(number, boost, by_idf, start, stop))
        self.texts.append(term)

    def _any(self, query: wq.Or, scored: bool, first: bool) -> None:
        if query.scale:
            raise NotFlatError
        children = alternatives(query.subqueries)
        if len(children) == 1 and query.boost == 1.0:
            self._clause(children[0], scored, first=first)
            return
        if not scored:
            children = alternatives(map(_unscored, children))
        first_term = len(self.asked)
        self._ask_all(children)
        is_positive = scored and all(child.boost > 0 for child in children)
        boost = query.boost if scored else 0.0
        self._add(ANY, first_term, boost, is_positive=is_positive and boost != 0.0)

    def _all(self, query: wq.And, scored: bool, first: bool) -> None:
        children = query.subqueries
        if not children:
            raise NotFlatError
        if not scored or (query.boost == 1.0 and (first or len(children) == 1)):
            for number, child in enumerate(children):
                self._clause(child, scored, first=first and number == 0)
            return
        first_term = len(self.asked)
        self._ask_all(children)
        self._add(ALL, first_term, query.boost)

    def _ask_all(self, queries: Iterable[Any]) -> None:
        """Asks for terms."""
        for query in queries:
            if type(query) is not wq.Term or query.minquality:
                raise NotFlatError
            self._ask(query.fieldname, query.text, query.boost)

    def _add(
        self,
        kind: int,
        first: int,
        boost: float = 0.0,
        step: int = 0,
        k1: float = 0.0,
        *,
        is_positive: bool = False,
    ) -> None:
        """Adds a clause of the terms from number ``first`` on."""
        stop = len(self.asked)
        self.clauses.append(Clause(kind, first, stop, boost, step, k1, is_positive=is_positive))

    def _phrase(self, query: wq.Phrase, scored: bool, first: bool) -> None:
        name = query.fieldname
        if query.slop != 1 or len(query.words) < 2 or not self._fields.has_positions(name):
            raise NotFlatError
        first_term = len(self.asked)
        for word in query.words:
            self._ask(name, word, 1.0)
        self._add(PHRASE, first_term, query.boost if scored else 0.0)

    def _text(self, query: CharacterPhrase, scored: bool, first: bool) -> None:
        text, boost = query.text, query.boost if scored else 0.0
        if len(text) < 2:
            self._given(query, scored, first)
            return
        if not all(map(self._fields.has_positions, query.fields)):
            raise NotFlatError
        first_term, size = len(self.asked), len(text) - 1
        pairs = [text[n : n + 2].encode() for n in range(size)]
        for name in query.fields:
            field = self._fields.plain(name)
            for pair in pairs:
                self._add_asked(-1 if field is None else field.number, 1.0, False, pair)
        if size == 1 and not boost:
            self._add(ANY, first_term)
        else:
            self._add(TEXTS, first_term, boost, size)

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
            first_term = len(self.asked)
            self._ask_all([query])
            self._add(NONE, first_term)
        elif type(query) is wq.Or and all(type(child) is wq.Term for child in query.subqueries):
            first_term = len(self.asked)
            self._ask_all(query.subqueries)
            self._add(NONE, first_term)
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
        found.stop = len(self.asked)
        self.is_union = found.stop > 1 and all(clause.is_positive for clause in combined)
        self.clauses.append(Clause(SUM, boost=1.0))
        self.boost = query.boost

    def _combined(self, queries: Iterable[Any]) -> None:
        for query in queries:
            if type(query) is not CombinedTerm:
                raise NotFlatError
            first_term, term = len(self.asked), query.text.encode()
            factor = query.boost * self._fields.idf(query.text, query.fields)
            is_positive = factor > 0
            for name, (weight, b) in query.fields.items():
                field = self._fields.combined(name, b)
                if field is not None:
                    self._add_asked(field.number, weight, False, term)
                    is_positive = is_positive and weight > 0
            self._add(COMBINED, first_term, factor, k1=query.k1, is_positive=is_positive)

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
