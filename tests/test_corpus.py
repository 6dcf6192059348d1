"""The news corpus, 74,542 items, read from its compressed file as it is."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.corpus

ITEMS = 74_542
MAX_PEAK_BYTES = 2 << 30


def start(index, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "searchsvc", *map(str, arguments), "--index", str(index)],
        env=os.environ | {"SEARCHSVC_LANG": "en"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def total(index, query):
    output, _ = start(index, "search", query, "--json").communicate(timeout=60)
    return json.loads(output)["total"]


def test_it_is_indexed_whole_within_its_memory_also_after_a_kill(shared, tmp_path):
    index = tmp_path / "index"
    start(index, "reindex", "--sample").communicate(timeout=60)
    before = total(index, '"石桥渡古桥"')
    assert before

    news = shared / "news/xwlb_2012_2026.jsonl.xz"
    killed = start(index, "reindex", news)
    time.sleep(15)
    assert killed.poll() is None
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert total(index, '"石桥渡古桥"') == before

    process = start(index, "reindex", news, "--json")
    output, told = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, told
    report = json.loads(output)
    assert (report["articles"], report["rejects"]) == (ITEMS, 0)
    assert usage.ru_maxrss * 1024 < MAX_PEAK_BYTES
    assert "% " in told, "no progress was shown"
    assert "left" in told
    assert total(index, '"石桥渡古桥"') == 0
    assert total(index, '"高质量发展"') > 1_000
