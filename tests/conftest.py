"""Fixtures: a small archive of articles, an engine over it, and the shared data where it is."""

import os
import uuid
from datetime import date
from pathlib import Path

import opensearch_cluster
import pytest
from comparison.cluster_index import ClusterIndex
from hypothesis import settings as hypothesis_settings

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.whoosh import DocumentMaker, create_writer, open_engine
from searchsvc.settings import Settings

DOCUMENTS = DocumentMaker()
"""Makes the documents of articles, as an engine's writer takes them."""

SHARED = Path(__file__).parents[2] / "shared"

hypothesis_settings.register_profile(
    "searchsvc",
    deadline=None,
    print_blob=True,
    derandomize="CI" in os.environ,  # a gate says the same twice; new examples are for other runs
)
hypothesis_settings.load_profile("searchsvc")


@pytest.fixture(scope="session")
def shared():
    """The folder of real pages and corpora beside the checkout."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the folder shared/data with real pages and corpora is not beside this clone")
    return SHARED / "data"


@pytest.fixture(scope="session")
def cluster():
    """The nodes of the cluster that scripts/opensearch-cluster started; fails where there is none."""
    running = opensearch_cluster.running_nodes()
    if not running:
        pytest.fail("no cluster is running; start it: scripts/opensearch-cluster start")
    return running


@pytest.fixture(scope="session")
def analyzer():
    return Analyzer()


@pytest.fixture
def engine_kind():
    """The engine that ``build_engine`` builds; the contract suite asks for each."""
    return "whoosh"


@pytest.fixture
def open_browser(tmp_path):
    """Opens browsers as ``reader.chromium.open_chromium`` does; closes them at the end."""
    # Imported here, so that the ordinary run, which deselects these tests, needs no selenium.
    from reader.chromium import open_chromium  # noqa: PLC0415

    opened = []

    def start(**options):
        opened.append(open_chromium(tmp_path / f"profile{len(opened)}", **options))
        return opened[-1]

    yield start
    for browser in opened:
        browser.quit()


@pytest.fixture
def build_engine(engine_kind, request, tmp_path, analyzer):
    """Builds an engine over articles given as records."""
    built = []

    def on_disk(articles):
        folder = tmp_path / f"engine{len(built)}"
        folder.mkdir()
        writer = create_writer(folder)
        for article in articles:
            writer.add(DOCUMENTS([article]))
        writer.commit()
        return open_engine(folder, analyzer)

    def build(*records):
        articles = list(map(Article.from_record, records))
        if engine_kind == "opensearch":
            return request.getfixturevalue("cluster_indices")(articles)
        built.append(on_disk(articles))
        return built[-1]

    yield build
    for engine in built:
        engine.close()


@pytest.fixture(scope="session")
def cluster_indices(cluster, analyzer):
    """Gives engines over articles in the cluster; the same one for the same articles."""
    hosts = tuple(node.url for node in cluster)
    settings = Settings(engine="opensearch", opensearch_hosts=hosts, opensearch_replicas=0)
    indices = {}

    def build(articles):
        key = repr(articles)
        if key not in indices:
            indices[key] = ClusterIndex(settings, f"test-{uuid.uuid4().hex}", analyzer)
            indices[key].build(articles)
        return indices[key].open()

    yield build
    for index in indices.values():
        index.drop()


def record(number, body, title="", **fields):
    """A record with the id ``a<number>``."""
    return {"id": f"a{number}", "title": title or f"第{number}条", "body": body, **fields}


def day(text):
    return date.fromisoformat(text)


class Quiet:
    """A progress that keeps what it is told."""

    def __init__(self):
        self.total_bytes = self.bytes = self.articles = 0
        self.rejects, self.phases, self.finished = [], [], False

    def start(self, total_bytes):
        self.total_bytes = total_bytes

    def advance(self, n_bytes):
        self.bytes += n_bytes

    def article(self):
        self.articles += 1

    def reject(self, reject):
        self.rejects.append(reject)

    def phase(self, name):
        self.phases.append(name)

    def finish(self):
        self.finished = True
