"""What a page may cost: bytes, movement, requests, and no word from the security policy."""

import json
import threading
import time

import pytest
from conftest import Quiet
from reader.extremes import write_extremes
from reader.states import extreme_states, sample_states
from web_archive import running_server
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from searchsvc.indexer import reindex
from searchsvc.sample import sample_path
from searchsvc.settings import Settings
from searchsvc.web.app import create_app

pytestmark = pytest.mark.browser

MAX_BYTES = 100_000
SHIFTS = """
  const done = arguments[0];
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => done(sum), 300));
"""


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """The settings of two archives: the sample and the extremes."""
    folder = tmp_path_factory.mktemp("budget")
    sources = {"sample": sample_path(), "extremes": write_extremes(folder / "extremes.jsonl")}
    made = {name: Settings(index_dir=folder / name) for name in sources}
    for name, settings in made.items():
        reindex(settings, [sources[name]], Quiet())
    return made


@pytest.fixture(scope="module")
def servers(archives):
    with (
        running_server(archives["sample"]) as sample,
        running_server(archives["extremes"]) as extremes,
    ):
        yield (sample, sample_states(sample)), (extremes, extreme_states(extremes))


def network(browser):
    """(addresses asked for, bytes that came over the wire) since the last call."""
    messages = [json.loads(e["message"])["message"] for e in browser.get_log("performance")]
    asked = [
        m["params"]["request"]["url"]
        for m in messages
        if m["method"] == "Network.requestWillBeSent"
    ]
    came = [
        m["params"]["encodedDataLength"]
        for m in messages
        if m["method"] == "Network.loadingFinished"
    ]
    return asked, sum(came)


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_light_stand_still_and_stay_at_home(open_browser, servers, width):
    browser = open_browser(size=(width, 900))
    heaviest = {}
    for address, states in servers:
        for state, path in states.items():
            browser.execute_cdp_cmd("Network.clearBrowserCache", {})
            network(browser)
            browser.get(address + path)
            shifts = browser.execute_async_script(SHIFTS)
            asked, n_bytes = network(browser)
            assert shifts == 0, state
            assert asked, state
            assert [url for url in asked if not url.startswith((address, "data:"))] == [], state
            heaviest[state] = n_bytes
            told = browser.get_log("browser")
            about_status = [e for e in told if "Failed to load resource" in e["message"]]
            assert [e for e in told if e not in about_status] == [], state
    print({state: f"{n / 1000:.1f} kB" for state, n in heaviest.items()})
    assert {state: n for state, n in heaviest.items() if n >= MAX_BYTES} == {}


def in_pieces(app):
    """This WSGI application on a bad line: every answer comes in ten pieces, 30 ms apart."""

    def slow(environ, start_response):
        environ.pop("HTTP_ACCEPT_ENCODING", None)
        answer = Response.from_app(app, environ, buffered=True)
        body = answer.get_data()
        size = len(body) // 10 + 1

        def pieces():
            for start in range(0, len(body), size):
                yield body[start : start + size]
                time.sleep(0.03)

        answer.response = pieces()
        return answer(environ, start_response)

    return slow


@pytest.fixture
def slow_address(archives):
    server = make_server("127.0.0.1", 0, in_pieces(create_app(archives["sample"])), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_that_comes_in_pieces_stands_still(open_browser, servers, slow_address, width):
    browser = open_browser(size=(width, 900))
    browser.get(slow_address)  # the style is at hand from here on, and half a page could be shown
    moved = {}
    for state, path in servers[0][1].items():
        browser.get(slow_address + path)
        moved[state] = browser.execute_async_script(SHIFTS)
    assert {state: shifts for state, shifts in moved.items() if shifts} == {}


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_no_state_scrolls_sideways(open_browser, servers, width):
    browser = open_browser(size=(width, 800))
    for address, states in servers:
        for state, path in states.items():
            browser.get(address + path)
            assert browser.execute_script("return document.documentElement.scrollWidth") <= width, (
                state
            )


def test_pages_serve_without_script(open_browser, servers):
    (address, states), _ = servers
    browser = open_browser(script=False)
    for state, path in states.items():
        browser.get(address + path)
        assert browser.find_element("css selector", "main h1, main h2"), state
        assert not browser.find_elements("css selector", "html.waiting"), state
