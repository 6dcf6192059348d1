"""Requests to a cluster: hosts, retries, certificates, credentials, the circuit breaker."""

import json
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme

from searchsvc.engines.opensearch import connection as connections
from searchsvc.engines.opensearch.connection import Connection, RequestRefusedError
from searchsvc.errors import EngineUnavailableError, SettingsError
from searchsvc.settings import Settings, load_settings


class Node:
    """A server on loopback that answers as it is told: a list of statuses, each by itself or with what
    it says of the error, then 200."""

    def __init__(self, statuses=(), authority=None):
        self.statuses, self.requests = list(statuses), []
        node = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                length = int(self.headers.get("content-length") or 0)
                node.requests.append((self.path, dict(self.headers), self.rfile.read(length)))
                told = node.statuses.pop(0) if node.statuses else 200
                status, error = told if isinstance(told, tuple) else (told, {"type": "told_so"})
                body = json.dumps({"error": error, "status": status}).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = do_GET  # noqa: N815 - as http.server names it

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        scheme = "http"
        if authority:
            scheme, context = "https", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("127.0.0.1").configure_cert(context)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{scheme}://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def node():
    nodes = []

    def start(*statuses, authority=None):
        nodes.append(Node(statuses, authority))
        return nodes[-1]

    yield start
    for each in nodes:
        each.close()


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """The waits between tries are shortened, not left out."""
    monkeypatch.setattr(connections, "_WAIT", connections.wait_random_exponential(0.001, 0.01))


def connected(*hosts, **settings):
    return Connection(Settings(engine="opensearch", opensearch_hosts=hosts, **settings))


def nowhere():
    """An address at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


def test_an_answer_is_parsed_and_a_body_sent(node):
    there = node()
    assert connected(there.url).request("POST", "/a/_search", {"query": "人"})["status"] == 200
    path, headers, body = there.requests[0]
    assert (path, json.loads(body)) == ("/a/_search", {"query": "人"})
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_passes_is_tried_again(node, status):
    there = node(status, status)
    assert connected(there.url).request("GET", "/")["status"] == 200
    assert len(there.requests) == 3


def failed_search(*causes, **others):
    """What a cluster says of a search whose shards failed of these causes."""
    found = [{"type": cause, "reason": "[node1]"} for cause in causes]
    return 500, {"root_cause": found, "type": "search_phase_execution_exception", **others}


@pytest.mark.parametrize(
    "failed",
    [
        failed_search("node_disconnected_exception"),
        failed_search("search_context_missing_exception", "node_not_connected_exception"),
        failed_search(caused_by={"type": "node_not_connected_exception", "reason": "[node1]"}),
    ],
)
def test_a_search_whose_node_went_meanwhile_is_asked_again(node, failed):
    there = node(failed, failed)
    assert connected(there.url).request("POST", "/a/_search", {})["status"] == 200
    assert len(there.requests) == 3


@pytest.mark.parametrize(
    "failed",
    [
        failed_search("illegal_state_exception"),
        failed_search(caused_by={"type": "too_many_clauses", "reason": "1024"}),
        failed_search(),
        (500, "told as text"),
    ],
)
def test_a_search_that_fails_of_itself_is_not_asked_again(node, failed):
    there = node(failed)
    with pytest.raises(RequestRefusedError, match="500"):
        connected(there.url).request("POST", "/a/_search", {})
    assert len(there.requests) == 1


def test_a_host_that_is_gone_leaves_the_work_to_the_others(node):
    there = node()
    connection = connected(nowhere(), nowhere(), there.url)
    for _ in range(20):
        connection.request("GET", "/")
    assert len(there.requests) == 20


def test_a_refused_request_is_not_tried_again(node):
    there = node(400, 404)
    connection = connected(there.url)
    with pytest.raises(RequestRefusedError, match="400 told_so") as caught:
        connection.request("GET", "/x")
    assert (caught.value.answered, caught.value.reason) == (400, "told_so")
    assert connection.ask("GET", "/x") is None
    assert len(there.requests) == 2


def test_an_answer_that_was_reckoned_with_is_no_warning(node, caplog):
    connection = connected(node(404, 409, 404, 409).url)
    assert connection.ask("GET", "/nowhere") is None
    assert connection.put_if("/there", {}, {"op_type": "create"}) is None
    assert caplog.records == []
    for ask in (lambda: connection.request("GET", "/x"), lambda: connection.ask("GET", "/x")):
        with pytest.raises(RequestRefusedError):
            ask()
    assert [record.args[2] for record in caplog.records] == [404, 409]


@pytest.mark.parametrize("status", [401, 403])
def test_denied_access_names_the_settings(node, status):
    with pytest.raises(SettingsError, match="opensearch_api_key"):
        connected(node(status).url).request("GET", "/")


def test_nobody_there_is_unavailable_and_says_when_to_ask_again():
    with pytest.raises(EngineUnavailableError, match="does not answer") as caught:
        connected(nowhere(), opensearch_retries=1).request("GET", "/")
    assert caught.value.status == 503
    assert caught.value.params["retry_after_s"] >= 1


def test_the_breaker_opens_answers_at_once_and_closes_again(node, monkeypatch):
    monkeypatch.setattr(connections, "OPEN_S", 1)
    there = node(*[503] * 3)
    connection = connected(there.url, opensearch_retries=0)
    for _ in range(5):
        with pytest.raises(EngineUnavailableError, match="503"):
            connection.request("GET", "/")
    assert len(there.requests) == 3, "an open breaker asks nobody"
    connection._breaker._opened -= 1  # a second later
    assert connection.request("GET", "/")["status"] == 200
    assert connection.request("GET", "/")["status"] == 200


def test_credentials_are_sent(node):
    there = node()
    connected(there.url, opensearch_user="reader", opensearch_password="word").request("GET", "/")
    connected(there.url, opensearch_api_key="a2V5").request("GET", "/")
    sent = [
        {name.lower(): value for name, value in headers.items()}["authorization"]
        for _, headers, _ in there.requests
    ]
    assert sent == ["Basic cmVhZGVyOndvcmQ=", "ApiKey a2V5"]


def test_secrets_are_not_shown():
    settings = Settings(opensearch_password="word-x", opensearch_api_key="key-x")
    assert "word-x" not in repr(settings)
    assert "key-x" not in repr(settings)


def test_certificates_are_held_against_the_authority(node, tmp_path):
    authority = trustme.CA()
    there = node(authority=authority)
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(file)
    assert connected(there.url, opensearch_ca_file=file).request("GET", "/")["status"] == 200
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    with pytest.raises(EngineUnavailableError, match="certificate"):
        connected(there.url, opensearch_ca_file=other, opensearch_retries=0).request("GET", "/")
    trusting = connected(there.url, opensearch_verify=False)
    assert trusting.request("GET", "/")["status"] == 200
    with pytest.raises(SettingsError, match="opensearch_ca_file"):
        connected(there.url, opensearch_ca_file=tmp_path / "absent.pem")


def test_settings_take_hosts_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEARCHSVC_ENGINE", "opensearch")
    monkeypatch.setenv("SEARCHSVC_OPENSEARCH_HOSTS", "https://a:9200/, http://b:9201")
    monkeypatch.setenv("SEARCHSVC_OPENSEARCH_VERIFY", "no")
    settings = load_settings()
    assert settings.opensearch_hosts == ("https://a:9200", "http://b:9201")
    assert settings.engine == "opensearch"
    assert settings.opensearch_verify is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("engine", "lucene"),
        ("opensearch_hosts", "localhost:9200"),
        ("opensearch_hosts", ""),
        ("opensearch_index", "Big"),
        ("opensearch_verify", "perhaps"),
        ("opensearch_shards", 0),
    ],
)
def test_unusable_settings_are_errors(name, value):
    with pytest.raises(SettingsError, match=name):
        load_settings({name: value})
