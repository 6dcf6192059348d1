"""What a look-up of suggestions answers: the one shape of ``GET /api/suggest``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from searchsvc.query import plain_query
from searchsvc.suggestions.entries import Entry


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What completes ``typed``, best first; ``meant`` corrects what nothing completes."""

    typed: str
    entries: tuple[Entry, ...]
    meant: str | None
    took_ms: float
    index_version: str

    def to_json(self) -> dict[str, Any]:
        """The JSON answer. ``query`` is what to search for, free of operators."""
        suggestions = [
            {
                "text": entry.text,
                "kind": entry.kind.name.lower(),
                "count": entry.count,
                "query": plain_query(entry.text),
            }
            for entry in self.entries
        ]
        if self.meant is not None:
            correction = {"text": self.meant, "kind": "correction", "count": None}
            suggestions.append({**correction, "query": self.meant})
        return {
            "query": self.typed,
            "suggestions": suggestions,
            "took_ms": round(self.took_ms, 3),
            "index_version": self.index_version,
        }
