"""Wildcard patterns over text: by the places of their texts as far as these tell, else by reading.

Made by the translation. A pattern without a wildcard inside is a text and found as one. Of the others,
documents in which its texts follow each other, with as many characters between as it allows, are
candidates: the text tells what these characters are. Where the texts stand side by side, as a ``*``
allows, nothing need be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from whoosh import query as wq

from searchsvc.articles import Article
from searchsvc.engines.records import searched_text
from searchsvc.engines.whoosh.layout import decode
from searchsvc.evaluation import BoundedPhrase, CharacterPhrase, CharacterSequence, VerifiedQuery
from searchsvc.query.wildcards import WILDCARD_CHARS, not_before, wildcard_expression


def pattern_query(pattern: str, fields: Sequence[str]) -> wq.Query:
    """Documents with a text that the folded, compact pattern describes in one of the text fields.

    ``fields`` are names of the field table. A Latin word must begin where the pattern does.
    """
    if not re.search(r"[*?]", pattern):
        return _text(pattern, fields)
    expression = wildcard_expression(pattern)

    def holds(article: Article) -> bool:
        return any(expression.search(searched_text(article, field)) for field in fields)

    candidates, key = _candidates(pattern, fields), (pattern, tuple(fields))
    if "?" in pattern:
        return verified(candidates, holds, key)
    side_by_side = _text(pattern.replace("*", ""), fields)
    others = wq.And([candidates, wq.Not(side_by_side)])
    return wq.Or([side_by_side, verified(others, holds, key)])


def verified(
    candidates: wq.Query, holds: Callable[[Article], bool], key: tuple[object, ...]
) -> VerifiedQuery:
    """The candidates whose article ``holds``."""
    return VerifiedQuery(candidates, lambda stored: holds(decode(stored)), key)


def _text(text: str, fields: Sequence[str]) -> wq.Query:
    if forbidden := not_before(text):
        return BoundedPhrase(text, forbidden, "", _bigrams(fields), 0.0)
    return CharacterPhrase(text, _bigrams(fields), 0.0)


def _candidates(pattern: str, fields: Sequence[str]) -> wq.Query:
    """Documents with the pattern's texts one after the other, as near to each other as it has them."""
    inner = pattern.strip("*?")
    texts, between = re.split(r"[*?]+", inner), re.findall(r"[*?]+", inner)
    return CharacterSequence(texts, [_gap(wild) for wild in between], _bigrams(fields), 0.0)


def _gap(wild: str) -> tuple[int, int]:
    """How many characters these wildcards stand for, at least and at most."""
    ones = wild.count("?")
    return ones, ones + WILDCARD_CHARS * len(re.findall(r"\*+", wild))


def _bigrams(fields: Sequence[str]) -> list[str]:
    return [f"{name}_bigrams" for name in fields]
