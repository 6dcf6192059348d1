"""An archive on the test cluster under a prefix of its own, removed afterwards."""

import json
import uuid

from searchsvc.engines.opensearch import OpenSearchGenerations
from searchsvc.results import SearchRequest
from searchsvc.service import open_service
from searchsvc.settings import Settings


def archive_settings(nodes, index_dir, **others):
    """Settings of a new archive on these nodes."""
    return Settings(
        engine="opensearch",
        opensearch_hosts=tuple(node.url for node in nodes),
        opensearch_index=f"test-{uuid.uuid4().hex[:12]}",
        index_dir=index_dir,
        **others,
    )


def environment(settings):
    """By which another process has these settings."""
    return {
        "SEARCHSVC_ENGINE": "opensearch",
        "SEARCHSVC_OPENSEARCH_HOSTS": ",".join(settings.opensearch_hosts),
        "SEARCHSVC_OPENSEARCH_INDEX": settings.opensearch_index,
        "SEARCHSVC_INDEX_DIR": str(settings.index_dir),
        "SEARCHSVC_LANG": "en",
    }


def remove_archive(settings):
    generations = OpenSearchGenerations(settings)
    prefix, connection = settings.opensearch_index, generations.connection
    for index in connection.request("GET", f"/{prefix}*/_alias"):
        connection.ask("DELETE", f"/{index}")
    generations.close()


def write_source(path, *ids, body="质量强市。"):
    """A JSON Lines file of articles with these ids."""
    lines = [json.dumps({"id": i, "title": f"标题{i}", "body": body}) for i in ids]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def found_ids(settings, query="*"):
    """The ids of all articles that a query finds."""
    service = open_service(settings)
    try:
        request = SearchRequest(query=query, per_page=100)
        _, hits = service.walk(request)
        return sorted(hit.article.id for hit in hits)
    finally:
        service.close()
