"""The client against a real server, alone and under the command line's ``--url``."""

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from test_cli import searchsvc
from web_archive import BRIDGE, build_archive, running_server

from searchsvc.articles import Article
from searchsvc.client import Client, SearchRequest
from searchsvc.errors import (
    CallerError,
    ForbiddenError,
    KeyMissingError,
    NotFoundError,
    OperatorError,
    QueryError,
)
from searchsvc.keys import Keys
from searchsvc.service import open_service


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return build_archive(tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def address(archive):
    with running_server(archive) as address:
        yield address


@pytest.fixture(scope="module")
def token(archive):
    return Keys(archive.index_dir).create("client", "write")[1]


@pytest.fixture
def client(address, token):
    with Client(address, key=token, language="en") as client:
        yield client


REQUESTS = [
    SearchRequest(),
    SearchRequest("大桥"),
    SearchRequest("供水", per_page=3, page=2, sort="newest", facets=("newspaper", "year")),
    SearchRequest("供水", filters={"newspaper": ("临江日报", "青禾晚报")}, histogram="month"),
    SearchRequest("臨江大橋", explain=True, highlight=False),
    SearchRequest("大桥", literal=True, fold="reprints"),
    SearchRequest("老街 供水 没有"),
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_search_there_gives_what_it_gives_here(archive, client, request_):
    here, there = open_service(archive).search(request_), client.search(request_)
    assert [hit.article for hit in there.hits] == [hit.article for hit in here.hits]
    expected = here.to_json(lambda notice: "")
    assert there.to_json(lambda notice: "") | {"took_ms": 0} == expected | {"took_ms": 0}


def test_documents_of_some_fields_are_articles_of_these_fields(client):
    hits = client.search(SearchRequest("大桥", fields=("newspaper", "date"))).hits
    found = {hit.article.id: hit.article for hit in hits}[BRIDGE]
    assert (found.newspaper, found.title, found.body) == ("临江日报", "", ())


def test_whole_results_are_walked_and_exported(archive, client):
    service = open_service(archive)
    for query in ("供水", "*"):
        expected = [hit.article for hit in service.walk(SearchRequest(query))[1]]
        assert [hit.article for hit in client.walk(query)] == expected
        assert list(client.export(query)) == expected


def test_several_searches_take_one_round_trip(client):
    pages = client.multi_search([SearchRequest("大桥"), SearchRequest("供水", per_page=1)])
    assert [len(page.hits) for page in pages] == [len(client.search("大桥").hits), 1]


def test_single_questions(archive, client):
    service = open_service(archive)
    assert client.article(BRIDGE) == service.article(BRIDGE)
    assert client.explain(BRIDGE, "大桥") == service.explain(BRIDGE, "大桥")
    assert client.analyze("臨江")["folded"] == "临江"
    assert client.stats() == service.stats()
    assert client.version()["index_version"] == service.index_version
    likest = [hit.article for hit in client.similar("paper-1", 3)]
    assert likest == [hit.article for hit in service.similar("paper-1", 3)]
    suggested = [suggestion.text for suggestion in client.suggest("gong", 3)]
    assert suggested == [entry.text for entry in service.suggest("gong", 3).entries]


def test_articles_are_written_and_a_reindex_is_watched(tmp_path):
    archive = build_archive(tmp_path)
    _, token = Keys(archive.index_dir).create("client", "write")
    with running_server(archive) as address, Client(address, key=token) as client:
        article = Article("w 1".replace(" ", "-"), "龙门渡口")
        assert [client.put(article), client.put({"id": "w-1", "title": "龙门码头"})] == [
            "created",
            "updated",
        ]
        many = [{"id": f"m{n}", "title": f"第{n}号船闸"} for n in range(1_100)]
        report = client.add([*many, {"id": "bad"}, replace(article, id="w-2")])
        assert (report.created, report.updated, len(report.rejected)) == (1_101, 0, 1)
        assert (report.rejected[0].line, report.rejected[0].code) == (1_101, "record.empty")
        assert client.search("船闸").total == 1_100
        assert client.delete(["w-1", "never"]).deleted == 1
        states = list(client.watch(client.start_reindex().id, 0.05))
        assert (states[-1].state, states[-1].error) == ("done", None)
        assert client.search("船闸").total == 1_100
        with pytest.raises(NotFoundError):
            client.article("w-1")


def test_problems_are_the_errors_of_the_service(address, client, archive):
    with pytest.raises(QueryError) as found:
        client.search("大桥 AND (")
    assert found.value.query == "大桥 AND ("
    assert found.value.position > 0
    assert found.value.message("en").isascii()
    with pytest.raises(NotFoundError, match="nobody"):
        client.article("nobody")
    with pytest.raises(CallerError) as wrong:
        client.search(SearchRequest("x", per_page=10_000))
    assert wrong.value.params["parameter"] == "per_page"
    with pytest.raises(KeyMissingError):
        Client(address, key="ssk_wrong_wrong").stats()
    with pytest.raises(KeyMissingError):
        Client(address).put({"id": "x", "title": "题"})
    _, reader = Keys(archive.index_dir).create("reader", "read")
    with pytest.raises(ForbiddenError):
        Client(address, key=reader).start_reindex()


class Stubborn(BaseHTTPRequestHandler):
    """A server that has no time twice, and then answers something."""

    answer, asked, after = b"{}", 0, "0"

    def do_GET(self):
        type(self).asked += 1
        if type(self).asked < 3:
            self.send_response(503)
            self.send_header("Retry-After", self.after)
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_):
        pass


@pytest.fixture
def stubborn():
    handler = type("Handler", (Stubborn,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield handler, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_without_time_is_asked_again(stubborn):
    handler, address = stubborn
    assert Client(address).stats() == {}
    assert handler.asked == 3


def test_asking_again_has_an_end(stubborn):
    handler, address = stubborn
    with pytest.raises(OperatorError):
        Client(address, retries=1).stats()
    assert handler.asked == 2


def test_what_is_no_answer_and_no_server_is_told(stubborn):
    handler, address = stubborn
    handler.answer = b"<html>"
    with pytest.raises(OperatorError, match="html"):
        Client(address).stats()
    with pytest.raises(OperatorError, match="cannot be reached"):
        Client("http://127.0.0.1:1", retries=0).stats()
    for url in ("127.0.0.1:8000", "ftp://x", ""):
        with pytest.raises(CallerError):
            Client(url)


COMMANDS = [
    ("search", "大桥", "--facets", "newspaper"),
    ("search", "供水", "--filter", "newspaper:临江日报", "--per-page", "2", "--json"),
    ("search", "臨江大橋 没有的词"),
    ("search", "大桥 AND ("),
    ("suggest", "gong"),
    ("suggest", "qqq"),
    ("show", BRIDGE),
    ("show", "nobody"),
    ("similar", "paper-1", "--limit", "3"),
    ("explain", "大桥", BRIDGE),
    ("analyze", "臨江大橋"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_says_the_same_there_as_here(archive, address, command):
    here = searchsvc(*command, "--index", archive.index_dir)
    there = searchsvc(*command, "--url", address)
    assert there.returncode == here.returncode
    assert timeless(there.stdout) == timeless(here.stdout)
    assert there.stderr == here.stderr
    assert here.stdout or here.stderr


def timeless(text):
    if text.startswith("{"):
        return json.loads(text) | {"took_ms": 0}
    return [line.partition(" shown, ")[0] for line in text.splitlines()]


def test_commands_write_there_too(address, token, tmp_path):
    lines = ['{"id": "sent", "title": "远方的船闸"}', '{"title": "x", "date": "?"}']
    (tmp_path / "more.jsonl").write_text("\n".join(lines), encoding="utf-8")
    remote = {"SEARCHSVC_URL": address, "SEARCHSVC_KEY": token}
    done = searchsvc("add", tmp_path / "more.jsonl", **remote)
    assert done.returncode == 0, done.stderr
    assert "1 new" in done.stdout
    assert "rejected: 1" in done.stdout
    assert "more.jsonl:2" in done.stderr
    assert "远方的船闸" in searchsvc("search", "船闸", **remote).stdout
    assert json.loads(searchsvc("stats", "--json", **remote).stdout)["articles"]
    assert "Deleted 1" in searchsvc("delete", "sent", "never", **remote).stdout
    refused = searchsvc("delete", "x", "--url", address)
    assert (refused.returncode, "key" in refused.stderr) == (1, True)
