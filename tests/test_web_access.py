"""Who may read and write over HTTP, by key."""

import base64

import pytest
from flask import Flask, g
from web_archive import BRIDGE, build_archive

from searchsvc.keys import Keys
from searchsvc.web import create_app
from searchsvc.web.access import ADMIN, WRITE, needs


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return build_archive(tmp_path_factory.mktemp("access"))


def client_of(settings):
    """A client of the app, with views that take scopes and tell the key."""
    app: Flask = create_app(settings)

    def told():
        return {"key": g.key_id}

    @needs(WRITE)
    def written():
        return told()

    @needs(ADMIN)
    def ruled():
        return told()

    app.add_url_rule("/api/told", "told", told)
    app.add_url_rule("/api/written", "written", written, methods=["POST"])
    app.add_url_rule("/api/ruled", "ruled", ruled, methods=["POST"])
    return app.test_client()


@pytest.fixture
def keys(base):
    store = Keys(base.index_dir)
    yield store
    for key in store.all():
        store.revoke(key.id)


@pytest.fixture
def client(base):
    return client_of(base)


@pytest.fixture
def closed(tmp_path):
    settings = build_archive(tmp_path, require_read_key=True)
    return client_of(settings), Keys(settings.index_dir)


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def problem(answer):
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.get_json()["code"]


def test_writing_is_off_until_there_is_a_key_for_it(client, keys):
    assert problem(client.post("/api/written")) == (403, "key.not_configured")
    keys.create("x", "read")
    assert problem(client.post("/api/written")) == (403, "key.not_configured")
    keys.create("x", "write")
    assert problem(client.post("/api/written")) == (401, "key.missing")
    assert problem(client.post("/api/ruled")) == (403, "key.not_configured")


def test_a_key_writes_as_far_as_its_scope_reaches(client, keys):
    tokens = {scope: keys.create("x", scope) for scope in ("read", "write", "admin")}
    for scope, path, expected in (
        ("write", "/api/written", 200),
        ("admin", "/api/written", 200),
        ("admin", "/api/ruled", 200),
        ("read", "/api/written", 403),
        ("write", "/api/ruled", 403),
    ):
        key, token = tokens[scope]
        answer = client.post(path, headers=bearer(token))
        assert answer.status_code == expected
        if expected == 200:
            assert answer.get_json() == {"key": key.id}
        else:
            assert problem(answer) == (403, "key.scope")
            assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_a_wrong_key_is_told_by_401_and_a_challenge(client, keys):
    _, token = keys.create("x", "write")
    for wrong in ("x", token + "x", ""):
        answer = client.post("/api/written", headers=bearer(wrong))
        assert problem(answer) == (401, "key.wrong")
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="searchsvc"')
    assert problem(client.get("/api/told", headers=bearer("x"))) == (401, "key.wrong")


def test_reading_is_open_and_tells_the_key_where_one_is_given(client, keys):
    key, token = keys.create("x", "read")
    assert client.get("/api/told").get_json() == {"key": None}
    assert client.get("/api/told", headers=bearer(token)).get_json() == {"key": key.id}
    keys.revoke(key.id)
    assert client.get("/api/told", headers=bearer(token)).status_code == 401


def test_a_password_never_writes(client, keys):
    _, token = keys.create("x", "write")
    basic = {"Authorization": "Basic " + base64.b64encode(f"x:{token}".encode()).decode()}
    assert problem(client.post("/api/written", headers=basic)) == (401, "key.missing")
    assert client.get("/api/told", headers=basic).get_json() == {"key": None}


def test_reading_can_take_a_key_on_pages_too(closed):
    client, keys = closed
    key, token = keys.create("读者", "read")
    basic = {"Authorization": "Basic " + base64.b64encode(f"读者:{token}".encode()).decode()}
    for path in ("/api/search?q=大桥", f"/api/articles/{BRIDGE}", "/api/export", "/api/told"):
        answer = client.get(path)
        assert problem(answer) == (401, "key.missing")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert client.get(path, headers=bearer(token)).status_code == 200
    for path in (
        "/",
        "/?q=大桥",
        f"/articles/{BRIDGE}",
        "/feed?q=大桥",
        "/trends",
        "/concordance.csv?q=x",
    ):
        answer = client.get(path)
        assert answer.status_code == 401
        assert "大桥今日通车" not in answer.text
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert client.get(path, headers=basic).status_code == 200
    assert client.get("/api/told", headers=basic).get_json() == {"key": key.id}


def test_what_holds_nothing_of_the_archive_stays_open(closed):
    client, _ = closed
    client = create_app(client.application.extensions["searchsvc.settings"]).test_client()
    for path in ("/ready", "/docs", "/api/openapi.json", "/opensearch.xml", "/static/style.css"):
        assert client.get(path).status_code == 200
    assert client.get("/api/nothing").status_code == 404


def test_an_answer_from_before_is_not_confirmed_without_a_key(closed):
    client, keys = closed
    _, token = keys.create("x", "read")
    answer = client.get("/api/search?q=大桥", headers=bearer(token))
    known = {"If-None-Match": answer.headers["ETag"]}
    assert client.get("/api/search?q=大桥", headers=known).status_code == 401
    assert client.get("/api/search?q=大桥", headers=known | bearer(token)).status_code == 304


def test_without_readable_keys_nothing_is_let_in(closed, tmp_path):
    client, keys = closed
    keys.create("x", "write")
    (tmp_path / "index" / "keys.json").write_text("")
    assert problem(client.post("/api/written", headers=bearer("x"))) == (503, "key.unreadable")
