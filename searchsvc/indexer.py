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
from searchsvc.engines.choosing import open_generations
from searchsvc.engines.contract import ArticleWriter, Generation, Generations
from searchsvc.errors import (
    GenerationLostError,
    IndexDamagedError,
    IndexMissingError,
    OperatorError,
)
from searchsvc.preparation import Preparation, n_chars
from searchsvc.processes import ordered_map
from searchsvc.reading import Progress, Reading, ReindexReport
from searchsvc.settings import Settings
from searchsvc.side_files import CHANGES, SOURCES, SUGGESTIONS, SideFiles
from searchsvc.source_records import SourceRecords, read_records, write_records
from searchsvc.sources import SourceFile, find_sources
from searchsvc.suggestions import Lexicon
from searchsvc.suggestions.harvest import Harvest
from searchsvc.suggestions.recording import SuggestionChanges, write_base
from searchsvc.word_lists import WordList, record, word_lists


def reindex(settings: Settings, paths: Sequence[Path], progress: Progress) -> ReindexReport:
    """Builds a generation from the sources, and of what was written besides, and makes it current.

    Raises SourceError, OperatorError (nothing could be read), IndexLockedError, StorageError; the
    current generation then still serves.
    """
    files, lists = find_sources(paths), word_lists(settings)
    with opened(settings) as generations, generations.lock():
        try:
            return _build(generations, settings, paths, files, lists, progress)
        except GenerationLostError:
            return _build(generations, settings, paths, files, lists, progress)


def _build(
    generations: Generations,
    settings: Settings,
    paths: Sequence[Path],
    files: Sequence[SourceFile],
    lists: Mapping[str, WordList],
    progress: Progress,
) -> ReindexReport:
    analyzer = Analyzer(settings.user_dictionary)
    with discarded_on_failure(generations, analyzer, needed_bytes(files)) as generation:
        known_ids = former_records(generations).keeper(files)
        written = generations.written.source()
        reading = Reading((*written, *files), progress, settings, known_ids)
        writer = generation.writer()
        harvest, side = Harvest(), SideFiles(generation.folder)
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
        check(generations, generation, analyzer, reading.kinds.total())
        progress.phase("switching")
        made = manifest(settings, analyzer, files, lists, reading.kinds, reading.rejects)
        generations.publish(generation, made)
    return reading.report(generation.name)


def add(settings: Settings, paths: Sequence[Path], progress: Progress) -> ReindexReport:
    """Adds the sources' articles to the current generation; an id that is there is replaced.

    All of them become visible at once. Raises as ``reindex`` does, and IndexMissingError.
    """
    files = find_sources(paths)
    analyzer = Analyzer(settings.user_dictionary)
    with opened(settings) as generations, generations.lock():
        generation = writable_generation(generations, analyzer)
        side = side_files_of(generation)
        reading = Reading(files, progress, settings)
        with changed_suggestions(generation, analyzer) as changes:
            writer = generation.writer()

            def commit() -> None:
                writer.commit(lambda: changed(side, changes, *_with_added(side, paths, reading)))

            _write(writer, reading, settings, changes, commit)
    return reading.report(generation.name)


def delete(settings: Settings, ids: Sequence[str]) -> int:
    """Deletes articles by id, all at once; gives how many there were."""
    analyzer, ids = Analyzer(settings.user_dictionary), list(dict.fromkeys(ids))
    with opened(settings) as generations, generations.lock():
        generation = writable_generation(generations, analyzer)
        side = side_files_of(generation)
        with (
            generations.written.recorded(dict.fromkeys(ids)),
            changed_suggestions(generation, analyzer) as changes,
        ):
            writer = generation.writer()
            with cancelled_on_failure(writer):
                changes.remove(ids)
                deleted = len(writer.delete(ids))
                writer.commit(lambda: changed(side, changes))
    return deleted


def source_roots(settings: Settings) -> tuple[Path, ...]:
    """The paths that the index was made of. Raises IndexMissingError and IndexDamagedError."""
    with opened(settings) as generations:
        return _records(generations.current()).roots


def rollback(settings: Settings) -> str:
    """Makes the previous generation current and gives its id; a second call undoes it."""
    with opened(settings) as generations, generations.lock():
        return generations.switch_back().name


def why_rebuild(settings: Settings) -> str | None:
    """The message key of the reason why what is there cannot be brought up to date; None if it can."""
    try:
        with opened(settings) as generations:
            generation = generations.current()
            analysis = generation.manifest()["analysis"]
            _records(generation)
    except IndexMissingError:
        return "cli.why.no_index"
    except IndexDamagedError:
        return "cli.why.unreadable"
    if analysis != Analyzer(settings.user_dictionary).fingerprint:
        return "cli.why.analysis_changed"
    return None


def why_reindex(settings: Settings, paths: Sequence[Path]) -> str | None:
    """The message key of the reason why the sources need a reindex; None where they need none."""
    if (reason := why_rebuild(settings)) is not None:
        return reason
    with opened(settings) as generations:
        records = former_records(generations)
    files = find_sources(paths)
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
            arguments = (settings.engine, settings.user_dictionary)
            for prepared in ordered_map(Preparation, arguments, reading.articles(), size=n_chars):
                documents = prepared.documents
                if changes is not None:
                    changes.remove(documents.ids)
                    reading.replaced += len(writer.delete(documents.ids))
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


def check(
    generations: Generations, generation: Generation, analyzer: Analyzer, expected: int
) -> None:
    """Reads back what was built.

    Raises IndexDamagedError where it is not as it was written, or an article is missing.
    """
    engine = generation.open(analyzer)
    try:
        engine.verify()
        found = engine.stats()["articles"]
    finally:
        engine.close()
    if found != expected:
        raise IndexDamagedError(
            "index.check", path=generations.place, expected=expected, found=found
        )


def manifest(
    settings: Settings,
    analyzer: Analyzer,
    files: Sequence[SourceFile],
    lists: Mapping[str, WordList],
    kinds: Mapping[str, int],
    rejects: int,
) -> dict[str, Any]:
    """What a generation says of itself."""
    return {
        "engine": settings.engine,
        "analysis": analyzer.fingerprint,
        "word_lists": record(lists),
        "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "articles": sum(kinds.values()),
        "kinds": dict(kinds),
        "rejects": rejects,
        "sources": [{"name": file.name, "size_bytes": file.size_bytes} for file in files],
    }


@contextmanager
def opened(settings: Settings) -> Iterator[Generations]:
    """The generations of the archive that the settings name."""
    generations = open_generations(settings)
    try:
        yield generations
    finally:
        generations.close()


@contextmanager
def changed_suggestions(generation: Generation, analyzer: Analyzer) -> Iterator[SuggestionChanges]:
    """Collects what a commit changes of a generation's suggestions."""
    engine = generation.open(analyzer)
    try:
        yield SuggestionChanges(analyzer, engine.articles)
    finally:
        engine.close()


def side_files_of(generation: Generation) -> SideFiles:
    """The side files of a generation's newest commit; others are removed.

    The write lock must be held. Raises IndexDamagedError.
    """
    side = SideFiles.from_json(generation.folder, generation.side_files())
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


def former_records(generations: Generations) -> SourceRecords:
    """The records of the current generation; empty ones where there are none to be read."""
    try:
        return _records(generations.current())
    except (IndexMissingError, IndexDamagedError):
        return SourceRecords(Path())


def _records(generation: Generation) -> SourceRecords:
    """The records of a generation's newest commit. Raises IndexDamagedError."""
    side = SideFiles.from_json(generation.folder, generation.side_files())
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


def writable_generation(generations: Generations, analyzer: Analyzer) -> Generation:
    """The current generation, if its tokens are those that this analyzer makes."""
    generation = generations.current()
    if generation.analysis != analyzer.fingerprint:
        raise IndexDamagedError("index.analysis", path=generations.place)
    return generation


@contextmanager
def discarded_on_failure(
    generations: Generations, analyzer: Analyzer, room_bytes: int
) -> Iterator[Generation]:
    """A new generation, removed again where the build fails. Raises StorageError for want of room."""
    generation = generations.begin(analyzer, room_bytes)
    try:
        yield generation
    except BaseException:
        generations.discard(generation)
        raise


@contextmanager
def cancelled_on_failure(writer: ArticleWriter) -> Iterator[None]:
    """Drops what was not committed where the work fails."""
    try:
        yield
    except BaseException:
        writer.cancel()
        raise
