"""Several processes share one reindex on a real cluster; nothing is lost or doubled, whoever is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from conftest import Quiet
from opensearch_archive import archive_settings, environment, found_ids, remove_archive

from searchsvc import indexer
from searchsvc.articles import Article
from searchsvc.engines.opensearch import OpenSearchGenerations, leases, parts
from searchsvc.errors import SettingsError
from searchsvc.service import open_service
from searchsvc.settings import Settings
from searchsvc.shared_indexing import reindex_shared
from searchsvc.writing import Change, Writing

pytestmark = pytest.mark.opensearch

COMMAND = """
import sys
from searchsvc import shared_indexing
shared_indexing.PART_FILES = 1
from searchsvc.cli import main
sys.argv[0] = "searchsvc"
main()
"""
FILES, ARTICLES = 8, 400


@pytest.fixture
def settings(cluster, tmp_path):
    made = archive_settings(cluster, tmp_path / "index")
    yield made
    remove_archive(made)


@pytest.fixture
def folder(tmp_path):
    """Files of articles; each file but the first begins with one that the file before it has."""
    made = tmp_path / "sources"
    made.mkdir()
    for number in range(FILES):
        ids = [f"a{number}-{n}" for n in range(ARTICLES)]
        if number:
            ids.insert(0, f"a{number - 1}-{ARTICLES - 1}")
        lines = [
            json.dumps({"id": i, "title": f"标题{i}", "body": f"质量强市，第{number}卷。"})
            for i in ids
        ]
        (made / f"{number}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return made


def expected():
    return sorted(f"a{number}-{n}" for number in range(FILES) for n in range(ARTICLES))


def started(settings, folder, index_dir):
    """A process that joins the shared reindex."""
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "reindex", "--shared", "--json", str(folder)],
        env=os.environ | environment(replace(settings, index_dir=index_dir)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def check(settings, folder, report):
    """The result is that of one process: the same articles, counts, rejects and suggestions."""
    assert found_ids(settings) == expected()
    assert report["articles"] == FILES * ARTICLES
    assert report["rejects"] == FILES - 1
    codes = {reject["code"] for reject in report["reject_list"]}
    assert codes == {"record.duplicate_id"}
    service = open_service(settings)
    shared = [(e.text, e.count) for e in service.suggest("标题", 20).entries]
    first_volume = service.article(f"a0-{ARTICLES - 1}")
    service.close()
    assert "第0卷" in first_volume.body[0].text, "of two with one id the first file's counts"
    indexer.reindex(settings, [folder], Quiet())
    service = open_service(settings)
    assert [(e.text, e.count) for e in service.suggest("标题", 20).entries] == shared
    assert service.stats()["articles"] == FILES * ARTICLES
    service.close()


def test_processes_share_a_reindex_and_one_of_them_is_killed(settings, folder, tmp_path):
    first = started(settings, folder, tmp_path / "index0")
    generations = OpenSearchGenerations(settings)
    generations.work.create()
    while not (plan := generations.work.read("plan")):
        assert first.poll() is None, first.stderr.read()
        time.sleep(0.02)
    taken = f"{plan.content['generation']}-part-1"
    while not generations.work.read(taken):
        assert first.poll() is None, first.stderr.read()
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    others = [started(settings, folder, tmp_path / f"index{n}") for n in (1, 2)]
    told = [process.communicate(timeout=300) for process in others]
    assert [process.returncode for process in others] == [0, 0], told
    reports = [out for out, _ in told if out.strip()]
    assert len(reports) == 1
    check(settings, folder, json.loads(reports[0]))
    assert generations.work.losses(plan.content["generation"]) == []
    generations.close()


def test_one_process_alone_completes_a_shared_reindex(settings, folder):
    report = reindex_shared(settings, [folder], Quiet())
    assert report is not None
    assert (report.articles, report.rejects) == (FILES * ARTICLES, FILES - 1)
    assert found_ids(settings) == expected()


def put(settings, *names):
    made = [Article.from_record({"id": n, "title": n, "body": "写的桥"}) for n in names]
    Writing(settings).apply([Change(article.id, article) for article in made])


def test_what_was_written_one_by_one_is_shared_too(settings, folder, tmp_path):
    indexer.reindex(settings, [folder], Quiet())
    put(settings, "a3-7", "new")
    elsewhere = replace(settings, index_dir=tmp_path / "elsewhere")
    report = reindex_shared(elsewhere, [folder], Quiet())
    assert (report.articles, report.rejects) == (FILES * ARTICLES + 1, FILES)
    firsts = [r.error.params["first"] for r in report.reject_list if r.error.params["id"] == "a3-7"]
    assert firsts == ["written.jsonl"]
    assert found_ids(settings) == sorted([*expected(), "new"])
    assert found_ids(settings, "写的桥") == ["a3-7", "new"]
    service = open_service(settings)
    assert service.stats()["sources"] == FILES
    shared = [(e.text, e.count) for e in service.suggest("标题", 20).entries]
    service.close()
    alone = indexer.reindex(settings, [folder], Quiet())
    assert (alone.articles, alone.rejects, alone.kinds) == (
        report.articles, report.rejects, report.kinds
    )  # fmt: skip
    service = open_service(settings)
    assert [(e.text, e.count) for e in service.suggest("标题", 20).entries] == shared
    service.close()


@pytest.mark.parametrize("meanwhile", [False, True])
def test_a_leader_dies_while_it_shares_what_was_written(
    settings, folder, tmp_path, monkeypatch, meanwhile
):
    """Who leads next goes on; where a writer came before it, the build begins anew."""
    monkeypatch.setattr(leases, "BEAT_S", 0.2)
    monkeypatch.setattr(leases, "LEASE_S", 2.0)
    indexer.reindex(settings, [folder], Quiet())
    put(settings, "a3-7", "new")
    generations = OpenSearchGenerations(settings)

    def die(build, *_):
        build._lead.abandon()
        build._lead = None
        raise KeyboardInterrupt

    with monkeypatch.context() as dying, pytest.raises(KeyboardInterrupt):
        dying.setattr(parts.SharedBuild, "results", die)
        reindex_shared(settings, [folder], Quiet())
    begun = generations.work.read("plan").content["generation"]
    patient = replace(settings, max_write_wait_s=10)
    if meanwhile:
        Writing(patient).apply([Change("a3-7", None), Change("new", None)])
    report = reindex_shared(replace(settings, index_dir=tmp_path / "other"), [folder], Quiet())
    assert (report.generation == begun) is not meanwhile
    assert found_ids(settings) == sorted(expected() if meanwhile else [*expected(), "new"])
    assert found_ids(settings, "写的桥") == ([] if meanwhile else ["a3-7", "new"])
    assert generations.indices.unused() == []
    generations.close()


def test_an_engine_of_one_machine_refuses_to_share(tmp_path, folder):
    with pytest.raises(SettingsError, match="cannot share"):
        reindex_shared(Settings(index_dir=tmp_path / "index"), [folder], Quiet())
