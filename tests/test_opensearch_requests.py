"""How many requests of the cluster an answer of the service takes; each kind of question has its number."""

from dataclasses import replace

import pytest
from cluster_requests import counted
from conftest import Quiet
from opensearch_archive import archive_settings, remove_archive, write_source

from searchsvc import indexer
from searchsvc.results import FACETS, SearchRequest
from searchsvc.sample import sample_path
from searchsvc.service import open_service
from searchsvc.web import create_app

pytestmark = pytest.mark.opensearch


@pytest.fixture(scope="module")
def settings(cluster, tmp_path_factory):
    made = archive_settings(cluster, tmp_path_factory.mktemp("requests") / "index")
    indexer.reindex(made, [sample_path()], Quiet())
    yield made
    remove_archive(made)


@pytest.fixture(scope="module")
def service(settings):
    made = open_service(settings)
    yield made
    made.close()


def asked(ask):
    """What an answer asks of the cluster once suggestions and moments are opened."""
    ask()
    with counted() as requests:
        ask()
    return dict(requests)


@pytest.mark.parametrize(
    ("query", "requests"),
    [
        ("古桥", {"_mapping": 1, "_search": 1}),
        ("石桥渡古桥的修缮什么时候开工，总投资是多少？", {"_mapping": 1, "_search": 1}),
        ("古桥 修缮", {"_mapping": 1, "_search": 1}),
    ],
)
def test_a_search_with_facets_asks_for_the_version_and_for_all_that_it_shows(
    service, query, requests
):
    request = SearchRequest(query, facets=FACETS, histogram="year")
    assert asked(lambda: service.search(request)) == requests


def test_the_next_page_costs_what_the_first_does(service):
    request = SearchRequest("古桥", facets=FACETS, per_page=2)
    cursor = service.search(request).next_cursor
    assert cursor
    found = asked(lambda: service.search(replace(request, cursor=cursor)))
    assert found == {"_mapping": 1, "_search": 1}


def test_slips_are_mended_by_counts_asked_together(service):
    request = SearchRequest("古乔")
    assert service.search(request).suggestion == "古桥"
    assert asked(lambda: service.search(request)) == {"_mapping": 1, "_search": 3}
    request = SearchRequest("古桥 修膳 gongcheng")
    assert service.search(request).suggestion == "古桥 修缮 工程"
    assert asked(lambda: service.search(request)) == {"_mapping": 1, "_search": 3, "_msearch": 1}


def test_what_hangs_on_other_hits_needs_no_moment_where_they_are_few(service):
    search = SearchRequest("古桥", literal=True)
    assert "point_in_time" not in asked(lambda: service.search(search))
    everything = asked(lambda: list(service.walk(SearchRequest("古桥"))[1]))
    assert everything == {"_mapping": 1, "_search": 3}


def test_suggestions_ask_for_the_version_alone(service):
    assert asked(lambda: service.suggest("古", 5)) == {"_mapping": 1}
    assert asked(lambda: service.suggest("古乔", 5)) == {"_mapping": 1, "_search": 2}


def test_an_article_is_asked_for_once(service):
    (hit,) = service.search(SearchRequest("古桥", per_page=1)).hits
    shown = hit.article.id
    assert asked(lambda: service.article(shown)) == {"_mapping": 1, "_search": 1}
    assert asked(lambda: service.reprints(shown)) == {"_mapping": 1, "_search": 2}
    similar = asked(lambda: service.similar(shown, 5))
    assert similar == {"_mapping": 1, "_search": 2, "_msearch": 1}


@pytest.mark.parametrize(
    ("path", "requests"),
    [
        ("/?q=古桥", {"_mapping": 1, "_search": 1}),
        ("/api/search?q=古桥", {"_mapping": 1, "_search": 1}),
        ("/api/suggest?q=古", {"_mapping": 1}),
        ("/api/trends?q=古桥", {"_mapping": 1, "_search": 2}),
    ],
)
def test_a_get_looks_for_the_version_once(settings, path, requests):
    app = create_app(settings)
    client = app.test_client()
    assert asked(lambda: client.get(path)) == requests
    tag = client.get(path).headers["ETag"]
    assert asked(lambda: client.get(path, headers={"If-None-Match": tag})) == {"_mapping": 1}
    app.extensions["searchsvc.service"].close()


def test_the_page_of_an_article_looks_for_the_version_once(settings, service):
    (hit,) = service.search(SearchRequest("古桥", per_page=1)).hits
    app = create_app(settings)
    client = app.test_client()
    requests = asked(lambda: client.get(f"/articles/{hit.article.id}?q=古桥"))
    assert requests == {"_mapping": 1, "_search": 8, "_msearch": 1}
    app.extensions["searchsvc.service"].close()


def test_what_is_asked_of_an_index_that_was_removed_is_answered_by_the_newest(cluster, tmp_path):
    """Within one version, too; the answers are those of the new one from then on."""
    settings = archive_settings(cluster, tmp_path / "index", kept_generations=1)
    try:
        indexer.reindex(settings, [write_source(tmp_path / "a.jsonl", "a")], Quiet())
        service = open_service(settings)
        everything = SearchRequest("*")
        for ask in (
            lambda _: [hit.article.id for hit in service.search(everything).hits],
            lambda _: [hit.article.id for hit in service.walk(everything)[1]],
            lambda name: [service.article(name).id],
        ):
            with service.one_version():
                before = service.search(everything)
                (old,) = (hit.article.id for hit in before.hits)
                name = f"{old}a"
                source = write_source(tmp_path / f"{name}.jsonl", name)
                indexer.reindex(settings, [source], Quiet())
                assert ask(name) == [name]
                assert service.index_version != before.index_version
        service.close()
    finally:
        remove_archive(settings)
