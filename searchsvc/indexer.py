"""The reindex flow: source files to a new generation that replaces the old one.

Takes settings and source paths, gives a report; progress and rejects go to a ``Progress`` as they
happen. A build that fails leaves the current generation serving. Called by the command line.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from searchsvc.analysis import Analyzer
from searchsvc.engines.contract import ArticleWriter
from searchsvc.engines.whoosh import create_writer, open_engine, open_writer
from searchsvc.errors import (
    IndexDamagedError,
    IndexMissingError,
    OperatorError,
)
from searchsvc.generations import (
    begin_generation,
    current_generation,
    data_folder,
    publish_generation,
    read_manifest,
    suggestions_folder,
    switch_back,
    write_lock,
)
from searchsvc.preparation import Preparation, n_chars
from searchsvc.processes import ordered_map
from searchsvc.reading import Progress, Reading, ReindexReport
from searchsvc.settings import Settings
from searchsvc.source_records import SourceRecords, read_records, write_records
from searchsvc.sources import SourceFile, find_sources
from searchsvc.suggestions.harvest import Harvest
from searchsvc.suggestions.recording import SuggestionChanges, write_base
from searchsvc.word_lists import WordList, record, word_lists

Result = TypeVar("Result")


def reindex(settings: Settings, paths: Sequence[Path], progress: Progress) -> ReindexReport:
    """Builds a generation from the sources and makes it current.

    Raises SourceError, OperatorError (nothing could be read), IndexLockedError, StorageError; the
    current generation then still serves.
    """
    files = find_sources(paths)
    analyzer = Analyzer(settings.user_dictionary)
    lists = word_lists(settings)
    with write_lock(settings.index_dir), _discarded_on_failure(settings.index_dir) as folder:
        known_ids = _former_records(settings).keeper(files)
        reading = Reading(files, progress, settings, known_ids)
        writer = create_writer(data_folder(folder))
        harvest = Harvest()
        with ThreadPoolExecutor(1) as beside:

            def commit() -> Future[None]:
                n_articles = reading.kinds.total()
                started = beside.submit(write_base, suggestions_folder(folder), harvest, n_articles)
                writer.commit()
                return started

            suggestions = _write(writer, reading, settings, harvest, commit)
            progress.phase("checking")
            _check(folder, analyzer, reading)
            progress.phase("suggestions")
            suggestions.result()
        progress.phase("switching")
        write_records(folder, absolute(paths), reading.records)
        publish_generation(settings.index_dir, folder, _manifest(reading, analyzer, files, lists))
    return reading.report(folder.name)


def add(settings: Settings, paths: Sequence[Path], progress: Progress) -> ReindexReport:
    """Adds the sources' articles to the current generation; an id that is there is replaced.

    All of them become visible at once. Raises as ``reindex`` does, and IndexMissingError.
    """
    files = find_sources(paths)
    analyzer = Analyzer(settings.user_dictionary)
    with write_lock(settings.index_dir):
        folder = writable_generation(settings, analyzer)
        reading = Reading(files, progress, settings)
        with changed_suggestions(folder, analyzer) as changes:
            writer = open_writer(data_folder(folder))
            _write(writer, reading, settings, changes, writer.commit)
        _record_added(folder, paths, reading)
    return reading.report(folder.name)


def delete(settings: Settings, ids: Sequence[str]) -> int:
    """Deletes articles by id, all at once; gives how many there were."""
    analyzer = Analyzer(settings.user_dictionary)
    with write_lock(settings.index_dir):
        folder = writable_generation(settings, analyzer)
        with changed_suggestions(folder, analyzer) as changes:
            writer = open_writer(data_folder(folder))
            with cancelled_on_failure(writer):
                deleted = sum(writer.delete(i) for i in changes.removing(dict.fromkeys(ids)))
                writer.commit()
    return deleted


def rollback(settings: Settings) -> str:
    """Makes the previous generation current and gives its id; a second call undoes it."""
    with write_lock(settings.index_dir):
        return switch_back(settings.index_dir).name


def why_rebuild(settings: Settings) -> str | None:
    """The message key of the reason why what is there cannot be brought up to date; None if it can."""
    try:
        folder = current_generation(settings.index_dir)
        manifest = read_manifest(folder)
        read_records(folder)
    except IndexMissingError:
        return "cli.why.no_index"
    except IndexDamagedError:
        return "cli.why.unreadable"
    if manifest["analysis"] != Analyzer(settings.user_dictionary).fingerprint:
        return "cli.why.analysis_changed"
    return None


def why_reindex(settings: Settings, paths: Sequence[Path]) -> str | None:
    """The message key of the reason why the sources need a reindex; None where they need none."""
    if (reason := why_rebuild(settings)) is not None:
        return reason
    records, files = _former_records(settings), find_sources(paths)
    changed = {file.name for file in files} != set(records.checksums)
    if changed or not all(map(records.is_unchanged, files)):
        return "cli.why.sources_changed"
    return None


def _write(
    writer: ArticleWriter,
    reading: Reading,
    settings: Settings,
    counted: Harvest | SuggestionChanges,
    commit: Callable[[], Result],
) -> Result:
    """Writes the articles that are read and commits; gives what ``commit`` gives.

    Raises OperatorError where there are no articles.

    They are counted for suggestions; in changes of these, articles of the same ids are replaced.
    """
    changes = counted if isinstance(counted, SuggestionChanges) else None
    progress = reading.progress
    with cancelled_on_failure(writer):
        progress.start(sum(file.size_bytes for file in reading.files))
        try:
            progress.phase("reading")
            arguments = (settings.user_dictionary,)
            for prepared in ordered_map(Preparation, arguments, reading.articles(), size=n_chars):
                documents = prepared.documents
                if changes is not None:
                    reading.replaced += sum(map(writer.delete, changes.removing(documents.ids)))
                counted.update(prepared.harvest)
                writer.add(documents)
                reading.kinds.update(documents.kinds)
                for _ in documents.ids:
                    progress.article()
            if not reading.kinds:
                raise OperatorError(
                    "index.nothing_read", files=len(reading.files), rejects=reading.rejects
                )
            progress.phase("writing")
            return commit()
        finally:
            progress.finish()


def _check(folder: Path, analyzer: Analyzer, reading: Reading) -> None:
    """Reads back what was built.

    Raises IndexDamagedError where it is not as it was written, or an article is missing.
    """
    engine = open_engine(data_folder(folder), analyzer)
    try:
        engine.verify()
        found = engine.stats()["articles"]
    finally:
        engine.close()
    if found != reading.kinds.total():
        raise IndexDamagedError("index.check", expected=reading.kinds.total(), found=found)


def _manifest(
    reading: Reading,
    analyzer: Analyzer,
    files: Sequence[SourceFile],
    lists: Mapping[str, WordList],
) -> dict[str, Any]:
    return {
        "engine": "whoosh",
        "analysis": analyzer.fingerprint,
        "word_lists": record(lists),
        "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "articles": reading.kinds.total(),
        "kinds": dict(reading.kinds),
        "rejects": reading.rejects,
        "sources": [{"name": file.name, "size_bytes": file.size_bytes} for file in files],
    }


@contextmanager
def changed_suggestions(folder: Path, analyzer: Analyzer) -> Iterator[SuggestionChanges]:
    """Collects what a commit changes of a generation's suggestions, and writes it after the commit."""
    engine = open_engine(data_folder(folder), analyzer)
    try:
        changes = SuggestionChanges(analyzer, engine.article)
        yield changes
    finally:
        engine.close()
    changes.write(suggestions_folder(folder))


def absolute(paths: Sequence[Path]) -> list[Path]:
    """The paths from the root, so that they can be read again from any folder."""
    return list(dict.fromkeys(Path(path).absolute() for path in paths))


def _former_records(settings: Settings) -> SourceRecords:
    """The records of the current generation; empty ones where there are none to be read."""
    try:
        return read_records(current_generation(settings.index_dir))
    except (IndexMissingError, IndexDamagedError):
        return SourceRecords(settings.index_dir)


def _record_added(folder: Path, paths: Sequence[Path], reading: Reading) -> None:
    """Records added files beside those that were there; a file that was there is recorded anew."""
    records = read_records(folder)
    read = {file.name for file in reading.files}
    others = {name: known for name, known in records.stamps.items() if name not in read}
    roots = dict.fromkeys((*records.roots, *absolute(paths)))
    write_records(folder, roots, (*records.lines(others), *reading.records))


def writable_generation(settings: Settings, analyzer: Analyzer) -> Path:
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
def cancelled_on_failure(writer: ArticleWriter) -> Iterator[None]:
    """Drops what was not committed where the work fails."""
    try:
        yield
    except BaseException:
        writer.cancel()
        raise
