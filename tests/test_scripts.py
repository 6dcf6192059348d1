"""What people run: scripts/start and scripts/reindex, over the environment of this checkout."""

import json
import os
import re
import select
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def environment(tmp_path):
    kept = {n: v for n, v in os.environ.items() if not n.startswith("SEARCHSVC_")}
    return kept | {"SEARCHSVC_INDEX_DIR": str(tmp_path / "index"), "SEARCHSVC_LANG": "en"}


def started(environment, *arguments):
    """Runs scripts/start until it serves; its address, the seconds it took, what it told."""
    begun = time.monotonic()
    process = subprocess.Popen(
        [ROOT / "scripts/start", "--port", "0", *map(str, arguments)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        address = ""
        while not address:
            assert select.select([process.stdout], [], [], 120)[0]
            line = process.stdout.readline()
            assert line, process.stderr.read()
            address = (re.findall(r"Serving on (http://\S+)/", line) or [""])[0]
        took_s = time.monotonic() - begun
        with urlopen(f"{address}/ready", timeout=120) as response:
            health = json.load(response)
    finally:
        process.terminate()
        _, told = process.communicate(timeout=120)
    return health, took_s, told


def test_start_serves_the_sample_and_is_quick_the_second_time(environment):
    health, _, told = started(environment)
    assert health["articles"] > 60
    assert "no index" in told
    again, _, told = started(environment)
    assert again == health
    assert "up to date" in told


def test_start_serves_given_paths_and_keeps_them(environment, tmp_path):
    page = tmp_path / "page.txt"
    page.write_text("老街供水改造收官\n\n7月3日，老街的新水管通了水。\n", encoding="utf-8")
    health, _, _ = started(environment, page)
    assert health["articles"] == 1
    kept, _, told = started(environment)
    assert kept == health
    assert "stays as it is" in told
    page.write_text("老街供水改造收官\n\n7月4日，老街的新水管通了水。\n", encoding="utf-8")
    started(environment, page)
    found = subprocess.run(
        [sys.executable, "-m", "searchsvc", "search", '"7月4日"', "--json"],
        env=environment,
        capture_output=True,
        check=True,
    )
    assert json.loads(found.stdout)["total"] == 1


def test_reindex_takes_the_commands_options(environment, tmp_path):
    (tmp_path / "s.jsonl").write_text('{"id": "a", "title": "甲"}\n', encoding="utf-8")
    done = subprocess.run(
        [ROOT / "scripts/reindex", "s.jsonl", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
    )
    assert json.loads(done.stdout)["articles"] == 1


@pytest.mark.parametrize(
    "arguments", [["start", "--prot", "1"], ["start", "--port"], ["start", "nowhere.txt"]]
)
def test_a_wrong_call_fails_with_a_message(environment, arguments):
    done = subprocess.run(
        [ROOT / "scripts" / arguments[0], *arguments[1:]],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (1, 2)
    assert done.stderr
