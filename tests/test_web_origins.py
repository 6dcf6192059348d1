"""Pages of other origins: refused by default, let in where settings name them."""

import pytest
from web_archive import build_archive

from searchsvc.errors import SettingsError
from searchsvc.settings import load_settings
from searchsvc.web import create_app

ORIGIN = "https://reader.example"
PREFLIGHT = {
    "Origin": ORIGIN,
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "authorization, content-type",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("origins")


@pytest.fixture(scope="module")
def base(folder):
    return build_archive(folder)


def client_of(base, *origins):
    settings = load_settings({"index_dir": base.index_dir, "cors_origins": list(origins)})
    return create_app(settings).test_client()


def allowed(answer):
    return answer.headers.get("Access-Control-Allow-Origin")


def test_other_origins_are_told_nothing_by_default(base):
    client = client_of(base)
    assert allowed(client.get("/api/search?q=大桥", headers={"Origin": ORIGIN})) is None
    assert allowed(client.options("/api/articles/x", headers=PREFLIGHT)) is None


def test_a_named_origin_may_ask_and_read_what_it_needs(base):
    client = client_of(base, ORIGIN)
    answer = client.get("/api/search?q=大桥", headers={"Origin": ORIGIN})
    assert allowed(answer) == ORIGIN
    assert "Origin" in answer.vary
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert allowed(client.get("/api/search", headers={"Origin": "https://other.example"})) is None
    assert allowed(client.get("/", headers={"Origin": ORIGIN})) is None
    assert allowed(client.get("/api/search?q=NOT", headers={"Origin": ORIGIN})) == ORIGIN


def test_a_preflight_needs_no_key(base):
    answer = client_of(base, ORIGIN).options("/api/articles/x", headers=PREFLIGHT)
    assert answer.status_code == 200
    assert allowed(answer) == ORIGIN
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"].lower()
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


def test_every_origin_may_ask_where_all_are_let_in(base):
    answer = client_of(base, "*").get("/api/search?q=大桥", headers={"Origin": ORIGIN})
    assert allowed(answer) in ("*", ORIGIN)
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_origins_are_read_from_the_environment_and_checked(monkeypatch):
    monkeypatch.setenv("SEARCHSVC_CORS_ORIGINS", "https://a.example, http://localhost:3000")
    assert load_settings().cors_origins == ("https://a.example", "http://localhost:3000")
    for wrong in ("a.example", "https://a.example/", "https://*.example", "null"):
        monkeypatch.setenv("SEARCHSVC_CORS_ORIGINS", wrong)
        with pytest.raises(SettingsError):
            load_settings()
