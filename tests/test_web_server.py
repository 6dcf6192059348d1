"""The real server: ``searchsvc serve`` in a process of its own, driven over HTTP."""

import json
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
from conftest import Quiet
from web_archive import BRIDGE, address_of, build_archive, running_server, start_server

from searchsvc.indexer import reindex
from searchsvc.settings import Settings


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return build_archive(tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="module")
def address(archive):
    with running_server(archive) as address:
        yield address


@pytest.fixture
def server(archive):
    """A server of the test's own, with its address; stopped if the test leaves it running."""
    process = start_server(archive, "--port", "0", "--workers", "2")
    try:
        yield process, address_of(process)
    finally:
        process.terminate()
        process.communicate(timeout=120)


def fetch(url, **headers):
    """Status, media type and text."""
    try:
        with urlopen(Request(url, headers=headers), timeout=120) as response:
            return response.status, response.headers.get_content_type(), response.read().decode()
    except HTTPError as error:
        return error.code, error.headers.get_content_type(), error.read().decode()


def workers_of(process):
    return Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()


def wait_until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this did not happen in time"
        time.sleep(0.05)


def test_pages_json_and_style_are_served(address):
    status, kind, text = fetch(f"{address}/?q={quote('大桥')}")
    assert (status, kind) == (200, "text/html")
    assert "临江<mark>大桥</mark>今日通车" in text
    status, kind, text = fetch(f"{address}/api/search?q={quote('大桥')}&facets=newspaper")
    assert (status, kind) == (200, "application/json")
    assert json.loads(text)["hits"][0]["id"] == BRIDGE
    assert fetch(f"{address}/articles/{BRIDGE}")[:2] == (200, "text/html")
    assert fetch(f"{address}/static/style.css")[:2] == (200, "text/css")
    assert fetch(f"{address}/static/icon.svg")[:2] == (200, "image/svg+xml")
    assert json.loads(fetch(f"{address}/ready")[2])["status"] == "ok"


def test_the_longest_allowed_query_gets_through(address):
    status, _, text = fetch(f"{address}/api/search?q={quote('桥' * 1_000)}")
    assert status == 200, text


@pytest.mark.parametrize("length", [1_001, 10_000])
def test_a_longer_query_is_a_problem_with_its_position(address, length):
    status, kind, text = fetch(f"{address}/api/search?q={quote('桥' * length)}")
    assert (status, kind) == (400, "application/problem+json")
    assert json.loads(text)["code"] == "query.too_long"
    assert json.loads(text)["position"] == 1_000


def test_errors_are_problems_over_http_too(address):
    for path, expected in (("/api/search?q=NOT", 400), ("/api/nothing", 404)):
        status, kind, text = fetch(address + path)
        assert (status, kind) == (expected, "application/problem+json")
        assert json.loads(text)["status"] == expected
    status, kind, text = fetch(f"{address}/nothing", **{"Accept-Language": "en"})
    assert (status, kind) == (404, "text/html")


def test_many_readers_at_once_all_get_answers(address):
    urls = [f"{address}/{path}?q={quote('供水')}&page={n % 3 + 1}"
            for n in range(30) for path in ("", "api/search")]  # fmt: skip
    with ThreadPoolExecutor(10) as pool:
        assert {answer[0] for answer in pool.map(fetch, urls)} == {200}


def test_two_workers_serve_and_a_lost_one_is_replaced(server):
    process, address = server
    wait_until(lambda: len(workers_of(process)) == 2)
    lost = workers_of(process)[0]
    os.kill(int(lost), signal.SIGKILL)
    wait_until(lambda: lost not in workers_of(process) and len(workers_of(process)) == 2)
    assert fetch(f"{address}/ready")[0] == 200


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_clean(server, how):
    process, address = server
    assert fetch(f"{address}/ready")[0] == 200
    process.send_signal(how)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "Traceback" not in errors
    with pytest.raises(URLError):
        urlopen(f"{address}/ready", timeout=5)


def test_a_stop_reaches_a_worker_that_is_only_starting(archive):
    slowly = """
import sys, time
from searchsvc.cli import main
from searchsvc.web.worker import Worker

def init_signals(self, listen=Worker.init_signals):
    time.sleep(1)
    listen(self)

Worker.init_signals = init_signals
main(sys.argv[1:])
"""
    process = start_server(archive, "--port", "0", program=["-c", slowly])
    address_of(process)
    wait_until(lambda: workers_of(process))
    process.terminate()
    _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, "")


def test_it_listens_on_loopback_only(address):
    port = int(address.rpartition(":")[2])
    assert address.startswith("http://127.0.0.1:")
    with socket.socket() as other, pytest.raises(OSError):
        other.settimeout(2)
        other.connect(("127.0.0.2", port))


def test_a_port_in_use_is_said_and_ends_it(archive, address):
    port = address.rpartition(":")[2]
    process = start_server(archive, "--port", port)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert output == ""
    assert port in errors
    assert "--port" in errors


def test_without_an_index_it_says_what_to_run(tmp_path):
    process = start_server(Settings(index_dir=tmp_path / "none"), "--port", "0")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert "searchsvc reindex" in errors


def test_a_new_index_is_served_without_a_pause(tmp_path):
    archive = build_archive(tmp_path / "archive")
    sources = tmp_path / "archive/sources"
    answers, done = [], threading.Event()
    with running_server(archive) as address:

        def read_on():
            while not done.is_set():
                answers.append(fetch(f"{address}/api/search?q={quote('大桥')}"))

        reader = threading.Thread(target=read_on)
        reader.start()
        try:
            for number in range(3):
                more = json.dumps({"id": f"new{number}", "body": "第二座大桥开工"})
                (sources / f"more{number}.jsonl").write_text(more, encoding="utf-8")
                reindex(archive, [sources], Quiet())
                status, _, text = fetch(f"{address}/api/articles/new{number}")
                assert status == 200, text
        finally:
            done.set()
            reader.join()
    assert {status for status, _, _ in answers} == {200}
    assert len({json.loads(text)["index_version"] for _, _, text in answers}) > 1


class Readers:
    """Clients that ask one search after another, each time on a connection of its own or a kept one."""

    def __init__(self, address, number, *, keep):
        self.host = address.removeprefix("http://")
        self.statuses, self.broken = [], []
        self.stopping, self.refused = threading.Event(), threading.Event()
        self._keep = keep
        self._threads = [threading.Thread(target=self._read) for _ in range(number)]
        for thread in self._threads:
            thread.start()

    def _read(self):
        connection = HTTPConnection(self.host, timeout=120)
        while not self.stopping.is_set():
            try:
                connection.request("GET", f"/api/search?q={quote('大桥')}&facets=newspaper")
                answer = connection.getresponse()
                answer.read()
            except ConnectionRefusedError:
                self.refused.set()
                break
            except (OSError, HTTPException) as error:
                self.broken.append(error)
                connection.close()
            else:
                self.statuses.append(answer.status)
            if not self._keep:
                connection.close()
        connection.close()

    def stop(self):
        self.stopping.set()
        for thread in self._threads:
            thread.join()


@pytest.mark.parametrize("keep", [True, False])
def test_a_reload_drops_no_request(server, keep):
    process, address = server
    wait_until(lambda: len(workers_of(process)) == 2)
    before = set(workers_of(process))
    readers = Readers(address, 6, keep=keep)
    try:
        wait_until(lambda: len(readers.statuses) > 20)
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: before.isdisjoint(workers_of(process)))
    finally:
        readers.stop()
    assert readers.broken == []
    assert set(readers.statuses) == {200}


@pytest.mark.parametrize("keep", [True, False])
def test_a_stop_answers_what_was_asked(server, keep):
    process, address = server
    readers = Readers(address, 6, keep=keep)
    wait_until(lambda: len(readers.statuses) > 50)
    process.send_signal(signal.SIGTERM)
    assert readers.refused.wait(120)
    readers.stop()
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert readers.broken == []
    assert set(readers.statuses) == {200}


def test_a_reload_reads_the_settings_again(archive, tmp_path):
    settings = tmp_path / "searchsvc.toml"
    settings.write_text("workers = 1\nmax_query_chars = 10\n")
    environment = {"SEARCHSVC_CONFIG": str(settings)}
    process = start_server(archive, "--port", "0", environment=environment)
    try:
        address = address_of(process)
        long = f"{address}/api/search?q={quote('桥' * 20)}"
        assert fetch(long)[0] == 400
        settings.write_text("workers = 1\nmax_query_chars = 30\n")
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: fetch(long)[0] == 200)
        settings.write_text("max_query_chars = none\n")
        process.send_signal(signal.SIGHUP)
        time.sleep(1)
        assert fetch(long)[0] == 200
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=120)
    assert "not reloaded" in errors
    assert process.returncode == 0
