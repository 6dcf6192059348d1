"""What is done to an index under faults, and how its whole content is told.

A scenario prepares a folder ``work`` with the sources, the index and what else is needed, and does one
command in it. The index must afterwards hold what it held before or what the command makes of it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unittest import mock

from silent import Silent

from searchsvc import backups, indexer, updating
from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.contract import Search
from searchsvc.engines.whoosh import open_engine
from searchsvc.errors import IndexMissingError
from searchsvc.generations import current_generation, data_folder, read_manifest
from searchsvc.query import parse_query
from searchsvc.settings import Settings
from searchsvc.side_files import CHANGES, SOURCES, SUGGESTIONS, SideFiles
from searchsvc.source_records import read_records
from searchsvc.suggestions import Lexicon
from searchsvc.verification import verify_generation
from searchsvc.writing import Change, Writing
from searchsvc.written import WrittenFile

WIRE = (
    "新华社北京电，质量强市建设迈出坚实步伐，老街供水改造工程全部完工，三百户居民用上了自来水。" * 3
)
OTHER = "石桥渡古桥修缮工程昨日开工，工期一年，文物部门全程监督，工地向市民开放，每周一次。" * 3

State = str
"""A digest of everything that can be asked of an index."""

MISSING: State = "missing"


@dataclass(frozen=True, slots=True)
class Scenario:
    """``prepare`` and ``run`` take the work folder. ``writes_index`` is false where a run makes
    another folder, ``product``, that must be there whole or not at all.
    """

    name: str
    prepare: Callable[[Path], None]
    run: Callable[[Path], None]
    product: str = ""


_shared_analyzer = cache(Analyzer)


@contextmanager
def sharing_analyzer() -> Iterator[None]:
    """Within this, everything uses one analyzer: making one costs more than a whole small commit."""
    names = (
        "indexer", "updating", "verification", "service", "writing", "engines.whoosh.documents",
    )  # fmt: skip
    with ExitStack() as patches:
        for name in names:
            patches.enter_context(mock.patch(f"searchsvc.{name}.Analyzer", _shared_analyzer))
        yield


def settings_of(work: Path) -> Settings:
    """The settings of a scenario."""
    return Settings(index_dir=work / "index")


def content(index_dir: Path) -> State:
    """The state of an index; every byte is checked on the way. Raises what is wrong with it."""
    try:
        folder = current_generation(index_dir)
    except IndexMissingError:
        return MISSING
    state = verify_generation(folder)
    if state.problems:
        raise state.problems[0]
    manifest = read_manifest(folder)
    engine = open_engine(data_folder(folder), _shared_analyzer(None))
    try:
        everything = Search(tree=parse_query("*"), fold_reprints=False)
        total, found = engine.walk(everything)
        articles = sorted((scored.article for scored in found), key=lambda a: a.id)
        records = [json.dumps(a.to_record(), ensure_ascii=False, default=str) for a in articles]
        ids = [article.id for article in articles]
        if len(set(ids)) != len(ids) or total != len(ids):
            raise AssertionError(f"articles doubled: {ids}")
        put = {article.id for article in WrittenFile(index_dir).articles()}
        if lost := [a.id for a in articles if a.source is None and a.id not in put]:
            raise AssertionError(f"a reindex would lose what was put: {lost}")
        reprints = [[a.id for a in engine.reprints(i)] for i in ids]
        side = SideFiles.from_json(folder, engine.side_files)
    finally:
        engine.close()
    entries: Counter[tuple[str, str]] = Counter()
    for role in (SUGGESTIONS, CHANGES):
        if role in side.files:
            for entry in Lexicon(side.path(role), side.seal(role)).entries():
                entries[(entry.text, entry.kind.name)] += entry.count
    sources = read_records(side.path(SOURCES), side.seal(SOURCES))
    recorded = [sources.record(name).ids for name in sorted(sources.checksums)]
    names = [Path(name).name for name in sorted(sources.checksums)]
    # A phrase that one article alone was added with is not counted, and is when it is taken away: what
    # is below 1 is shown to nobody, and depends on how many runs led here.
    shown = sorted((entry, count) for entry, count in entries.items() if count > 0)
    whole = (
        records, reprints, shown, names, recorded,
        sorted(sources.checksums.values()), manifest["articles"], manifest["analysis"],
    )  # fmt: skip
    return hashlib.blake2b(repr(whole).encode(), digest_size=12).hexdigest()


def write_source(path: Path, *numbers: int, text: str = WIRE) -> Path:
    """A file of articles with these numbers; every third is a reprint of the same text."""
    records = [
        {
            "id": f"n{number}",
            "title": f"第{number}条 老街通水",
            "body": text if number % 3 == 0 else OTHER[: 40 + number] + f"第{number}号。",
            "newspaper": "临江日报",
            "date": f"2020-05-{number % 28 + 1:02d}",
        }
        for number in numbers
    ]
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in records), "utf-8")
    return path


def scenarios() -> list[Scenario]:
    """All of them."""
    return [
        Scenario("first reindex", _sources, _reindex),
        Scenario("reindex", _index, _reindex_other),
        Scenario("add", _index, _add),
        Scenario("add that merges", _index_of_segments, _add),
        Scenario("update", _with_changed_sources, _update),
        Scenario("delete", _index_of_segments, _delete),
        Scenario("put", _index_with_put, _put),
        Scenario("reindex with what was put", _index_with_put, _reindex_other),
        Scenario("rollback", _two_generations, _rollback),
        Scenario("backup", _index, _backup, product="backup"),
        Scenario("restore", _with_backup, _restore),
        Scenario("restore of what was put", _with_backup_of_put, _restore),
    ]


def _sources(work: Path) -> None:
    (work / "sources").mkdir()
    write_source(work / "sources" / "a.jsonl", *range(8))
    write_source(work / "sources" / "b.jsonl", *range(8, 12))
    write_source(work / "more.jsonl", 2, 3, 30, 31, text=WIRE.replace("老街", "新街"))
    write_source(work / "other.jsonl", *range(20, 26))


def _index(work: Path) -> None:
    _sources(work)
    _reindex(work)


def _index_of_segments(work: Path) -> None:
    _index(work)
    for number in (40, 41):
        source = write_source(work / f"s{number}.jsonl", number)
        indexer.add(settings_of(work), [source], Silent())


def _index_with_put(work: Path) -> None:
    _index(work)
    _apply(work, _written("n60"), _written("n61"))


def _with_changed_sources(work: Path) -> None:
    _index(work)
    write_source(work / "sources" / "a.jsonl", *range(1, 9), text=WIRE.replace("老街", "古街"))
    (work / "sources" / "b.jsonl").unlink()
    write_source(work / "sources" / "c.jsonl", 50, 51)


def _two_generations(work: Path) -> None:
    _index(work)
    _reindex_other(work)


def _with_backup(work: Path) -> None:
    _two_generations(work)
    indexer.delete(settings_of(work), ["n20"])
    _backup(work)
    indexer.delete(settings_of(work), ["n21"])


def _with_backup_of_put(work: Path) -> None:
    _index_with_put(work)
    _backup(work)
    _apply(work, _written("n60", WIRE), _written("n62"), Change("n61", None))


def _reindex(work: Path) -> None:
    indexer.reindex(settings_of(work), [work / "sources"], Silent())


def _reindex_other(work: Path) -> None:
    indexer.reindex(settings_of(work), [work / "other.jsonl"], Silent())


def _add(work: Path) -> None:
    indexer.add(settings_of(work), [work / "more.jsonl"], Silent())


def _update(work: Path) -> None:
    updating.update(settings_of(work), [], Silent())


def _delete(work: Path) -> None:
    indexer.delete(settings_of(work), ["n1", "n40", "n7"])


def _put(work: Path) -> None:
    _apply(work, _written("n2"), _written("n61", WIRE), _written("n62"), Change("n7", None))


def _written(article_id: str, text: str = OTHER) -> Change:
    article = Article.from_record({"id": article_id, "title": "单篇写入", "body": text})
    return Change(article_id, article)


def _apply(work: Path, *changes: Change) -> None:
    Writing(settings_of(work)).apply(changes)


def _rollback(work: Path) -> None:
    indexer.rollback(settings_of(work))


def _backup(work: Path) -> None:
    backups.backup(settings_of(work), work / "backup")


def _restore(work: Path) -> None:
    backups.restore(settings_of(work), work / "backup")


def copy_work(prepared: Path, work: Path) -> None:
    """A fresh copy of a prepared folder."""
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(prepared, work)
