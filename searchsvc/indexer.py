"""The reindex flow: source files to a new generation that replaces the old one.

Takes settings and source paths, gives a report; progress and rejects go to a ``Progress`` as they
happen. A build that fails leaves the current generation serving. Called by the command line.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.contract import ArticleWriter
from searchsvc.engines.whoosh import DocumentMaker, create_writer, open_engine, open_writer
from searchsvc.errors import (
    IndexDamagedError,
    IndexMissingError,
    OperatorError,
    RecordError,
)
from searchsvc.generations import (
    begin_generation,
    current_generation,
    data_folder,
    publish_generation,
    read_manifest,
    switch_back,
    write_lock,
)
from searchsvc.processes import ordered_map
from searchsvc.settings import Settings
from searchsvc.sources import Reject, SourceFile, find_sources, read_source, sources_checksum

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


def reindex(settings: Settings, paths: Sequence[Path], progress: Progress) -> ReindexReport:
    """Builds a generation from the sources and makes it current.

    Raises SourceError, OperatorError (nothing could be read), IndexLockedError, StorageError; the
    current generation then still serves.
    """
    files = find_sources(paths)
    analyzer = Analyzer(settings.user_dictionary)
    with write_lock(settings.index_dir), _discarded_on_failure(settings.index_dir) as folder:
        reading = _Reading(files, progress)
        writer = create_writer(data_folder(folder))
        _write(writer, reading, settings, replacing=False)
        progress.phase("checking")
        _check(folder, analyzer, reading)
        progress.phase("switching")
        publish_generation(settings.index_dir, folder, _manifest(reading, analyzer, files))
    return reading.report(folder.name)


def add(settings: Settings, paths: Sequence[Path], progress: Progress) -> ReindexReport:
    """Adds the sources' articles to the current generation; an id that is there is replaced.

    All of them become visible at once. Raises as ``reindex`` does, and IndexMissingError.
    """
    files = find_sources(paths)
    analyzer = Analyzer(settings.user_dictionary)
    with write_lock(settings.index_dir):
        folder = _writable_generation(settings, analyzer)
        reading = _Reading(files, progress)
        _write(open_writer(data_folder(folder)), reading, settings, replacing=True)
    return reading.report(folder.name)


def delete(settings: Settings, ids: Sequence[str]) -> int:
    """Deletes articles by id, all at once; gives how many there were."""
    analyzer = Analyzer(settings.user_dictionary)
    with write_lock(settings.index_dir):
        folder = _writable_generation(settings, analyzer)
        writer = open_writer(data_folder(folder))
        with _cancelled_on_failure(writer):
            deleted = sum(writer.delete(article_id) for article_id in dict.fromkeys(ids))
            writer.commit()
    return deleted


def rollback(settings: Settings) -> str:
    """Makes the previous generation current and gives its id; a second call undoes it."""
    with write_lock(settings.index_dir):
        return switch_back(settings.index_dir).name


def why_reindex(settings: Settings, paths: Sequence[Path]) -> str | None:
    """The message key of the reason why the sources need a reindex; None where they need none."""
    try:
        manifest = read_manifest(current_generation(settings.index_dir))
    except IndexMissingError:
        return "cli.why.no_index"
    except IndexDamagedError:
        return "cli.why.unreadable"
    if manifest["analysis"] != Analyzer(settings.user_dictionary).fingerprint:
        return "cli.why.analysis_changed"
    if manifest["sources_checksum"] != sources_checksum(find_sources(paths)):
        return "cli.why.sources_changed"
    return None


@dataclass(slots=True)
class _Reading:
    """The sources as one stream of articles, with everything counted on the way."""

    files: Sequence[SourceFile]
    progress: Progress
    kinds: Counter[str] = field(default_factory=Counter)
    rejects: int = 0
    reject_list: list[Reject] = field(default_factory=list)
    replaced: int = 0
    started: float = field(default_factory=time.monotonic)

    def articles(self) -> Iterator[Article]:
        """The articles, each id once; rejects are counted and reported."""
        places: dict[str, str] = {}
        for file in self.files:
            for item in read_source(file, self.progress.advance):
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


def _write(
    writer: ArticleWriter, reading: _Reading, settings: Settings, *, replacing: bool
) -> None:
    """Writes all articles and commits. Raises OperatorError where there are none."""
    progress = reading.progress
    with _cancelled_on_failure(writer):
        progress.start(sum(file.size_bytes for file in reading.files))
        try:
            progress.phase("reading")
            documents = ordered_map(DocumentMaker, (settings.user_dictionary,), reading.articles())
            for document in documents:
                if replacing and writer.delete(document.id):
                    reading.replaced += 1
                writer.add(document)
                reading.kinds[document.kind] += 1
                progress.article()
            if not reading.kinds:
                raise OperatorError(
                    "index.nothing_read", files=len(reading.files), rejects=reading.rejects
                )
            progress.phase("writing")
            writer.commit()
        finally:
            progress.finish()


def _check(folder: Path, analyzer: Analyzer, reading: _Reading) -> None:
    """Reads back what was built. Raises IndexDamagedError where it is not as it was written, or an
    article is missing.
    """
    engine = open_engine(data_folder(folder), analyzer)
    try:
        engine.verify()
        found = engine.stats()["articles"]
    finally:
        engine.close()
    if found != reading.kinds.total():
        raise IndexDamagedError("index.check", expected=reading.kinds.total(), found=found)


def _manifest(reading: _Reading, analyzer: Analyzer, files: Sequence[SourceFile]) -> dict[str, Any]:
    return {
        "engine": "whoosh",
        "analysis": analyzer.fingerprint,
        "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "articles": reading.kinds.total(),
        "kinds": dict(reading.kinds),
        "rejects": reading.rejects,
        "sources": [{"name": file.name, "size_bytes": file.size_bytes} for file in files],
        "sources_checksum": sources_checksum(files),
    }


def _writable_generation(settings: Settings, analyzer: Analyzer) -> Path:
    """The current generation, if its tokens are those that this analyzer makes."""
    folder = current_generation(settings.index_dir)
    if read_manifest(folder)["analysis"] != analyzer.fingerprint:
        raise IndexDamagedError("index.analysis", path=settings.index_dir)
    return folder


@contextmanager
def _discarded_on_failure(index_dir: Path) -> Iterator[Path]:
    """A new generation's folder, removed again where the build fails."""
    folder = begin_generation(index_dir)
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def _cancelled_on_failure(writer: ArticleWriter) -> Iterator[None]:
    try:
        yield
    except BaseException:
        writer.cancel()
        raise
