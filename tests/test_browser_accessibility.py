"""axe-core looks at every page, light and dark, in both languages, and finds nothing.

Needs what ``npm ci --prefix tests/axe`` installs (``scripts/test --all`` does).
"""

from pathlib import Path

import pytest
from conftest import Quiet
from reader.extremes import write_extremes
from reader.states import extreme_states, sample_states
from web_archive import running_server

from searchsvc.indexer import reindex
from searchsvc.sample import sample_path
from searchsvc.settings import Settings

pytestmark = pytest.mark.browser

AXE = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """
  const done = arguments[0];
  axe.run(document, { resultTypes: ["violations"] }).then(
    (found) => done(found.violations.map(
      (v) => [v.id, v.help, v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200))])),
    (error) => done([["error", String(error), []]]));
"""


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    """Address and states of the sample archive and of the archive of extremes."""
    folder = tmp_path_factory.mktemp("axe")
    sources = {"sample": sample_path(), "extremes": write_extremes(folder / "extremes.jsonl")}
    made = {name: Settings(index_dir=folder / name) for name in sources}
    for name, settings in made.items():
        reindex(settings, [sources[name]], Quiet())
    with running_server(made["sample"]) as sample, running_server(made["extremes"]) as extremes:
        yield (sample, sample_states(sample)), (extremes, extreme_states(extremes))


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_axe_finds_no_violation(open_browser, servers, language, scheme, width):
    from reader.chromium import paint  # noqa: PLC0415

    assert AXE.exists(), "axe-core is missing: npm ci --prefix tests/axe"
    browser = open_browser(size=(width, 900), language=language)
    browser.set_script_timeout(120)
    paint(browser, scheme)
    found = {}
    for address, states in servers:
        for state, path in states.items():
            browser.get(address + path)
            browser.execute_script(AXE.read_text(encoding="utf-8"))
            if violations := browser.execute_async_script(RUN):
                found[state] = violations
    assert found == {}, found
