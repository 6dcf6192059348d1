"""What the keeper of a server sees: request ids, log lines, metrics, health; what limits strangers."""

import json
import logging
import re
import signal
import subprocess
import sys
from urllib.request import Request, urlopen

import pytest
from web_archive import BRIDGE, address_of, build_archive, start_server

from searchsvc.settings import Settings
from searchsvc.web import create_app, logs


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return build_archive(tmp_path_factory.mktemp("observing"), slow_query_ms=0)


@pytest.fixture
def client(archive):
    return create_app(archive).test_client()


def figure(text, name):
    """The value of a metric's line that begins so."""
    return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)[1])


def test_a_request_keeps_its_id_or_gets_one(client):
    assert (
        client.get("/ready", headers={"X-Request-ID": "a-1.b_2"}).headers["X-Request-ID"]
        == "a-1.b_2"
    )
    for wrong in ("", "a b", "x" * 65, "ä", '"><script>'):
        own = client.get("/ready", headers={"X-Request-ID": wrong}).headers.getlist("X-Request-ID")
        assert re.fullmatch("[0-9a-f]{16}", own[0])
        assert len(own) == 1


def test_requests_and_steps_are_measured(client):
    client.get("/api/search?q=大桥")
    client.get("/api/search?q=NOT")
    client.get("/nothing")
    text = client.get("/metrics").text
    assert figure(text, 'searchsvc_requests_total{endpoint="api.search",status="200"}') == 1
    assert figure(text, 'searchsvc_requests_total{endpoint="api.search",status="400"}') == 1
    assert figure(text, 'searchsvc_requests_total{endpoint="none",status="404"}') == 1
    assert figure(text, 'searchsvc_request_seconds_count{endpoint="api.search"}') == 2
    for step in ("parse", "match", "serialise"):
        assert figure(text, f'searchsvc_step_seconds_count{{step="{step}"}}') >= 1
    assert figure(text, "searchsvc_articles") > 30
    assert figure(text, "searchsvc_index_bytes") > 1_000
    assert figure(text, "searchsvc_index_age_seconds") >= 0
    assert figure(text, "searchsvc_ready") == 1


def test_refusals_are_counted(archive):
    app = create_app(archive)
    gate = app.wsgi_app.gate
    turns = [gate.enter() for _ in range(4)]
    gate._most_waiting = 0
    app.test_client().get("/api/search?q=大桥")
    gate.leave(turns[0])
    assert (
        figure(app.test_client().get("/metrics").text, 'searchsvc_refused_total{reason="busy"}')
        == 1
    )


def test_health_is_alive_without_an_index_and_ready_is_not(tmp_path):
    client = create_app(Settings(index_dir=tmp_path / "none")).test_client()
    assert client.get("/health").status_code == 200
    assert client.get("/ready").status_code == 503
    assert figure(client.get("/metrics").text, "searchsvc_ready") == 0


def test_a_slow_request_is_logged_with_its_steps(client, caplog):
    with caplog.at_level(logging.WARNING, "searchsvc.requests"):
        client.get("/api/search?q=大桥")
    (record,) = [r for r in caplog.records if r.name == "searchsvc.requests"]
    assert (record.event, record.status, record.path) == ("slow", 200, "/api/search")
    assert "match" in record.steps_ms


def test_requests_are_logged_only_where_that_is_asked_for(tmp_path, caplog):
    for asked in (False, True):
        quick = build_archive(tmp_path / str(asked), slow_query_ms=600_000, log_requests=asked)
        with caplog.at_level(logging.INFO, "searchsvc.requests"):
            create_app(quick).test_client().get("/api/search?q=大桥")
        assert bool(caplog.records) == asked


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_strangers_send_stays_in_its_line(form, capfd):
    names = ("searchsvc", "gunicorn.error")
    before = {
        name: (logging.getLogger(name).handlers, logging.getLogger(name).propagate)
        for name in names
    }
    try:
        logs.configure(Settings(log_format=form), lambda: "id-1")
        logging.getLogger("searchsvc.requests").warning("a\nERROR forged\r\x1b[31m\u2028大桥")
    finally:
        for name, (handlers, propagate) in before.items():
            logging.getLogger(name).handlers = handlers
            logging.getLogger(name).propagate = propagate
    lines = capfd.readouterr().err.strip().split("\n")
    assert len(lines) == 1
    assert "id-1" in lines[0]
    assert "\x1b" not in lines[0]
    if form == "json":
        assert json.loads(lines[0])["message"].startswith("a\nERROR")


def test_too_many_requests_of_one_address_are_refused_for_a_while(tmp_path):
    client = create_app(build_archive(tmp_path, max_requests_per_minute=3)).test_client()
    statuses = [client.get("/api/search?q=大桥").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    answer = client.get("/api/search?q=大桥")
    assert answer.get_json()["code"] == "server.rate"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert client.get("/health").status_code == 200
    other = {"REMOTE_ADDR": "10.9.8.7"}
    assert client.get("/api/search?q=大桥", environ_overrides=other).status_code == 200
    assert (
        figure(
            client.get("/metrics", environ_overrides=other).text,
            'searchsvc_refused_total{reason="rate"}',
        )
        == 3
    )


@pytest.mark.parametrize(("proxies", "statuses"), [(0, [200, 429]), (1, [200, 200])])
def test_a_forwarded_address_is_believed_only_of_a_trusted_proxy(tmp_path, proxies, statuses):
    app = create_app(build_archive(tmp_path, max_requests_per_minute=1, trusted_proxies=proxies))
    client = app.test_client()
    found = [
        client.get("/api/search?q=大桥", headers={"X-Forwarded-For": address}).status_code
        for address in ("10.0.0.1", "10.0.0.2")
    ]
    assert found == statuses


def test_a_forwarded_host_is_believed_only_of_a_trusted_proxy(tmp_path):
    sent = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    archive = build_archive(tmp_path)
    assert (
        "evil.example"
        not in create_app(archive).test_client().get("/feed?q=大桥", headers=sent).text
    )


def test_no_header_template_or_path_can_be_smuggled_in(client):
    for attack in (
        "%0d%0aX-Evil:%20yes", "{{7*7}}", "{%25 import os %25}", "../../../../etc/passwd", "%00",
        "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd",
    ):  # fmt: skip
        for path in (f"/?q={attack}", f"/api/search?q={attack}", f"/articles/{attack}",
                     f"/static/{attack}", f"/feed?q={attack}", f"/api/articles/{attack}"):  # fmt: skip
            answer = client.get(path)
            assert answer.status_code in (200, 400, 404), path
            assert "X-Evil" not in answer.headers
            assert "49" not in re.findall(r'value="([^"]*)"', answer.text)
            assert "root:" not in answer.text


def test_every_answer_says_what_a_browser_may_do_with_it(client):
    for path in (
        "/",
        f"/articles/{BRIDGE}",
        "/api/search?q=大桥",
        "/nothing",
        "/static/style.css",
        "/metrics",
    ):
        headers = client.get(path).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "geolocation=()" in headers["Permissions-Policy"]


def test_workers_add_up_their_figures_and_log_json(archive):
    environment = {"SEARCHSVC_LOG_FORMAT": "json", "SEARCHSVC_SLOW_QUERY_MS": "0"}
    process = start_server(archive, "--port", "0", "--workers", "2", environment=environment)
    try:
        address = address_of(process)
        for _ in range(20):
            request = Request(f"{address}/api/trends?q=a", headers={"X-Request-ID": "mine"})
            assert urlopen(request, timeout=120).headers["X-Request-ID"] == "mine"
        text = urlopen(f"{address}/metrics", timeout=120).read().decode()
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=120)
    assert figure(text, 'searchsvc_requests_total{endpoint="api.trends",status="200"}') == 20
    lines = [json.loads(line) for line in errors.splitlines()]
    assert {line["request_id"] for line in lines if line.get("path") == "/api/trends"} == {"mine"}


def test_safe_defaults():
    settings = Settings()
    assert settings.host == "127.0.0.1"
    assert settings.trusted_proxies == 0
    assert not settings.query_statistics
    assert not settings.log_requests


def test_an_import_of_the_command_line_makes_no_folder_for_figures():
    code = (
        "import os, sys; from searchsvc.cli import commands; [*commands.commands.values()]; "
        "print('searchsvc.web.server' in sys.modules, 'PROMETHEUS_MULTIPROC_DIR' in os.environ)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True False"
