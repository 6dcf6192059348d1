"""Query text to a query tree, by recursive descent. Called by the service.

The language is Whoosh's made Chinese; its parser is not used, because it is quadratic in a long
text without spaces, drops what it does not understand without a word, and knows no positions::

    or     = and (OR and)*
    and    = unary ((AND)? unary)*
    unary  = (NOT | -) unary | term
    term   = ( or ) | field : term | "phrase" [~n] [^b] | [low TO high] | word [^b]
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from searchsvc.errors import QueryError
from searchsvc.query.dates import parse_range, parse_span
from searchsvc.query.lexer import Lexeme, half_width, lexemes
from searchsvc.query.tree import (
    And,
    Everything,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Range,
    Wildcard,
    Words,
)
from searchsvc.schema import DATE, FIELD_BY_NAME, KEYWORD_FIELD

MAX_DEPTH = 50
MAX_LEAVES = 200
MAX_DISTANCE = 1_000
MAX_BOOST = 1_000.0
FIELD_NAMES: Final = frozenset(FIELD_BY_NAME)
"""What, followed by a colon, opens a field."""


def parse_query(query: str, max_chars: int = 1_000) -> Node:
    """The tree for a query; an empty or blank one gives Everything.

    Raises QueryError, with the position, for a query over a limit or one that cannot be read.
    """
    if len(query) > max_chars:
        raise QueryError("query.too_long", position=max_chars, length=len(query), limit=max_chars)
    try:
        return _parse(query)
    except QueryError as error:
        error.query = query
        raise


def _parse(query: str) -> Node:
    parser = _Parser(_without_empty_groups(lexemes(query, FIELD_NAMES)))
    if parser.next.kind == "end":
        return Everything()
    tree = parser.alternatives(0)
    if parser.next.kind != "end":
        raise QueryError("query.unopened_bracket", position=parser.next.position)
    return tree


def _without_empty_groups(found: list[Lexeme]) -> list[Lexeme]:
    """Brackets that hold nothing, as questions to fill in have them, ask for nothing."""
    kept: list[Lexeme] = []
    for lexeme in found:
        if lexeme.kind == ")" and kept and kept[-1].kind == "(":
            kept.pop()
        else:
            kept.append(lexeme)
    return kept


class _Parser:
    """A cursor over the lexemes."""

    def __init__(self, found: list[Lexeme]) -> None:
        self._lexemes = found
        self._index = 0
        self._leaves = 0

    @property
    def next(self) -> Lexeme:
        return self._lexemes[self._index]

    def take(self) -> Lexeme:
        lexeme = self.next
        self._index += 1
        return lexeme

    def alternatives(self, depth: int, field: str | None = None) -> Node:
        """Terms joined by OR."""
        children = [self.conjunction(depth, field)]
        while self.next.kind == "or":
            operator = self.take()
            self._needs_operand(operator)
            children.append(self.conjunction(depth, field))
        return children[0] if len(children) == 1 else Or(tuple(children))

    def conjunction(self, depth: int, field: str | None) -> Node:
        """Terms joined by AND or by nothing; AND makes all words among them required."""
        children = [self.unary(depth, field)]
        required = False
        while self.next.kind not in ("or", ")", "end"):
            if self.next.kind == "and":
                operator = self.take()
                self._needs_operand(operator)
                required = True
            children.append(self.unary(depth, field))
        if required:
            children = [
                replace(child, required=True) if isinstance(child, Words) else child
                for child in children
            ]
        return children[0] if len(children) == 1 else And(tuple(children))

    def unary(self, depth: int, field: str | None) -> Node:
        """A term, perhaps negated."""
        if depth > MAX_DEPTH:
            raise QueryError("query.too_deep", position=self.next.position, limit=MAX_DEPTH)
        if self.next.kind in ("not", "-"):
            operator = self.take()
            self._needs_operand(operator)
            return Not(self.unary(depth + 1, field))
        return self.term(depth, field)

    def term(self, depth: int, field: str | None) -> Node:
        """A group, a field with its term, or a leaf."""
        lexeme = self.take()
        match lexeme.kind:
            case "(":
                return self._group(lexeme, depth, field)
            case "field":
                self.take()
                self._needs_operand(lexeme, "query.field_without_term", field=lexeme.text)
                return self.unary(depth + 1, FIELD_BY_NAME[lexeme.text])
            case "phrase" | "quote" | "word" | "range":
                self._leaves += 1
                if self._leaves > MAX_LEAVES:
                    raise QueryError(
                        "query.too_many_terms", position=lexeme.position, limit=MAX_LEAVES
                    )
                return self._leaf(lexeme, field)
            case _:
                raise QueryError("query.term_expected", position=lexeme.position, found=lexeme.text)

    def _group(self, opening: Lexeme, depth: int, field: str | None) -> Node:
        if self.next.kind == "end":
            raise QueryError("query.unclosed_bracket", position=opening.position)
        tree = self.alternatives(depth + 1, field)
        if self.next.kind != ")":
            raise QueryError("query.unclosed_bracket", position=opening.position)
        self.take()
        return tree

    def _leaf(self, lexeme: Lexeme, field: str | None) -> Node:
        distance, boost = self._modifiers()
        if field == DATE:
            if lexeme.kind == "range":
                return Range(*parse_range(lexeme.text, lexeme.position))
            return Range(*parse_span(half_width(lexeme.text).strip(), lexeme.position))
        if lexeme.kind == "range":
            raise QueryError("query.range_field", position=lexeme.position, field=field)
        if lexeme.kind in ("phrase", "quote"):
            return _phrase(lexeme, distance, field, boost)
        return _word(lexeme, field, boost)

    def _modifiers(self) -> tuple[int | None, float]:
        distance, boost = None, 1.0
        while self.next.kind in ("~", "^"):
            lexeme = self.take()
            try:
                number = float(lexeme.text)
            except ValueError:
                number = -1.0
            limit = MAX_DISTANCE if lexeme.kind == "~" else MAX_BOOST
            if not 0 <= number <= limit:
                raise QueryError(
                    "query.number", position=lexeme.position, found=lexeme.text, limit=int(limit)
                )
            if lexeme.kind == "~":
                distance = int(number)
            else:
                boost = number
        return distance, boost

    def _needs_operand(
        self, operator: Lexeme, code: str = "query.operand_missing", **more: str
    ) -> None:
        if self.next.kind in ("end", ")", "or", "and"):
            raise QueryError(code, position=operator.position, operator=operator.text, **more)


def _phrase(lexeme: Lexeme, distance: int | None, field: str | None, boost: float) -> Node:
    if not lexeme.text.strip():
        raise QueryError("query.empty_phrase", position=lexeme.position)
    pieces = tuple(lexeme.text.split())
    if distance is not None and len(pieces) > 1 and field not in KEYWORD_FIELD:
        return Near(pieces, distance, field, boost)
    return Phrase(lexeme.text, field, boost, in_text=lexeme.kind == "quote")


def _word(lexeme: Lexeme, field: str | None, boost: float) -> Node:
    plain = half_width(lexeme.text)
    if field is None and "*" in plain and not plain.strip("*:"):
        return Everything()
    has_wildcard = "*" in plain or "?" in lexeme.text.rstrip("?")
    if has_wildcard and any(c.isalnum() for c in plain):
        return Wildcard(plain, field, boost)
    return Words(lexeme.text, field, boost)
