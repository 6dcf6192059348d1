"""Validators and compression: what has not changed is not sent again, and what is sent is small."""

import json

import brotli
import pytest
from web_archive import BRIDGE, build_archive

from searchsvc import indexer
from searchsvc.web import create_app

PATHS = (
    "/",
    "/?q=大桥",
    f"/articles/{BRIDGE}",
    "/api/search?q=大桥",
    "/api/issues",
    "/feed?q=大桥",
)


@pytest.fixture
def archive(tmp_path):
    return build_archive(tmp_path)


@pytest.fixture
def client(archive):
    return create_app(archive).test_client()


@pytest.mark.parametrize("path", PATHS)
def test_an_unchanged_answer_is_not_sent_again(client, path):
    first = client.get(path)
    assert first.status_code == 200
    assert first.headers["Last-Modified"]
    assert "no-cache" in first.headers["Cache-Control"]
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Content-Security-Policy" in again.headers


def test_another_language_is_another_answer(client):
    held = client.get("/?q=大桥", headers={"Accept-Language": "zh"}).headers["ETag"]
    headers = {"If-None-Match": held, "Accept-Language": "en"}
    assert client.get("/?q=大桥", headers=headers).status_code == 200


def test_a_change_of_the_index_makes_every_answer_new(client, archive):
    held = client.get("/api/search?q=大桥").headers["ETag"]
    indexer.delete(archive, [BRIDGE])
    answer = client.get("/api/search?q=大桥", headers={"If-None-Match": held})
    assert answer.status_code == 200
    assert BRIDGE not in answer.text


def test_another_start_of_the_server_makes_every_answer_new(client, archive, monkeypatch):
    held = client.get("/api/search?q=大桥").headers["ETag"]
    monkeypatch.setattr("searchsvc.web.caching.time.time", lambda: 4e9)
    other = create_app(archive).test_client()
    answer = other.get("/api/search?q=大桥", headers={"If-None-Match": held})
    assert answer.status_code == 200


def test_errors_and_health_are_never_kept(client):
    for path in ("/ready", "/nothing", "/api/search?page=0"):
        assert "ETag" not in client.get(path).headers


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_answers_are_compressed(client, coding):
    plain = client.get("/api/search?q=供水", headers={"Accept-Encoding": "identity"})
    packed = client.get("/api/search?q=供水", headers={"Accept-Encoding": coding})
    assert packed.headers["Content-Encoding"] == coding
    assert len(packed.data) < len(plain.data) / 3
    assert json.loads(plain.data)["total"] == 25


def test_an_export_is_the_same_compressed(client):
    plain = client.get("/api/export?q=供水", headers={"Accept-Encoding": "identity"}).data
    packed = client.get("/api/export?q=供水", headers={"Accept-Encoding": "br"})
    assert packed.headers["Content-Encoding"] == "br"
    assert brotli.decompress(packed.data) == plain


def test_an_answer_and_its_tag_are_of_one_version(client, archive, monkeypatch):
    """A change while an answer is made shows in the next one, which a client then asks for."""
    service = client.application.extensions["searchsvc.service"]
    really = service.article

    def then_deleted(article_id):
        found = really(article_id)
        indexer.delete(archive, [BRIDGE])
        return found

    monkeypatch.setattr(service, "article", then_deleted)
    answer = client.get(f"/api/articles/{BRIDGE}")
    monkeypatch.setattr(service, "article", really)
    assert answer.json["index_version"] in answer.headers["ETag"]
    assert answer.json["index_version"] != service.index_version
    again = client.get(f"/api/articles/{BRIDGE}", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 404
