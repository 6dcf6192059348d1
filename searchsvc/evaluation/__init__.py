"""Evaluation of whoosh.query trees over the arrays of an index's segments.

``ArraySearcher`` is used like a Whoosh searcher; ``CombinedTerm``, ``CharacterPhrase``,
``BoundedPhrase``, ``CharacterNear``, ``CharacterSequence`` and ``VerifiedQuery`` are query nodes that only
it can evaluate. A tree becomes plans (``planner``),
plans give selections of documents (``plan``), a collector makes results of these (``collector``).
"""

from searchsvc.evaluation.collector import ArrayCollector, Request
from searchsvc.evaluation.queries import (
    BoundedPhrase,
    CharacterNear,
    CharacterPhrase,
    CharacterSequence,
    CombinedTerm,
    VerifiedQuery,
)
from searchsvc.evaluation.searcher import ArraySearcher

__all__ = [
    "ArrayCollector",
    "ArraySearcher",
    "BoundedPhrase",
    "CharacterNear",
    "CharacterPhrase",
    "CharacterSequence",
    "CombinedTerm",
    "Request",
    "VerifiedQuery",
]
