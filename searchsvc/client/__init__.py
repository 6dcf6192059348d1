"""A client of the HTTP API: an archive that another machine serves, asked as the one here is.

::

    from searchsvc.client import Client, SearchRequest

    with Client("http://archive.example:8000", key="ssk_...") as archive:
        page = archive.search(SearchRequest("古桥 修缮", per_page=5, facets=("newspaper",)))
        for hit in page.hits:
            print(hit.article.title, hit.article.date)

What the service raises for a wrong request, this raises, too (``searchsvc.errors``).
"""

from searchsvc.client.answers import BulkReport, Reindex, Rejected, Suggestion
from searchsvc.client.client import Client
from searchsvc.results import SearchRequest

__all__ = ["BulkReport", "Client", "Reindex", "Rejected", "SearchRequest", "Suggestion"]
