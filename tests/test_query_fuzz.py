"""Generated queries: the parser answers all of them, the application none by 500 and none too late."""

import re
import signal
import subprocess
import sys
import threading
import time

import fuzz_queries
import pytest
from fuzz_queries import Generator, fuzz_application, fuzz_parser
from hypothesis import given
from hypothesis import strategies as st
from web_archive import RECORDS, build_archive

from searchsvc.deadlines import time_limit
from searchsvc.errors import QueryCostError, QueryError
from searchsvc.query import parse_query
from searchsvc.requests import parse_request
from searchsvc.research import concordance, trends
from searchsvc.results import SearchRequest
from searchsvc.service import open_service

TEXTS = [record["title"] for record in RECORDS if "title" in record]


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return build_archive(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("seed", range(4))
def test_the_parser_answers_everything(seed):
    assert fuzz_parser(Generator(seed, TEXTS), 2_000, 10, threading.Event()) == 0


@pytest.mark.parametrize("seed", range(2))
def test_no_query_is_a_server_error(archive, seed):
    assert fuzz_application(Generator(seed, TEXTS), archive, 250, threading.Event()) == 0


def test_a_run_that_is_stopped_says_what_it_has_found_so_far(archive):
    command = [sys.executable, fuzz_queries.__file__, archive.index_dir, "--queries", "100000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout.readline().startswith("seed ")
        run.send_signal(signal.SIGTERM)
        told = run.stdout.read()
    assert run.returncode == 1
    assert re.search(r"parser: [\d,]+ of 100,000,000 queries, .* 0 failures", told)
    assert "application: 0 of 100,000 requests, 0 failures" in told


@given(st.text(max_size=200))
def test_any_text_is_a_query_or_a_mistake_with_its_place(text):
    try:
        parse_query(text)
    except QueryError as error:
        assert 0 <= error.position <= len(text)


HEAVY = [
    "*", "的*", "*大*桥*", "?中?", '"大桥"', '"的 大 桥"~1000', " OR ".join(f"桥{n}" for n in range(120)),
    " ".join(f"桥{n}" for n in range(120)), "NOT 大桥", "date:[2012 TO 2025]", "newspaper:*报*",
]  # fmt: skip
WAYS = [
    {}, {"literal": "true"}, {"sort": "oldest"}, {"facets": "newspaper,year"}, {"histogram": "day"},
    {"fold": "reprints"}, {"explain": "true"}, {"per_page": "100", "page": "50"},
]  # fmt: skip


@pytest.mark.parametrize("query", HEAVY)
def test_a_search_ends_with_its_time(archive, query):
    service = open_service(archive)
    for way in WAYS:
        request = parse_request([("q", query), *way.items()], archive)
        with time_limit(1, since=time.monotonic() - 2), pytest.raises(QueryCostError):
            service.search(request)
    service.close()


def test_all_else_that_is_asked_ends_with_its_time(archive):
    service = open_service(archive)
    everything = SearchRequest("")
    _, hits = service.walk(everything)
    for late in (
        lambda: service.walk(everything),
        lambda: next(hits),
        lambda: service.similar("paper-1", 10),
        lambda: service.explain("paper-1", "供水"),
        lambda: trends(service, ["供水"], everything),
        lambda: concordance(service, SearchRequest("供水"), "left", 20, 100),
        lambda: service.highlight_article(service.article("paper-1"), "供水"),
    ):
        with time_limit(1, since=time.monotonic() - 2), pytest.raises(QueryCostError):
            late()
    service.close()
