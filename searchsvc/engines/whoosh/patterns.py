"""Wildcard patterns over text: candidates by their literal parts, held against the stored text.

Made by the translation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from whoosh import query as wq

from searchsvc.articles import Article
from searchsvc.engines.records import searched_text
from searchsvc.engines.whoosh.verified import VerifiedQuery
from searchsvc.evaluation import CharacterPhrase
from searchsvc.query.wildcards import wildcard_expression


def pattern_query(pattern: str, fields: Sequence[str]) -> VerifiedQuery:
    """Documents with a text that the folded, compact pattern describes in one of the text fields.

    ``fields`` are names of the field table.
    """
    expression = wildcard_expression(pattern)

    def holds(article: Article) -> bool:
        return any(expression.search(searched_text(article, field)) for field in fields)

    return VerifiedQuery(pattern_candidates(pattern, fields), holds, (pattern, tuple(fields)))


def pattern_candidates(pattern: str, fields: Sequence[str]) -> wq.Query:
    """Documents with all literal parts of the pattern in one of the fields."""
    literals = [part for part in re.split(r"[*?]", pattern) if part]
    held = [
        wq.And([CharacterPhrase(literal, [f"{field}_bigrams"]) for literal in literals])
        for field in fields
    ]
    return wq.Or(held) if len(held) > 1 else held[0]
