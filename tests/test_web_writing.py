"""The write side of the API: single articles, bulk, reindexes, and who gets in."""

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from web_archive import BRIDGE, build_archive

from searchsvc.generations import write_lock
from searchsvc.jobs import Jobs
from searchsvc.keys import Keys
from searchsvc.web import create_app

NDJSON = "application/x-ndjson"


@pytest.fixture
def archive(tmp_path):
    return build_archive(
        tmp_path, max_write_wait_s=1, max_article_bytes=10_000, max_bulk_bytes=100_000
    )


@pytest.fixture
def client(archive):
    """A client whose requests carry an administrator's key."""
    return client_of(archive)


def client_of(settings):
    _, token = Keys(settings.index_dir).create("test", "admin")
    made = create_app(settings).test_client()
    made.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    made.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return made


def found(client, query):
    return [
        h["id"] for h in client.get("/api/search", query_string={"q": query}).get_json()["hits"]
    ]


def problem(answer):
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.get_json()["code"]


def bulk(client, *lines):
    body = "\n".join(x if isinstance(x, str) else json.dumps(x, ensure_ascii=False) for x in lines)
    answer = client.post("/api/articles", data=body.encode(), content_type=NDJSON)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_an_article_is_put_found_replaced_and_deleted(client):
    path = "/api/articles/new-1"
    answer = client.put(
        path, json={"title": "龙门渡口重开", "body": ["渡船复航。"], "date": "2024-05-01"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (201, path)
    written = answer.get_json()
    assert (written["id"], written["result"]) == ("new-1", "created")
    assert found(client, "龙门渡口") == ["new-1"]
    assert client.get("/ready").get_json()["index_version"] == written["index_version"]
    answer = client.put(path, json={"标题": "龙门码头重开", "text": "渡船停航。"})
    assert (answer.status_code, answer.get_json()["result"]) == (200, "updated")
    assert found(client, '"龙门渡口"') == []
    assert found(client, "龙门码头") == ["new-1"]
    answer = client.delete(path)
    assert (answer.status_code, answer.get_json()["result"]) == (200, "deleted")
    assert found(client, "龙门码头") == []
    assert problem(client.delete(path)) == (404, "article.not_found")


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("x", {}, "record.empty"),
        ("x", [], "request.not_object"),
        ("x", {"id": "y", "title": "题"}, "record.other_id"),
        ("x", {"title": "题", "date": "昨天"}, "record.invalid"),
        ("a/b", {"title": "题"}, "record.invalid"),
        ("x", {"title": "题" * 1_001}, "record.too_long"),
    ],
)
def test_what_is_no_article_is_told(client, name, body, code):
    answer = client.put(f"/api/articles/{name}", json=body)
    assert problem(answer) == (400, code)
    assert client.get(f"/api/articles/{name}").status_code == 404


def test_bodies_have_a_type_and_a_limit(client):
    path = "/api/articles/x"
    assert problem(client.put(path, data="title=x")) == (415, "http.media_type")
    assert problem(client.put(path, json={"title": "题", "body": "桥" * 4_000})) == (
        413,
        "http.too_large",
    )
    assert problem(client.post("/api/articles", json=[])) == (415, "http.media_type")
    large = client.post("/api/articles", data=b" " * 100_001, content_type=NDJSON)
    assert problem(large) == (413, "http.too_large")
    deep = client.put(path, data="[" * 9_000, content_type="application/json")
    assert problem(deep) == (400, "http.bad_request")


def test_bulk_lines_are_answered_one_by_one_and_a_bad_one_loses_no_other(client):
    answer = bulk(
        client,
        {"id": "b1", "title": "一号船闸启用"},
        "",
        "{not json",
        {"title": "没有编号"},
        {"id": BRIDGE, "title": "临江大桥维修"},
        {"delete": "paper-1"},
        {"delete": "never"},
        {"id": "b2", "title": "二号船闸启用", "date": "2018-13-01"},
        {"id": "b3", "title": "三号船闸启用"},
        "[]",
        {"delete": 5},
    )
    told = [(line["line"], line["id"], line["result"]) for line in answer["lines"]]
    assert told == [
        (1, "b1", "created"),
        (3, None, "rejected"),
        (4, None, "rejected"),
        (5, BRIDGE, "updated"),
        (6, "paper-1", "deleted"),
        (7, "never", "missing"),
        (8, "b2", "rejected"),
        (9, "b3", "created"),
        (10, None, "rejected"),
        (11, None, "rejected"),
    ]
    codes = {line["line"]: line["code"] for line in answer["lines"] if "code" in line}
    assert codes == {
        3: "record.json", 4: "record.no_id", 8: "record.invalid", 10: "record.not_object", 11: "record.invalid",
    }  # fmt: skip
    assert "2018-13-01" in answer["lines"][6]["detail"]
    counts = {
        name: answer[name] for name in ("created", "updated", "deleted", "missing", "rejected")
    }
    assert counts == {"created": 2, "updated": 1, "deleted": 1, "missing": 1, "rejected": 5}
    assert sorted(found(client, "船闸")) == ["b1", "b3"]
    assert client.get("/api/articles/paper-1").status_code == 404


def test_a_line_that_is_no_utf8_is_told(client):
    body = json.dumps({"id": "ok", "title": "好"}).encode() + b'\r\n{"id": "\xff"}\r\n'
    answer = client.post("/api/articles", data=body, content_type=NDJSON).get_json()
    assert [line["result"] for line in answer["lines"]] == ["created", "rejected"]
    assert answer["lines"][1]["code"] == "record.utf8"


def test_writers_at_once_lose_nothing(archive):
    archive = replace(archive, max_write_wait_s=60, max_at_once=5)
    client, other = client_of(archive), client_of(archive)

    def put(n):
        return (client, other)[n % 2].put(f"/api/articles/w{n}", json={"title": f"第{n}号船闸"})

    with ThreadPoolExecutor(4) as pool:
        assert {answer.status_code for answer in pool.map(put, range(12))} == {201}
    assert client.get("/api/search?q=船闸&per_page=20").get_json()["total"] == 12


def test_a_write_waits_for_another_writer_and_then_says_when_to_come_back(archive, client):
    with write_lock(archive.index_dir):
        answer = client.put("/api/articles/x", json={"title": "题"})
    assert problem(answer) == (503, "index.locked")
    assert int(answer.headers["Retry-After"]) > 0
    assert client.put("/api/articles/x", json={"title": "题"}).status_code == 201


def test_writers_that_wait_leave_readers_a_turn(archive):
    archive = replace(archive, max_write_wait_s=5, max_at_once=2)
    client = client_of(archive)
    with ThreadPoolExecutor(2) as pool, write_lock(archive.index_dir):
        waiting = [
            pool.submit(client.put, f"/api/articles/{n}", json={"title": "题"}) for n in "ab"
        ]
        refused = next(as_completed(waiting)).result()
        assert problem(refused) == (503, "server.busy")
        assert found(client, "大桥")
    assert sorted(future.result().status_code for future in waiting) == [201, 503]


def test_without_a_key_nothing_is_written(archive):
    client = create_app(archive).test_client()
    calls = [
        (client.put, "/api/articles/x"), (client.delete, f"/api/articles/{BRIDGE}"), (client.post, "/api/articles"),
        (client.post, "/api/reindex"), (client.get, "/api/reindex"), (client.get, "/api/reindex/x"),
        (client.post, "/api/rollback"),
    ]  # fmt: skip
    for call, path in calls:
        assert problem(call(path)) == (403, "key.not_configured")
    Keys(archive.index_dir).create("x", "admin")
    for call, path in calls:
        assert problem(call(path)) == (401, "key.missing")
    assert client.get(f"/api/articles/{BRIDGE}").status_code == 200


def watched(client, job, seconds=300):
    end = time.monotonic() + seconds
    while (state := client.get(f"/api/reindex/{job}").get_json())["state"] == "running":
        assert time.monotonic() < end, state
        time.sleep(0.05)
    return state


def test_a_reindex_is_started_watched_and_keeps_what_was_put(archive, client, tmp_path):
    client.put("/api/articles/kept", json={"title": "留存的船闸"})
    more = tmp_path / "sources" / "more.jsonl"
    more.write_text('{"id": "m", "title": "新来的船闸"}\n{"id": "bad"}\n', encoding="utf-8")
    answer = client.post("/api/reindex")
    job = answer.get_json()
    assert (answer.status_code, job["state"]) == (202, "running")
    assert answer.headers["Location"] == f"/api/reindex/{job['id']}"
    running = (
        create_app(archive)
        .test_client()
        .post("/api/reindex", headers={"Authorization": client.environ_base["HTTP_AUTHORIZATION"]})
    )
    assert problem(running) == (409, "reindex.running")
    assert running.get_json()["job"] == job["id"]
    done = watched(client, job["id"])
    assert (done["state"], done["error"], done["rejects"]) == ("done", None, 1)
    reject = done["reject_list"][0]
    assert (reject["path"], reject["line"], reject["code"]) == ("more.jsonl", 2, "record.empty")
    assert done["read_bytes"] == done["source_bytes"] > 0
    assert done["finished_at"] >= done["started_at"]
    assert sorted(found(client, "船闸")) == ["kept", "m"]
    version = client.get("/ready").get_json()["index_version"]
    assert version.startswith(done["generation"])
    assert client.get("/api/reindex").get_json()["jobs"] == [done]
    assert problem(client.get("/api/reindex/nothing")) == (404, "reindex.not_found")
    assert problem(client.get("/api/reindex/..%2Fkeys")) == (404, "http.not_found")


def test_a_reindex_that_fails_or_is_killed_says_so(archive, client, tmp_path):
    for path in (tmp_path / "sources").iterdir():
        path.unlink()
    failed = watched(client, client.post("/api/reindex").get_json()["id"])
    assert (failed["state"], failed["error"]["code"]) == ("failed", "index.nothing_read")
    assert found(client, "大桥")
    with write_lock(archive.index_dir):
        failed = watched(client, client.post("/api/reindex").get_json()["id"])
    assert failed["error"]["code"] == "index.locked"


def test_a_killed_reindex_is_known_for_failed_and_another_can_start(archive, client):
    job = client.post("/api/reindex").get_json()
    os.kill(holder(archive.index_dir / "jobs" / "lock"), signal.SIGKILL)
    state = watched(client, job["id"])
    assert (state["state"], state["error"]["code"]) == ("failed", "reindex.interrupted")
    assert Jobs(archive.index_dir).get(job["id"]).state == "failed"
    assert watched(client, client.post("/api/reindex").get_json()["id"])["state"] == "done"


def holder(path):
    """The other process that has a file open."""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        process = int(link.parts[2])
        with suppress(OSError):
            if link.readlink() == path and process != os.getpid():
                return process
    raise AssertionError(f"no process has {path} open")


def test_a_rollback_goes_back_and_forth(client):
    assert problem(client.post("/api/rollback")) == (409, "index.no_previous")
    first = client.get("/ready").get_json()["index_version"]
    watched(client, client.post("/api/reindex").get_json()["id"])
    second = client.get("/ready").get_json()["index_version"]
    assert client.post("/api/rollback").get_json()["index_version"] == first
    assert client.post("/api/rollback").get_json()["index_version"] == second
