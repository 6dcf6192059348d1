"""The sources of a reindex as one stream of articles, with everything counted on the way.

Takes source files, gives articles; what was not read, progress and the report's counts are told to
whoever asked for them. Called by the indexer.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Protocol

from searchsvc.articles import Article
from searchsvc.errors import RecordError
from searchsvc.settings import Settings
from searchsvc.source_records import SourceRecord, record_line
from searchsvc.sources import UNREADABLE, Reject, SourceFile, file_checksum, read_source, stamp

MAX_LISTED_REJECTS = 1_000
ASKED_AT_ONCE = 100
"""Articles of a file that are read before anybody is asked whose their ids are."""


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
        """``reading``, ``writing``, ``checking``, ``suggestions`` or ``switching`` begins."""

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
    """The sources as one stream of articles, with everything counted on the way.

    ``known_ids`` gives the ids that a file's articles had before, by file and checksum; ``owners``,
    of some ids, the files of those that belong to one which is not read. ``records`` are the lines
    for the generation's records of its sources.
    """

    files: Sequence[SourceFile]
    progress: Progress
    settings: Settings
    known_ids: Callable[[SourceFile, str], Sequence[str | None]] = lambda *_: ()
    owners: Callable[[Iterable[str]], Mapping[str, str]] = lambda _: {}
    records: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    rejects: int = 0
    reject_list: list[Reject] = field(default_factory=list)
    replaced: int = 0
    started: float = field(default_factory=time.monotonic)

    def articles(self) -> Iterator[Article]:
        """The articles, each id once; rejects are counted and reported, files recorded."""
        places: dict[str, str] = {}
        for file in self.files:
            seen, checksum = stamp(file), file_checksum(file)
            if checksum == UNREADABLE:
                seen = ""  # whatever its time says, it is looked at again
            kept = self.known_ids(file, checksum)
            ids: list[str | None] = []
            items = _with_kept_ids(read_source(file, self.progress.advance, self.settings), kept)
            while some := list(islice(items, ASKED_AT_ONCE)):
                owners = self.owners([item.id for item in some if isinstance(item, Article)])
                for item in some:
                    if isinstance(item, Reject):
                        self.reject(item)
                    elif first := places.get(item.id) or owners.get(item.id):
                        ids.append(None)
                        self.reject(_duplicate(item, first, file.name))
                    else:
                        ids.append(item.id)
                        places[item.id] = file.name
                        yield item
            self.records.append(record_line(SourceRecord(file.name, checksum, seen, tuple(ids))))

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


def _with_kept_ids(
    items: Iterable[Article | Reject], kept: Sequence[str | None]
) -> Iterator[Article | Reject]:
    """A file's articles under the ids that they had where it lay before it was moved."""
    place = 0
    for item in items:
        if isinstance(item, Article):
            if place == 0 and kept and kept[0] == item.id:
                kept = ()  # the file lies where it lay
            kept_id = kept[place] if place < len(kept) else None
            place += 1
            yield item if kept_id is None else replace(item, id=kept_id)
        else:
            yield item


def _duplicate(article: Article, first: str, name: str) -> Reject:
    lines = article.source.lines if article.source else ()
    error = RecordError("record.duplicate_id", id=article.id, first=first)
    return Reject(name, lines[0][0] if lines else None, error)
