"""An index that somebody else made is data: nothing in it is ever executed."""

import json
import pickle
import shutil

import pytest
from conftest import Quiet, record
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from searchsvc import indexer
from searchsvc.engines.whoosh import open_writer
from searchsvc.engines.whoosh.layout import whoosh_schema
from searchsvc.errors import SearchsvcError
from searchsvc.generations import current_generation, data_folder
from searchsvc.results import SearchRequest
from searchsvc.service import SearchService, open_service
from searchsvc.settings import Settings

EXECUTED = []


def executed(name):
    EXECUTED.append(name)
    return name


class Planted:
    """Runs ``executed`` in whoever unpickles it."""

    def __init__(self, name):
        self.name = name

    def __reduce__(self):
        return executed, (self.name,)


@pytest.fixture
def settings(tmp_path):
    settings = Settings(index_dir=tmp_path / "index")
    source = tmp_path / "a.jsonl"
    source.write_text("\n".join(map(_line, range(3))), encoding="utf-8")
    indexer.reindex(settings, [source], Quiet())
    source.write_text("\n".join(map(_line, range(1, 4))), encoding="utf-8")
    indexer.add(settings, [source], Quiet())
    EXECUTED.clear()
    return settings


def _line(number):
    return json.dumps(record(number, "质量强市建设迈出坚实步伐。"), ensure_ascii=False)


def use(settings, folder):
    """Everything that reads an index; each may refuse it."""
    source = folder / "more.jsonl"
    source.write_text(_line(9), encoding="utf-8")
    service = SearchService(settings)
    for work in (
        lambda: service.search(SearchRequest("质量", fold="reprints")),
        lambda: service.suggest("质", 5),
        service.stats,
        lambda: indexer.delete(settings, ["a1"]),
        lambda: indexer.add(settings, [source], Quiet()),
        lambda: indexer.why_reindex(settings, [source]),
    ):
        try:
            work()
        except SearchsvcError:
            continue


def test_a_pickle_planted_in_any_file_is_not_loaded(settings, tmp_path):
    assert pickle.loads(pickle.dumps(Planted("proof"))) == "proof"
    assert EXECUTED.pop() == "proof"
    files = [path for path in settings.index_dir.rglob("*") if path.is_file()]
    assert len(files) >= 10
    copy = Settings(index_dir=tmp_path / "copy")
    for file in sorted(path.relative_to(settings.index_dir) for path in files):
        planted = pickle.dumps(Planted(str(file)))
        for altered in (planted, planted + (settings.index_dir / file).read_bytes()):
            shutil.rmtree(copy.index_dir, ignore_errors=True)
            shutil.copytree(settings.index_dir, copy.index_dir)
            (copy.index_dir / file).write_bytes(altered)
            use(copy, tmp_path)
    assert EXECUTED == []


def test_a_table_of_contents_of_whoosh_is_not_read(settings):
    folder = data_folder(current_generation(settings.index_dir))
    TOC(whoosh_schema(), [Planted("segments")], 9).write(FileStorage(str(folder)), "MAIN")
    assert open_service(settings).search(SearchRequest("质量")).total == 4
    open_writer(folder).commit()
    assert EXECUTED == []
