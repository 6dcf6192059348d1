"""Queries: text to a tree that every engine evaluates. See ``parser`` and ``tree``."""

from searchsvc.query.parser import parse_query
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
    "And",
    "Everything",
    "Near",
    "Node",
    "Not",
    "Or",
    "Phrase",
    "Range",
    "Wildcard",
    "Words",
    "parse_query",
]
