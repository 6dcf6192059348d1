"""An archive from one engine to another, and back: every article, verified on arrival.

Takes the current generation of one engine, makes a generation of the other from its articles, without
the source files, and makes it current. Article records are held against each other by count and by a
digest before that. What was written one by one goes along, in place of what the other engine had of such.
Called by the command line.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.contract import Engine, Search, Written
from searchsvc.errors import IndexDamagedError
from searchsvc.indexer import (
    cancelled_on_failure,
    discarded_on_failure,
    former_records,
    opened,
    writable_generation,
)
from searchsvc.preparation import Preparation, n_chars
from searchsvc.processes import ordered_map
from searchsvc.query.tree import Everything
from searchsvc.reading import Progress
from searchsvc.settings import Settings
from searchsvc.side_files import SOURCES, SUGGESTIONS, SideFiles
from searchsvc.source_records import write_records
from searchsvc.suggestions.harvest import Harvest
from searchsvc.suggestions.recording import write_base

WRITTEN_AT_ONCE: Final = 500
"""Of what was written one by one, so many articles are recorded at a time."""


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What was copied. ``digest`` is that of all article records, the same on both sides."""

    generation: str
    articles: int
    digest: str
    kinds: dict[str, int]


class Digest:
    """A digest of articles in any order: the sum of the SHA-256 of their records, modulo 2**256."""

    def __init__(self) -> None:
        self._sum = self.count = 0

    def add(self, article: Article) -> None:
        """Adds an article."""
        record = json.dumps(article.to_record(), ensure_ascii=False, sort_keys=True)
        digest = hashlib.sha256(record.encode("utf-8", "surrogatepass")).digest()
        self._sum = (self._sum + int.from_bytes(digest)) % (1 << 256)
        self.count += 1

    def __str__(self) -> str:
        return f"{self._sum:064x}"


def copy(settings: Settings, source: str, target: str, progress: Progress) -> CopyReport:
    """Copies the current generation of the engine ``source`` to a new, current one of ``target``.

    Raises IndexMissingError, IndexDamagedError (also where what arrived is not what was sent; the
    target's current generation then still serves), IndexLockedError and what either engine raises.
    """
    analyzer = Analyzer(settings.user_dictionary)
    given, wanted = replace(settings, engine=source), replace(settings, engine=target)
    with opened(given) as old, opened(wanted) as new, old.lock(), new.lock():
        generation = writable_generation(old, analyzer)
        manifest, records = generation.manifest(), former_records(old)
        engine = generation.open(analyzer)
        sent, harvest, kinds = Digest(), Harvest(), Counter[str]()
        try:
            with discarded_on_failure(new, analyzer, 0) as made:
                side, writer = SideFiles(made.folder), made.writer()

                def side_files() -> Mapping[str, Any]:
                    progress.phase("suggestions")
                    base = write_base(side.new_path(SUGGESTIONS), harvest, sent.count)
                    lines = records.lines(records.stamps)
                    kept = write_records(side.new_path(SOURCES), records.roots, lines)
                    return side.following({SUGGESTIONS: base, SOURCES: kept}).to_json()

                with cancelled_on_failure(writer):
                    progress.start(0)
                    progress.phase("reading")
                    arguments = (target, settings.user_dictionary)
                    articles = _digested(engine, sent)
                    for prepared in ordered_map(Preparation, arguments, articles, size=n_chars):
                        writer.add(prepared.documents)
                        harvest.update(prepared.harvest)
                        kinds.update(prepared.documents.kinds)
                        for _ in prepared.documents.ids:
                            progress.article()
                    progress.phase("writing")
                    writer.commit(side_files)
                progress.phase("checking")
                with closing(made.open(analyzer)) as arrived:
                    _check(arrived, sent, new.place)
                progress.phase("switching")
                with _recorded(old.written, new.written):
                    _check_written(old.written, new.written, new.place)
                    new.publish(made, {**manifest, "engine": target, "articles": sent.count})
        finally:
            progress.finish()
            engine.close()
    return CopyReport(made.name, sent.count, str(sent), dict(kinds))


def _digested(engine: Engine, digest: Digest) -> Iterator[Article]:
    """All articles of an engine, whatever their kind, in index order."""
    _, found = engine.walk(Search(tree=Everything()))
    for scored in found:
        digest.add(scored.article)
        yield scored.article


@contextmanager
def _recorded(source: Written, target: Written) -> Iterator[None]:
    """Makes what was written to the target what was written to the source; takes that back where the
    block fails before its commit.
    """
    gone = {article.id for article in target.articles()}
    gone.difference_update(article.id for article in source.articles())
    with ExitStack() as kept:
        kept.enter_context(target.recorded(dict.fromkeys(sorted(gone))))
        articles = source.articles()
        while some := {article.id: article for article in islice(articles, WRITTEN_AT_ONCE)}:
            kept.enter_context(target.recorded(some))
        yield


def _check_written(source: Written, target: Written, place: object) -> None:
    """Raises IndexDamagedError where what was written to one is not what was written to the other."""
    sent, arrived = Digest(), Digest()
    for written, digest in ((source, sent), (target, arrived)):
        for article in written.articles():
            digest.add(article)
    if (sent.count, str(sent)) != (arrived.count, str(arrived)):
        raise IndexDamagedError("index.copied", path=place)


def _check(engine: Engine, sent: Digest, place: object) -> None:
    """Reads back what arrived. Raises IndexDamagedError where it is not what was sent."""
    arrived = Digest()
    engine.verify()
    for _ in _digested(engine, arrived):
        pass
    if arrived.count != sent.count:
        raise IndexDamagedError("index.check", path=place, expected=sent.count, found=arrived.count)
    if str(arrived) != str(sent):
        raise IndexDamagedError("index.copied", path=place)
