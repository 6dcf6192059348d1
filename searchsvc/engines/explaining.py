"""An explanation of a score, put together of what an engine says of its terms. Called by the engines."""

from __future__ import annotations

from typing import Any


def explanation(score: float | None, terms: list[dict[str, Any]]) -> dict[str, Any]:
    """The score with its shares by term and by field, largest first; see ``Engine.explain``."""
    by_field: dict[str, float] = {}
    for term in terms:
        for field in term["fields"]:
            by_field[field["field"]] = by_field.get(field["field"], 0.0) + field["score"]
    fields = sorted(by_field.items(), key=lambda item: -item[1])
    return {
        "score": score,
        "fields": [{"field": name, "score": value} for name, value in fields],
        "terms": sorted(terms, key=lambda term: -term["score"]),
    }
