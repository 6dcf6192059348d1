"""The sources of a reindex as one stream of articles, with everything counted on the way.

Takes source files, gives articles; what was not read, progress and the report's counts are told to
whoever asked for them. Called by the indexer.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from searchsvc.articles import Article
from searchsvc.errors import RecordError
from searchsvc.settings import Settings
from searchsvc.sources import Reject, SourceFile, read_source

MAX_LISTED_REJECTS = 1_000


class Progress(Protocol):
    """Told how the work goes; bytes are those of the source files."""

    def start(self, total_bytes: int) -> None:
        """Reading begins."""

    def advance(self, n_bytes: int) -> None:
        """So many more bytes were read."""

    def article(self) -> None:
        """One article was indexed."""

    def reject(self, reject: Reject) -> None:
        """One record or file was not indexed."""

    def phase(self, name: str) -> None:
        """``reading``, ``writing``, ``checking`` or ``switching`` begins."""

    def finish(self) -> None:
        """The work is over, well or not."""


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """What was indexed. ``reject_list`` holds the first 1,000 of the ``rejects``.

    ``replaced`` counts articles that ``add`` found under the same id.
    """

    generation: str
    articles: int
    rejects: int
    reject_list: tuple[Reject, ...]
    replaced: int
    seconds: float
    kinds: dict[str, int]


@dataclass(slots=True)
class Reading:
    """The sources as one stream of articles, with everything counted on the way."""

    files: Sequence[SourceFile]
    progress: Progress
    settings: Settings
    kinds: Counter[str] = field(default_factory=Counter)
    rejects: int = 0
    reject_list: list[Reject] = field(default_factory=list)
    replaced: int = 0
    started: float = field(default_factory=time.monotonic)

    def articles(self) -> Iterator[Article]:
        """The articles, each id once; rejects are counted and reported."""
        places: dict[str, str] = {}
        for file in self.files:
            for item in read_source(file, self.progress.advance, self.settings):
                if isinstance(item, Reject):
                    self.reject(item)
                elif item.id in places:
                    line = item.source.lines[0][0] if item.source and item.source.lines else None
                    error = RecordError("record.duplicate_id", id=item.id, first=places[item.id])
                    self.reject(Reject(file.name, line, error))
                else:
                    places[item.id] = file.name
                    yield item

    def reject(self, reject: Reject) -> None:
        """Counts and reports a reject."""
        self.rejects += 1
        if len(self.reject_list) < MAX_LISTED_REJECTS:
            self.reject_list.append(reject)
        self.progress.reject(reject)

    def report(self, generation: str) -> ReindexReport:
        """The counts so far."""
        return ReindexReport(
            generation=generation,
            articles=self.kinds.total(),
            rejects=self.rejects,
            reject_list=tuple(self.reject_list),
            replaced=self.replaced,
            seconds=time.monotonic() - self.started,
            kinds=dict(self.kinds),
        )
