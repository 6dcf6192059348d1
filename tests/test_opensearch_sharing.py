"""Several processes share one reindex on a real cluster; nothing is lost or doubled, whoever is killed."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import Quiet
from opensearch_archive import archive_settings, found_ids, remove_archive

from searchsvc import indexer
from searchsvc.engines.opensearch import OpenSearchGenerations
from searchsvc.errors import SettingsError
from searchsvc.service import open_service
from searchsvc.settings import Settings
from searchsvc.shared_indexing import reindex_shared

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
    environment = os.environ | {
        "SEARCHSVC_ENGINE": "opensearch",
        "SEARCHSVC_OPENSEARCH_HOSTS": ",".join(settings.opensearch_hosts),
        "SEARCHSVC_OPENSEARCH_INDEX": settings.opensearch_index,
        "SEARCHSVC_INDEX_DIR": str(index_dir),
        "SEARCHSVC_LANG": "en",
    }
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "reindex", "--shared", "--json", str(folder)],
        env=environment,
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


def test_an_engine_of_one_machine_refuses_to_share(tmp_path, folder):
    with pytest.raises(SettingsError, match="cannot share"):
        reindex_shared(Settings(index_dir=tmp_path / "index"), [folder], Quiet())
