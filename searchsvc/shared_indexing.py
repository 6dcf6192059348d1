"""A reindex that several processes share, each doing parts of the sources.

All of them are started with the same paths (each machine has its own copy of the files); whoever comes
joins. A part is a run of files; what it gives beside its documents is put together by the process
that leads, in the order of the parts, so that the result is that of one process: of two articles
with the same id the first one counts. A killed process's part is done again by another
(``searchsvc.engines.opensearch.parts``). What was written one by one is the part before all others; the
process that leads does it at last, when nobody can write any more. Called by the command line.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.choosing import open_shared_build
from searchsvc.engines.contract import WRITTEN, Generations, PartLease, SharedBuild
from searchsvc.errors import GenerationLostError, OperatorError, RecordError
from searchsvc.indexer import absolute, check, former_records, manifest, opened
from searchsvc.preparation import Preparation, n_chars
from searchsvc.processes import ordered_map
from searchsvc.reading import MAX_LISTED_REJECTS, Progress, Reading, ReindexReport
from searchsvc.settings import Settings
from searchsvc.side_files import SOURCES, SUGGESTIONS, SideFiles
from searchsvc.source_records import read_record, record_line, write_records
from searchsvc.sources import Reject, SourceFile, file_checksum, find_sources
from searchsvc.suggestions.harvest import Harvest
from searchsvc.suggestions.recording import write_base
from searchsvc.word_lists import word_lists

PART_BYTES: Final = 8_000_000
"""A part is a run of files of so many bytes, or one larger file."""

PART_FILES: Final = 500


@dataclass(slots=True)
class PartResult:
    """What a part gave beside its documents. ``lost`` are the ids that an earlier part has."""

    kinds: Counter[str] = field(default_factory=Counter)
    rejects: int = 0
    reject_list: list[Reject] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    harvest: Harvest = field(default_factory=Harvest)
    lost: set[str] = field(default_factory=set)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> PartResult:
        """From what ``to_json`` gave in whatever process."""
        return cls(
            kinds=Counter(found["kinds"]),
            rejects=found["rejects"],
            reject_list=[
                Reject(path, line, RecordError(code, **params))
                for path, line, code, params in found["reject_list"]
            ],
            records=found["records"],
            harvest=Harvest.from_json(found["harvest"]),
            lost=set(found["lost"]),
        )

    def to_json(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "kinds": self.kinds,
            "rejects": self.rejects,
            "reject_list": [
                (r.path, r.line, r.error.code, {n: _plain(v) for n, v in r.error.params.items()})
                for r in self.reject_list
            ],
            "records": self.records,
            "harvest": self.harvest.to_json(),
            "lost": sorted(self.lost),
        }

    def lose(self, article: Article, first: str, analyzer: Analyzer) -> None:
        """Takes an article away that an earlier part has under the same id, in the file ``first``."""
        if article.id in self.lost:
            return
        self.lost.add(article.id)
        self.kinds[article.kind] -= 1
        self.harvest.remove(article, analyzer)
        self.rejects += 1
        lines = article.source.lines if article.source else ()
        name = article.source.path if article.source else ""
        error = RecordError("record.duplicate_id", id=article.id, first=first)
        if len(self.reject_list) < MAX_LISTED_REJECTS:
            self.reject_list.append(Reject(name, lines[0][0] if lines else None, error))

    def settled_records(self) -> Iterator[str]:
        """The lines of the files' records, without the ids that were lost."""
        for line in self.records:
            record = read_record(line)
            if self.lost.isdisjoint(i for i in record.ids if i is not None):
                yield line
            else:
                ids = tuple(None if i in self.lost else i for i in record.ids)
                yield record_line(replace(record, ids=ids))


def reindex_shared(
    settings: Settings, paths: Sequence[Path], progress: Progress
) -> ReindexReport | None:
    """Joins or begins the shared reindex of these sources and works until it is complete.

    Gives the report in the process that completed it, None in the others. Raises as ``reindex``.
    """
    files = find_sources(paths)
    analyzer = Analyzer(settings.user_dictionary)
    parts = _parts(files)
    with opened(settings) as generations:
        while True:
            build = open_shared_build(
                settings, generations, analyzer, _identity(files, analyzer), len(parts)
            )
            try:
                _work(build, settings, generations, files, parts, progress, analyzer)
                if not build.wait():
                    if build.is_complete():
                        return None
                    continue  # it was begun anew, with another index
                return _complete(build, settings, generations, paths, files, progress, analyzer)
            except GenerationLostError:
                build.restart()
            finally:
                build.leave()


def _work(
    build: SharedBuild,
    settings: Settings,
    generations: Generations,
    files: Sequence[SourceFile],
    parts: Sequence[Sequence[SourceFile]],
    progress: Progress,
    analyzer: Analyzer,
) -> None:
    """Does parts until none is left."""
    known_ids = former_records(generations).keeper(files)
    progress.start(sum(file.size_bytes for file in files))
    try:
        progress.phase("reading")
        while (taken := build.next_part()) is not None:
            number, lease = taken
            reading = Reading(parts[number], progress, settings, known_ids)
            _do_part(build, number, lease, reading, analyzer)
    finally:
        progress.finish()


def _do_written(
    build: SharedBuild,
    settings: Settings,
    generations: Generations,
    progress: Progress,
    analyzer: Analyzer,
) -> None:
    """Does the part of what was written one by one, unless another process that led has done it.

    Raises GenerationLostError where that one began it with something else.
    """
    files = generations.written.source()
    lease = build.take_written("".join(map(file_checksum, files)))
    if lease is None:
        return
    progress.start(sum(file.size_bytes for file in files))
    try:
        reading = Reading(files, progress, settings)
        _do_part(build, WRITTEN, lease, reading, analyzer)
    finally:
        progress.finish()


def _do_part(
    build: SharedBuild, number: int, lease: PartLease, reading: Reading, analyzer: Analyzer
) -> None:
    writer, result = build.writer(number), PartResult()
    settings = reading.settings
    try:
        arguments = (settings.engine, settings.user_dictionary)
        for prepared in ordered_map(Preparation, arguments, reading.articles(), size=n_chars):
            lease.check()
            writer.add(prepared.documents)
            result.harvest.update(prepared.harvest)
            result.kinds.update(prepared.documents.kinds)
            for _ in prepared.documents.ids:
                reading.progress.article()
        result.records = reading.records
        result.rejects, result.reject_list = reading.rejects, reading.reject_list
        for record, first in writer.finish():
            result.lose(Article.from_record(record), first, analyzer)
    except BaseException:
        writer.cancel()
        lease.abandon()
        raise
    build.finish_part(number, lease, result.to_json())


def _complete(
    build: SharedBuild,
    settings: Settings,
    generations: Generations,
    paths: Sequence[Path],
    files: Sequence[SourceFile],
    progress: Progress,
    analyzer: Analyzer,
) -> ReindexReport:
    """Puts together what the parts gave, checks, and makes the build current."""
    _do_written(build, settings, generations, progress, analyzer)
    progress.phase("writing")
    results = [PartResult.from_json(found) for found in build.results()]
    for loss in build.losses():
        article = Article.from_record(loss["record"])
        results[loss["part"]].lose(article, loss["first"], analyzer)
    whole = PartResult()
    for number, result in enumerate(results):
        whole.kinds.update(result.kinds)
        whole.rejects += result.rejects
        whole.reject_list += result.reject_list
        if number != WRITTEN:
            whole.records += result.settled_records()
        whole.harvest.update(result.harvest)
    n_articles = whole.kinds.total()
    if not n_articles:
        raise OperatorError("index.nothing_read", files=len(files), rejects=whole.rejects)
    generation, side = build.generation, SideFiles(build.generation.folder)

    def side_files() -> Mapping[str, Any]:
        progress.phase("suggestions")
        base = write_base(side.new_path(SUGGESTIONS), whole.harvest, n_articles)
        records = write_records(side.new_path(SOURCES), absolute(paths), whole.records)
        return side.following({SUGGESTIONS: base, SOURCES: records}).to_json()

    build.commit(side_files)
    progress.phase("checking")
    check(generations, generation, analyzer, n_articles)
    progress.phase("switching")
    kinds = {kind: count for kind, count in whole.kinds.items() if count}
    build.publish(manifest(settings, analyzer, files, word_lists(settings), kinds, whole.rejects))
    return ReindexReport(
        generation=generation.name,
        articles=n_articles,
        rejects=whole.rejects,
        reject_list=tuple(whole.reject_list[:MAX_LISTED_REJECTS]),
        replaced=0,
        seconds=build.seconds,
        kinds=kinds,
    )


def _parts(files: Sequence[SourceFile]) -> list[list[SourceFile]]:
    """The files in runs, behind the part of what was written; the same in every process that has the
    same files.
    """
    parts: list[list[SourceFile]] = [[]]
    size_bytes = PART_BYTES
    for file in files:
        if size_bytes >= PART_BYTES or len(parts[-1]) >= PART_FILES:
            parts.append([])
            size_bytes = 0
        parts[-1].append(file)
        size_bytes += file.size_bytes
    return parts


def _identity(files: Sequence[SourceFile], analyzer: Analyzer) -> str:
    """A short name of what is to be built: which files, of which sizes, cut by which analysis."""
    named = [(file.name, file.size_bytes) for file in files]
    content = json.dumps([analyzer.fingerprint, PART_BYTES, PART_FILES, named])
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | str) or value is None else str(value)
