"""Bringing an index up to date: only what changed since it was built is read.

Takes settings and the paths that the index is made of (those of the last reindex where none are
given), gives a report. What has to be read and deleted goes into the current generation as one
commit. Called by the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.contract import ArticleWriter
from searchsvc.errors import SourceError
from searchsvc.indexer import (
    absolute,
    cancelled_on_failure,
    changed,
    changed_suggestions,
    opened,
    side_files_of,
    writable_generation,
)
from searchsvc.preparation import Preparation, n_chars
from searchsvc.processes import ordered_map
from searchsvc.reading import Progress, Reading, ReindexReport
from searchsvc.settings import Settings
from searchsvc.side_files import SOURCES
from searchsvc.source_records import SourceRecords, read_records
from searchsvc.sources import (
    UNREADABLE,
    Reject,
    SourceFile,
    file_checksum,
    find_sources,
    stamp,
)
from searchsvc.suggestions.recording import SuggestionChanges
from searchsvc.written import FILE


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update did: counts of files, of articles deleted, and what was read and indexed."""

    unchanged: int
    changed: int
    new: int
    gone: int
    deleted: int
    reindex: ReindexReport


@dataclass(frozen=True, slots=True)
class _Difference:
    """Files against the records: those to read, and the names whose articles go.

    What ``unreadable`` files once gave stays as it is.
    """

    unreadable: tuple[SourceFile, ...]
    unchanged: tuple[SourceFile, ...]
    changed: tuple[SourceFile, ...]
    new: tuple[SourceFile, ...]
    gone: tuple[str, ...]


def update(
    settings: Settings,
    paths: Sequence[Path],
    progress: Progress,
    *,
    by_content: bool = False,
) -> UpdateReport:
    """Makes the current generation what a reindex of the paths would give.

    A file that was moved keeps its articles' ids. ``by_content`` holds every file against its
    checksum, not only against its size and time. Raises SourceError, IndexMissingError,
    IndexDamagedError, IndexLockedError, StorageError; the index is then as it was.
    """
    analyzer = Analyzer(settings.user_dictionary)
    with opened(settings) as generations, generations.lock():
        generation = writable_generation(generations, analyzer)
        side = side_files_of(generation)
        records = read_records(side.path(SOURCES), side.seal(SOURCES))
        roots = absolute(paths) or list(records.roots)
        files = find_sources(roots)
        difference = _compare(records, files, by_content)
        to_read = (*difference.changed, *difference.new)
        replaced = (*(file.name for file in difference.changed), *difference.gone)
        old_ids = {i for name in replaced for i in records.record(name).ids if i is not None}
        reading = Reading(to_read, progress, settings, records.keeper(files))
        kept = {file.name: stamp(file) for file in difference.unchanged}
        for file in difference.unreadable:
            kept[file.name] = records.stamps[file.name]
            reading.reject(Reject(file.name, None, SourceError("source.kept")))

        def recorded() -> tuple[list[Path], tuple[str, ...]]:
            return roots, (*records.lines(kept), *reading.records)

        deleted = 0
        if replaced or to_read:
            engine = generation.open(analyzer)
            reading.owners = _owners(engine.articles, old_ids)
            try:
                with changed_suggestions(generation, analyzer) as changes:
                    writer = generation.writer()

                    def commit() -> None:
                        writer.commit(lambda: changed(side, changes, *recorded()))

                    deleted = _write(writer, reading, settings, old_ids, changes, commit)
            finally:
                engine.close()
        elif tuple(roots) != records.roots or kept != records.stamps:
            writer = generation.writer()
            with cancelled_on_failure(writer):
                writer.commit(lambda: changed(side, None, *recorded()))
    return UpdateReport(
        unchanged=len(difference.unchanged), changed=len(difference.changed), new=len(difference.new),
        gone=len(difference.gone), deleted=deleted, reindex=reading.report(generation.name),
    )  # fmt: skip


def _compare(records: SourceRecords, files: Sequence[SourceFile], by_content: bool) -> _Difference:
    known = [file for file in files if file.name in records.checksums]
    present = {file.name for file in files}
    same = {f.name for f in known if records.is_unchanged(f, by_content=by_content)}
    unreadable = {f.name for f in known if f.name not in same and file_checksum(f) == UNREADABLE}
    gone = tuple(name for name in records.checksums if name not in present)
    if len(same) + len(unreadable) < len(known) or gone:
        same -= records.with_duplicates  # the article that stood in their way may be gone
    return _Difference(
        unreadable=tuple(file for file in known if file.name in unreadable),
        unchanged=tuple(file for file in known if file.name in same),
        changed=tuple(f for f in known if f.name not in same and f.name not in unreadable),
        new=tuple(file for file in files if file.name not in records.checksums),
        gone=gone,
    )


def _owners(
    articles: Callable[[Iterable[str]], Iterable[Article]], old_ids: set[str]
) -> Callable[[Iterable[str]], Mapping[str, str]]:
    """The files of indexed articles, but for the articles that this update replaces."""

    def owners(ids: Iterable[str]) -> Mapping[str, str]:
        found = articles([article_id for article_id in ids if article_id not in old_ids])
        return {a.id: a.source.path if a.source else FILE for a in found}

    return owners


def _write(
    writer: ArticleWriter,
    reading: Reading,
    settings: Settings,
    old_ids: set[str],
    changes: SuggestionChanges,
    commit: Callable[[], None],
) -> int:
    """Deletes, reads and writes, all visible at once; gives how many articles were deleted."""
    progress = reading.progress
    with cancelled_on_failure(writer):
        progress.start(sum(file.size_bytes for file in reading.files))
        try:
            progress.phase("reading")
            changes.remove(sorted(old_ids))
            deleted = len(writer.delete(sorted(old_ids)))
            arguments = (settings.engine, settings.user_dictionary)
            for prepared in ordered_map(Preparation, arguments, reading.articles(), size=n_chars):
                documents = prepared.documents
                changes.update(prepared.harvest)
                writer.add(documents)
                reading.kinds.update(documents.kinds)
                for _ in documents.ids:
                    progress.article()
            progress.phase("writing")
            commit()
        finally:
            progress.finish()
    return deleted
