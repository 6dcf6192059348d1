"""What readers look for: how often each query was asked and whether anything was found.

Switched off unless the setting ``query_statistics`` is on, for queries can tell about people. What is kept
is the query, folded, the day, and the number of hits: no address, no key, no time of day. A file a month
lies beside the index, ``queries-2026-11.jsonl``; the thirteenth oldest goes when a new one is begun.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from searchsvc.storage import storage_error
from searchsvc.text import fold_text

KEPT_MONTHS = 12
_NAMES = "queries-????-??.jsonl"


@dataclass(frozen=True, slots=True)
class AskedQuery:
    """A query, how often it was asked, and how many hits it had the last time."""

    query: str
    times: int
    hits: int


class QueryStatistics:
    """The statistics beside one index. Several processes may write at once."""

    def __init__(self, index_dir: Path) -> None:
        self._folder = index_dir

    def note(self, query: str, hits: int) -> None:
        """Adds one query. Raises StorageError."""
        today = datetime.now(UTC).date()
        line = {"day": today.isoformat(), "query": fold_text(query).strip(), "hits": hits}
        path = self._folder / f"queries-{today:%Y-%m}.jsonl"
        try:
            if not path.exists():
                self._drop_oldest()
            # One write of one line, at the end: lines of several processes do not mix.
            with path.open("ab", buffering=0) as file:
                file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        except OSError as error:
            raise storage_error(error, path) from error

    def asked(self, days: int, *, without_hits: bool = False) -> list[AskedQuery]:
        """What was asked in the last days, the most frequent first; ``without_hits``: in vain alone."""
        first = datetime.now(UTC).date() - timedelta(days=days - 1)
        times: Counter[str] = Counter()
        hits: dict[str, int] = {}
        for day, query, found in self._lines():
            if day >= first:
                times[query] += 1
                hits[query] = found
        return [
            AskedQuery(query, count, hits[query])
            for query, count in times.most_common()
            if not without_hits or not hits[query]
        ]

    def _lines(self) -> Iterator[tuple[date, str, int]]:
        for path in sorted(self._folder.glob(_NAMES)):
            with path.open(encoding="utf-8", errors="replace") as file:
                for line in file:
                    try:
                        found = json.loads(line)
                        yield date.fromisoformat(found["day"]), str(found["query"]), found["hits"]
                    except (ValueError, KeyError, TypeError):
                        continue  # cut short when the machine went down

    def _drop_oldest(self) -> None:
        for path in sorted(self._folder.glob(_NAMES), reverse=True)[KEPT_MONTHS - 1 :]:
            path.unlink(missing_ok=True)
