"""The OpenAPI document: valid, complete, and true of what a real server answers."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from openapi_spec_validator import validate
from web_archive import build_archive, running_server

from searchsvc.keys import Keys
from searchsvc.web import create_app

TESTS = Path(__file__).parent

CONFIG = """
[checks]
# A text may be no query, and what it names be unknown; a reindex may be running, and nothing be there to roll
# back to; the rest of valid data is answered by 2xx.
positive_data_acceptance.expected-statuses = ["2xx", 400, 404, 409]
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return build_archive(tmp_path_factory.mktemp("openapi"))


@pytest.fixture(scope="module")
def app(archive):
    return create_app(archive)


@pytest.fixture(scope="module")
def document(app):
    return app.test_client().get("/api/openapi.json").get_json()


def test_the_document_is_valid(document):
    validate(document)
    assert document["openapi"].startswith("3.1")


def test_every_route_for_programs_is_described(app, document):
    served = Counter()
    for rule in app.url_map.iter_rules():
        if (
            str(rule).startswith(("/api/", "/health", "/ready"))
            and rule.endpoint != "openapi.document"
        ):
            served.update(rule.methods - {"HEAD", "OPTIONS"})
    described = Counter(m.upper() for path in document["paths"].values() for m in path)
    assert described == served


def test_the_document_is_a_page_too(app, document):
    page = app.test_client().get("/docs").text
    for path in document["paths"]:
        assert f"<code>{path}</code>" in page
    for name in document["components"]["schemas"]:
        assert f'id="schema-{name}"' in page
    linked, told = page.count('href="#operation-'), page.partition("<details")[0]
    assert linked == page.count('<h2 id="operation-') > 20
    assert "<code>next_cursor</code>" in told
    assert "`" not in told


def test_a_parameter_that_an_endpoint_does_not_take_is_named(app):
    for path in ("/api/articles/x", "/api/search", "/health", "/ready", "/api/trends"):
        answer = app.test_client().get(path, query_string={"lnag": "en"})
        assert (answer.status_code, answer.get_json()["parameter"]) == (400, "lnag")
    answer = app.test_client().get("/api/search?lang=de")
    assert (answer.status_code, answer.get_json()["parameter"]) == (400, "lang")


def test_a_server_answers_as_described(archive, document, tmp_path):
    """By schemathesis: generated requests, right and wrong ones, alone and in sequences."""
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    _, token = Keys(archive.index_dir).create("schemathesis", "admin")
    with running_server(archive, SEARCHSVC_MAX_WRITE_WAIT_S="60") as address:
        done = subprocess.run(
            [
                sys.executable, "-m", "schemathesis.cli",
                "--config-file", str(tmp_path / "schemathesis.toml"),
                "run", f"{address}/api/openapi.json",
                "--header", f"Authorization: Bearer {token}", "--checks", "all", "--max-examples", "20", "--seed", "20261128", "--no-color",
            ],
            cwd=tmp_path,
            env=os.environ | {"SCHEMATHESIS_HOOKS": "schemathesis_hooks", "PYTHONPATH": str(TESTS)},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr
    assert f"Tested: {sum(map(len, document['paths'].values()))}" in done.stdout
