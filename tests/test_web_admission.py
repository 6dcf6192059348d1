"""The gate before each worker: who goes in, who waits, who is refused, and how that is said."""

import threading
import time

import pytest
from web_archive import build_archive

from searchsvc.web import create_app
from searchsvc.web.admission import RETRY_AFTER_S, Gate


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return build_archive(
        tmp_path_factory.mktemp("admission"), max_at_once=1, max_waiting=1, max_wait_s=1
    )


@pytest.fixture
def app(archive):
    return create_app(archive)


def test_a_gate_lets_in_as_many_as_it_has_places():
    gate = Gate(2, 0)
    first, second, third = (gate.enter() for _ in range(3))
    assert first and second and third is None
    gate.leave(first)
    assert gate.enter()


def test_one_follows_the_other_except_past_one_that_takes_long():
    gate = Gate(2, 1, patience_s=0.02)
    slow = gate.enter()
    assert gate.enter(0.0) is None
    second = gate.enter(30)
    assert second.entered - slow.entered >= 0.02
    time.sleep(0.03)
    assert gate.enter(0.05) is None
    gate.leave(slow)
    assert gate.enter()


def test_who_waits_longest_is_next():
    gate = Gate(1, 3)
    inside = gate.enter()
    order, threads = [], []
    for number in range(3):

        def come(number=number):
            turn = gate.enter(30)
            order.append(number)
            gate.leave(turn)

        threads.append(threading.Thread(target=come))
        threads[-1].start()
        while gate.waiting <= number:
            time.sleep(0.001)
    gate.leave(inside)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2]


def test_a_wait_ends_and_leaves_no_trace():
    gate = Gate(1, 1)
    inside = gate.enter()
    assert gate.enter(0.01) is None
    assert gate.waiting == 0
    gate.leave(inside)
    assert gate.enter()


def test_many_threads_share_a_gate_and_none_is_lost():
    gate, most = Gate(3, 100, patience_s=0.0001), []

    def come():
        for _ in range(50):
            turn = gate.enter(60)
            most.append(gate.inside)
            gate.leave(turn)

    threads = [threading.Thread(target=come) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) <= 3
    assert (gate.inside, gate.waiting) == (0, 0)


def test_a_request_too_many_is_a_problem_with_the_time_to_come_back(app):
    turn = app.wsgi_app.gate.enter()
    answer = app.test_client().get("/api/search?q=大桥&lang=en")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert answer.headers["Retry-After"] == str(RETRY_AFTER_S)
    assert answer.get_json()["code"] == "server.busy"
    assert "ask again" in answer.get_json()["detail"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    app.wsgi_app.gate.leave(turn)
    assert app.test_client().get("/api/search?q=大桥").status_code == 200


@pytest.mark.parametrize(("language", "text"), [("zh", "秒后再试"), ("en", "ask again")])
def test_a_reader_who_is_refused_gets_a_page(app, language, text):
    app.wsgi_app.gate.enter()
    answer = app.test_client().get("/?q=大桥", headers={"Accept-Language": language})
    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert text in answer.text


def test_health_and_style_are_never_refused(app):
    app.wsgi_app.gate.enter()
    assert app.test_client().get("/ready").status_code == 200
    assert app.test_client().get("/static/style.css").status_code == 200


def test_an_error_gives_its_place_back(app):
    for query in ("NOT", "大桥"):
        app.test_client().get(f"/api/search?q={query}")
    assert app.wsgi_app.gate.enter()


def test_time_is_counted_from_arrival(app, monkeypatch):
    monkeypatch.setattr("searchsvc.web.admission.monotonic", lambda: -1e9)
    answer = app.test_client().get("/api/search?q=大桥")
    assert answer.get_json()["code"] == "search.deadline"


def test_an_export_over_the_limit_says_so(archive, tmp_path):
    small = create_app(build_archive(tmp_path / "small", max_export=3))
    answer = small.test_client().get("/api/export")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "request.too_many")
    assert small.test_client().get("/api/export?q=车程").status_code == 200


def test_exports_at_once_are_few_and_give_their_place_back(tmp_path):
    app = create_app(build_archive(tmp_path / "few", max_exports=1))
    first = app.test_client().get("/api/export", buffered=False)
    second = app.test_client().get("/api/export")
    assert (second.status_code, second.get_json()["code"]) == (503, "server.busy")
    assert len(first.get_data(as_text=True).splitlines()) > 3
    first.close()
    third = app.test_client().get("/api/export?format=csv", buffered=True)
    assert third.status_code == 200
    assert app.test_client().get("/api/export?q=NOT").status_code == 400
    assert app.test_client().get("/api/export?fields=id").status_code == 200


def test_an_export_stops_when_its_time_is_up(tmp_path, monkeypatch):
    app = create_app(build_archive(tmp_path / "slow", max_export_s=1))
    monkeypatch.setattr("searchsvc.web.exporting.monotonic", lambda: -1e9)
    answer = app.test_client().get("/api/export", buffered=False)
    with pytest.raises(Exception, match="stopped after"):
        answer.get_data()
