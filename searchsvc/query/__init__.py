"""Queries: text to a tree that every engine evaluates. See ``parser`` and ``tree``."""

from searchsvc.query.lexer import Lexeme, lexemes, plain_query, quoted_query
from searchsvc.query.parser import FIELD_NAMES, parse_query
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

__all__ = [
    "FIELD_NAMES",
    "And",
    "Everything",
    "Lexeme",
    "Near",
    "Node",
    "Not",
    "Or",
    "Phrase",
    "Range",
    "Wildcard",
    "Words",
    "lexemes",
    "parse_query",
    "plain_query",
    "quoted_query",
]
