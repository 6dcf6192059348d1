"""Steps are timed, each for itself, and told in the Server-Timing header."""

import re

import pytest
from web_archive import build_archive

from searchsvc.steps import STEPS, listen, step
from searchsvc.web import create_app


@pytest.fixture
def client(tmp_path):
    return create_app(build_archive(tmp_path)).test_client()


def told(response):
    pairs = re.findall(r"(\w+);dur=([\d.]+)", response.headers["Server-Timing"])
    return {name: float(ms) for name, ms in pairs}


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/api/search?q=大桥&facets=kind", {"parse", "match", "facets", "read", "serialise"}),
        ("/?q=大桥", {"parse", "match", "facets", "read", "highlight", "correct", "template"}),
    ],
)
def test_an_answer_tells_the_time_of_its_steps(client, path, shown):
    times = told(client.get(path))
    assert shown <= set(times) - {"total"} <= set(STEPS)
    assert sum(times.values()) <= 2 * times["total"] + 0.01


def test_a_request_tells_its_own_steps_only(client):
    client.get("/?q=大桥")
    assert "template" not in told(client.get("/api/search?q=大桥"))


def test_a_step_within_another_counts_for_itself_alone(monkeypatch):
    clock = iter([10.0, 11.0, 13.0, 17.0])
    monkeypatch.setattr("searchsvc.steps.time.perf_counter", lambda: next(clock))
    stopwatch = listen()
    with step("match"), step("facets"):
        pass
    assert stopwatch.seconds == {"match": 1.0 + 4.0, "facets": 2.0}


def test_a_step_that_fails_is_left():
    stopwatch = listen()
    with pytest.raises(ValueError, match="x"), step("match"):
        raise ValueError("x")
    assert stopwatch._running == []
