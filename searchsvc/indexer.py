"""The reindex flow: source files to a new generation that replaces the old one.

Takes settings and source paths, gives a report; progress and rejects go to a ``Progress`` as they
happen. A build that fails leaves the current generation serving. Called by the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from searchsvc.analysis import Analyzer
from searchsvc.disk_room import needed_bytes
from searchsvc.engines.contract import ArticleWriter
from searchsvc.engines.whoosh import create_writer, newest_side_files, open_engine, open_writer
from searchsvc.errors import (
    IndexDamagedError,
    IndexMissingError,
    OperatorError,
)
from searchsvc.generations import (
    begin_generation,
    current_generation,
    data_folder,
    discard_generation,
    publish_generation,
    read_manifest,
    switch_back,
    write_lock,
)
from searchsvc.preparation import Preparation, n_chars
from searchsvc.processes import ordered_map
from searchsvc.reading import Progress, Reading, ReindexReport
from searchsvc.settings import Settings
from searchsvc.side_files import CHANGES, SOURCES, SUGGESTIONS, SideFiles
from searchsvc.source_records import SourceRecords, read_records, write_records
from searchsvc.sources import SourceFile, find_sources
from searchsvc.storage import check_space
from searchsvc.suggestions import Lexicon
from searchsvc.suggestions.harvest import Harvest
from searchsvc.suggestions.recording import SuggestionChanges, write_base
from searchsvc.word_lists import WordList, record, word_lists
from searchsvc.written import recorded, written_source


def reindex(settings: Settings, paths: Sequence[Path], progress: Progress) -> ReindexReport:
    """Builds a generation from the sources, and of what was written besides, and makes it current.

    Raises SourceError, OperatorError (nothing could be read), IndexLockedError, StorageError; the
    current generation then still serves.
    """
    files = find_sources(paths)
    analyzer = Analyzer(settings.user_dictionary)
    lists = word_lists(settings)
    with (
        write_lock(settings.index_dir),
        _discarded_on_failure(settings.index_dir, needed_bytes(files)) as folder,
    ):
        known_ids = _former_records(settings).keeper(files)
        written = written_source(settings.index_dir)
        reading = Reading((*written, *files), progress, settings, known_ids)
        writer = create_writer(data_folder(folder))
        harvest, side = Harvest(), SideFiles(folder)
        with ThreadPoolExecutor(1) as beside:

            def commit() -> None:
                base, n_articles = side.new_path(SUGGESTIONS), reading.kinds.total()
                suggestions = beside.submit(write_base, base, harvest, n_articles)

                def side_files() -> Mapping[str, Any]:
                    progress.phase("suggestions")
                    records = write_records(
                        side.new_path(SOURCES), absolute(paths), reading.records[len(written) :]
                    )
                    files = {SUGGESTIONS: suggestions.result(), SOURCES: records}
                    return side.following(files).to_json()

                writer.commit(side_files)

            _write(writer, reading, settings, harvest, commit)
        progress.phase("checking")
        _check(folder, analyzer, reading)
        progress.phase("switching")
        manifest = _manifest(reading, analyzer, files, lists)
        publish_generation(settings.index_dir, folder, manifest, settings.kept_generations)
    return reading.report(folder.name)


def add(settings: Settings, paths: Sequence[Path], progress: Progress) -> ReindexReport:
    """Adds the sources' articles to the current generation; an id that is there is replaced.

    All of them become visible at once. Raises as ``reindex`` does, and IndexMissingError.
    """
    files = find_sources(paths)
    analyzer = Analyzer(settings.user_dictionary)
    with write_lock(settings.index_dir):
        folder = writable_generation(settings, analyzer)
        side = side_files_of(folder)
        reading = Reading(files, progress, settings)
        with changed_suggestions(folder, analyzer) as changes:
            writer = open_writer(data_folder(folder))

            def commit() -> None:
                writer.commit(lambda: changed(side, changes, *_with_added(side, paths, reading)))

            _write(writer, reading, settings, changes, commit)
    return reading.report(folder.name)


def delete(settings: Settings, ids: Sequence[str]) -> int:
    """Deletes articles by id, all at once; gives how many there were."""
    analyzer = Analyzer(settings.user_dictionary)
    with write_lock(settings.index_dir):
        folder = writable_generation(settings, analyzer)
        side = side_files_of(folder)
        with (
            recorded(settings.index_dir, dict.fromkeys(ids)),
            changed_suggestions(folder, analyzer) as changes,
        ):
            writer = open_writer(data_folder(folder))
            with cancelled_on_failure(writer):
                deleted = sum(writer.delete(i) for i in changes.removing(dict.fromkeys(ids)))
                writer.commit(lambda: changed(side, changes))
    return deleted


def source_roots(settings: Settings) -> tuple[Path, ...]:
    """The paths that the index was made of. Raises IndexMissingError and IndexDamagedError."""
    return _records(current_generation(settings.index_dir)).roots


def rollback(settings: Settings) -> str:
    """Makes the previous generation current and gives its id; a second call undoes it."""
    with write_lock(settings.index_dir):
        return switch_back(settings.index_dir).name


def why_rebuild(settings: Settings) -> str | None:
    """The message key of the reason why what is there cannot be brought up to date; None if it can."""
    try:
        folder = current_generation(settings.index_dir)
        manifest = read_manifest(folder)
        _records(folder)
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
    commit: Callable[[], None],
) -> None:
    """Writes the articles that are read and commits.

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
            commit()
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
    """Collects what a commit changes of a generation's suggestions."""
    engine = open_engine(data_folder(folder), analyzer)
    try:
        yield SuggestionChanges(analyzer, engine.article)
    finally:
        engine.close()


def side_files_of(folder: Path) -> SideFiles:
    """The side files of a generation's newest commit; others are removed.

    The write lock must be held. Raises IndexDamagedError.
    """
    side = SideFiles.from_json(folder, newest_side_files(data_folder(folder)))
    side.remove_others()
    return side


def changed(
    side: SideFiles,
    changes: SuggestionChanges | None,
    roots: Iterable[Path] = (),
    lines: Iterable[str] | None = None,
) -> Mapping[str, Any]:
    """Writes the side files of the next commit: suggestions as changed, and records of the sources
    where there are ``lines``. Gives what the commit keeps of them.
    """
    written = {}
    if changes is not None:
        before = None
        if CHANGES in side.files:
            before = Lexicon(side.path(CHANGES), side.seal(CHANGES))
        written[CHANGES] = changes.write(side.new_path(CHANGES), before)
    if lines is not None:
        written[SOURCES] = write_records(side.new_path(SOURCES), roots, lines)
    return side.following(written).to_json()


def absolute(paths: Sequence[Path]) -> list[Path]:
    """The paths from the root, so that they can be read again from any folder."""
    return list(dict.fromkeys(Path(path).absolute() for path in paths))


def _former_records(settings: Settings) -> SourceRecords:
    """The records of the current generation; empty ones where there are none to be read."""
    try:
        return _records(current_generation(settings.index_dir))
    except (IndexMissingError, IndexDamagedError):
        return SourceRecords(settings.index_dir)


def _records(folder: Path) -> SourceRecords:
    """The records of a generation's newest commit. Raises IndexDamagedError."""
    side = SideFiles.from_json(folder, newest_side_files(data_folder(folder)))
    return read_records(side.path(SOURCES), side.seal(SOURCES))


def _with_added(
    side: SideFiles, paths: Sequence[Path], reading: Reading
) -> tuple[Iterable[Path], Iterable[str]]:
    """Roots and lines of the records with added files; a file that was there is recorded anew."""
    records = read_records(side.path(SOURCES), side.seal(SOURCES))
    read = {file.name for file in reading.files}
    others = {name: known for name, known in records.stamps.items() if name not in read}
    roots = dict.fromkeys((*records.roots, *absolute(paths)))
    return roots, (*records.lines(others), *reading.records)


def writable_generation(settings: Settings, analyzer: Analyzer) -> Path:
    """The current generation, if its tokens are those that this analyzer makes."""
    folder = current_generation(settings.index_dir)
    if read_manifest(folder)["analysis"] != analyzer.fingerprint:
        raise IndexDamagedError("index.analysis", path=settings.index_dir)
    return folder


@contextmanager
def _discarded_on_failure(index_dir: Path, needed: int) -> Iterator[Path]:
    """A new generation's folder, removed again where the build fails.

    Raises StorageError where the disk has less than the bytes needed.
    """
    folder = begin_generation(index_dir)
    try:
        check_space(folder, needed)
        yield folder
    except BaseException:
        discard_generation(index_dir, folder)
        raise


@contextmanager
def cancelled_on_failure(writer: ArticleWriter) -> Iterator[None]:
    """Drops what was not committed where the work fails."""
    try:
        yield
    except BaseException:
        writer.cancel()
        raise
