"""Texts of characters as queries over pairs: exact phrases, texts near each other, patterns.

A text stands where its pairs stand one after another; the last character alone ends it, so that a text
of n characters takes n positions (``layout``). All texts are folded and compact. Nothing here scores.
Called by the translation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, TypeAlias

from searchsvc.engines.opensearch.layout import ALL, SEPARATOR, pairs_field, ranking_field
from searchsvc.engines.scoring import ALL_TEXT_FIELDS
from searchsvc.query.wildcards import WILDCARD_CHARS

Query: TypeAlias = dict[str, Any]

NOTHING: Final[Query] = {"match_none": {}}


def any_of(queries: Sequence[Query]) -> Query:
    """What one of the queries finds; nothing of none."""
    if not queries:
        return NOTHING
    if len(queries) == 1:
        return queries[0]
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}


def phrase(text: str, fields: Sequence[str]) -> Query:
    """Documents with exactly this text in one of the fields; none for an empty one."""
    if not text:
        return NOTHING
    if len(text) == 2 and text.isalnum() and tuple(fields) == ALL_TEXT_FIELDS:
        return {"term": {ranking_field(ALL, "bigrams"): {"value": text}}}
    if len(text) <= 2:
        return any_of([{"term": {pairs_field(field): {"value": text}}} for field in fields])
    query = {"query": SEPARATOR.join(_pairs(text))}
    return any_of([{"match_phrase": {pairs_field(field): query}} for field in fields])


def near(texts: Sequence[str], distance: int, fields: Sequence[str]) -> Query:
    """Documents with all texts in one of the fields, in any order, within one window.

    The window is as long as the texts together and ``distance`` characters more. One that is asked for
    twice may be the same place.
    """
    if not all(texts):
        return NOTHING
    distinct = list(dict.fromkeys(texts))
    gaps = distance + sum(map(len, texts)) - sum(map(len, distinct))
    return _intervals(
        {
            "all_of": {
                "intervals": [_text(text) for text in distinct],
                "mode": "unordered",
                "max_gaps": gaps,
            }
        },
        fields,
    )


def bounded(text: str, not_before: str, not_after: str, fields: Sequence[str]) -> Query:
    """Documents with this text where none of these characters stands before it, and none behind."""
    longer = [before + text for before in not_before] + [text + after for after in not_after]
    if not text or not longer:
        return phrase(text, fields)
    interval = _text(text)
    for other in longer:
        # One filter each: Lucene 9.12 lets everything through `not_contained_by` an `any_of`.
        without = {"not_contained_by": _text(other)}
        interval = {"all_of": {"intervals": [interval], "filter": without}}
    return _intervals(interval, fields)


def pattern(text: str, fields: Sequence[str]) -> Query:
    """Candidates for a wildcard pattern: in one of the fields stand all its texts, each with its
    neighbour as near as the pattern has them.
    """
    parts = re.split(r"([*?]+)", text)
    known, wild = parts[::2], parts[1::2]
    if not any(known):
        return NOTHING
    found = [_text_query([part], fields, {}) for part in known if part]
    for (first, second), between in zip(pairwise(known), wild, strict=True):
        if first and second:
            gaps = WILDCARD_CHARS * len(re.findall(r"\*+", between)) + between.count("?")
            found.append(
                _text_query([first, second], fields, {"mode": "ordered", "max_gaps": gaps})
            )
    per_field = [{"bool": {"filter": list(queries)}} for queries in zip(*found, strict=True)]
    return any_of(per_field)


def _text_query(
    texts: Sequence[str], fields: Sequence[str], options: dict[str, Any]
) -> list[Query]:
    """For each field the documents with these texts in it."""
    if len(texts) == 1:
        return [phrase(texts[0], [field]) for field in fields]
    rule = {"all_of": {"intervals": [_text(text) for text in texts], **options}}
    return [_intervals(rule, [field]) for field in fields]


def _intervals(rule: Query, fields: Sequence[str]) -> Query:
    return any_of([{"intervals": {pairs_field(field): rule}} for field in fields])


def _text(text: str) -> Query:
    """The interval of a text's characters."""
    tokens = SEPARATOR.join((*_pairs(text), text[-1]))
    return {"match": {"query": tokens, "mode": "ordered", "max_gaps": 0}}


def _pairs(text: str) -> list[str]:
    return [text[place : place + 2] for place in range(len(text) - 1)]
