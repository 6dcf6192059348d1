"""The OpenSearch engine's reader: answers searches from one index of a cluster.

Called by the service through the engine contract. Trees are translated to the query DSL; order, counts and
facets are the cluster's, over all shards; highlights and tokens are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Any, Final

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.cursors import expired_cursor, wrong_cursor
from searchsvc.engines.contract import Found, ScoredArticle, Search
from searchsvc.engines.opensearch.connection import RequestRefusedError, stored_documents
from searchsvc.engines.opensearch.explanation import Explainer
from searchsvc.engines.opensearch.folding import (
    article_of,
    clusters_of,
    later,
    members,
    without_repeated,
)
from searchsvc.engines.opensearch.layout import ORDER, RECORD, REPRINT, Lengths
from searchsvc.engines.opensearch.moments import Moments, Place, copies_of
from searchsvc.engines.opensearch.searching import (
    AT_ONCE,
    MOMENTS_TRIED,
    Answer,
    IndexSearcher,
    facet_counts,
    following,
    in_order,
    is_gone,
)
from searchsvc.engines.opensearch.similarity import similarity_query
from searchsvc.engines.opensearch.texts import Query
from searchsvc.engines.opensearch.translation import EVERYTHING, Translator, ids, narrowing
from searchsvc.engines.opensearch.verifying import Verifying
from searchsvc.errors import IndexDamagedError
from searchsvc.query.tree import Node
from searchsvc.ranking import SIMILARITY
from searchsvc.results import Reprints
from searchsvc.schema import DATE
from searchsvc.steps import step
from searchsvc.timeline import Days

_TIES: Final = [{"_score": "desc"}, {ORDER: "asc"}]
_ORDERS: Final[dict[str, list[Any]]] = {
    "relevance": _TIES,
    "newest": [{DATE: {"order": "desc", "missing": "_last"}}, *_TIES],
    "oldest": [{DATE: {"order": "asc", "missing": "_last"}}, *_TIES],
}
"""Sort keys by name; articles without a date come last, and scores decide within a day."""

_STORED: Final = [RECORD, REPRINT]


class OpenSearchEngine:
    """A reader of one index; see ``searchsvc.engines.contract.Engine``.

    ``version`` is the commit that it was opened at. A later commit shows at once: the cluster keeps no
    state of before for readers.
    """

    def __init__(
        self,
        searcher: IndexSearcher,
        version: str,
        analyzer: Analyzer,
        lengths: Lengths,
        *,
        times_k1: bool,
    ) -> None:
        """``lengths`` are those that the index was weighted with; ``times_k1``: see ``Translator``."""
        self._searcher = searcher
        self._version = version
        self._state = f"{searcher.index}.{version}"
        self._moments = Moments(searcher)
        self._analyzer = analyzer
        self._translator = Translator(analyzer, times_k1=times_k1)
        self._explainer = Explainer(analyzer, lengths)

    @property
    def version(self) -> str:
        """The commit that this engine was opened at."""
        return self._version

    def search(self, search: Search) -> Found:
        """Evaluates the tree exhaustively; ties follow index order."""
        if search.after is None:
            place = Place(self._state, copies_of(search), before=search.offset)
            return self._found(search, self._searcher.on(place.copies), place)
        return self._found_behind(Place.from_text(search.after, len(_ORDERS[search.sort])), search)

    def _found_behind(self, place: Place, search: Search) -> Found:
        """Of the place's moment; where that is gone, of another one of the same commit or of the index."""
        for _ in range(MOMENTS_TRIED):
            if place.moment:
                try:
                    return self._found(search, self._searcher.at(place.moment), place)
                except RequestRefusedError as error:
                    if error.answered == HTTPStatus.BAD_REQUEST:
                        raise wrong_cursor() from error
                    if not is_gone(error):
                        raise
            if place.state != self._state:
                raise expired_cursor()
            place = replace(place, moment=self._moments.of(place.copies, lost=place.moment))
            if not place.moment:
                break
        return self._found(search, self._searcher.on(place.copies), replace(place, moment=""))

    def _found(self, search: Search, searcher: IndexSearcher, place: Place) -> Found:
        """What is found behind a place; one without values is a number of hits alone."""
        names = (*search.facets, DATE) if search.days else search.facets
        offset = 0 if place.values else place.before
        with step("match"):
            body = self._body(search, searcher)
            body |= {"track_total_hits": True, "aggs": facet_counts(names, search.most_values)}
            body = following(body, place.values)
            answer = searcher.page(body, offset, search.limit, search.timeout_s)
        with step("facets"):
            facets = searcher.counts(body["query"], names, answer, search.most_values)
            dated = facets.pop(DATE, {})
            days = Days.of({date.fromisoformat(day): n for day, n in dated.items()})
        found, total = answer["hits"]["hits"], answer["hits"]["total"]["value"]
        with step("read"):
            hits = tuple(self._scored(searcher, found))
        ended = place.before + len(hits)
        if not hits or ended >= total:
            return Found(hits, total, facets, days)
        moment = place.moment or self._moments.of(place.copies)
        end = replace(place, moment=moment, before=ended, values=tuple(found[-1]["sort"]))
        return Found(hits, total, facets, days, end.to_text())

    def walk(self, search: Search) -> tuple[int, Iterator[ScoredArticle]]:
        """The exact count of hits, and all of them in order, each read when its turn comes."""
        body = self._body(search, self._searcher)
        count = self._count(body["query"], search.timeout_s)
        return count, self._walked(body, search.timeout_s, few=count < AT_ONCE)

    def ids(self, tree: Node) -> list[str]:
        """The ids of all articles that a tree finds, whatever their kind, in index order."""
        query = self._translator.query(tree, Verifying(self._searcher, [], None))
        body = in_order({"query": {"bool": {"filter": [query]}}, "_source": False})
        return [hit["_id"] for hit in self._searcher.all_hits(body, 10_000)]

    def occurrences(self, texts: Sequence[str]) -> list[int]:
        """In how many articles of any kind each of these texts stands; in one request."""
        counted = {"size": 0, "track_total_hits": True}
        bodies = [{"query": self._translator.holding(text), **counted} for text in texts]
        return [answer["hits"]["total"]["value"] for answer in self._searcher.searches(bodies)]

    def article(self, article_id: str) -> Article | None:
        """The article with this id, or None."""
        hit = self._stored(article_id)
        return None if hit is None else article_of(hit)

    def articles(self, ids: Iterable[str]) -> Iterator[Article]:
        """The articles with these ids, those that there are, in their order; as searches see them."""
        params = {"_source_includes": RECORD, "realtime": "false"}
        found = stored_documents(self._searcher.connection, self._searcher.index, ids, params)
        return map(article_of, found)

    def reprints(self, article_id: str) -> tuple[Article, ...]:
        """The articles of the same text, earliest first, this one among them; empty for one alone."""
        hit = self._stored(article_id)
        label = None if hit is None else hit["_source"].get(REPRINT)
        return members(self._searcher, label) if label else ()

    def similar(
        self, article_id: str, kinds: tuple[str, ...], limit: int
    ) -> tuple[ScoredArticle, ...]:
        """The articles of these kinds most like the one with this id, best first.

        Neither it nor its reprints, and one of each text. Scores are shares of its own.
        """
        hit = self._stored(article_id)
        if hit is None:
            return ()
        query = similarity_query(self._searcher, article_of(hit), self._analyzer, self._translator)
        if query is None:
            return ()
        left_out = [ids([article_id])]
        if label := hit["_source"].get(REPRINT):
            left_out.append({"term": {REPRINT: {"value": label}}})
        kind = {"terms": {"kind": list(kinds)}}
        asked = {"bool": {"must": [query], "filter": [kind], "must_not": left_out}}
        body = {"query": asked, "sort": _TIES, "_source": _STORED, "size": limit * 4}
        of_itself, answer = self._searcher.searches([_of_one(query, article_id), body])
        if not (own := of_itself["hits"]["hits"]):
            return ()
        found = answer["hits"]["hits"]
        repeated = set(later(_clustered(found)))
        alike = [
            h
            for h in found
            if h["sort"][1] not in repeated and h["_score"] >= SIMILARITY.least * own[0]["_score"]
        ]
        return tuple(self._scored(self._searcher, alike[:limit], own[0]["_score"]))

    def explain(self, tree: Node, article_id: str) -> dict[str, Any] | None:
        """Why the article with this id has its score for a tree; None where there is none."""
        article = self.article(article_id)
        if article is None:
            return None
        one = [ids([article_id])]
        query = self._translator.query(tree, Verifying(self._searcher, one, None))
        hits = self._searcher.search(_of_one(query, article_id) | {"explain": True})["hits"]["hits"]
        if not hits:
            return {"score": None, "fields": [], "terms": []}
        return self._explainer.explain(hits[0], article)

    def stats(self) -> dict[str, Any]:
        """Counts of articles (all, by kind, by newspaper), the span of dates, segments, bytes.

        Segments and bytes are those of the primary shards.
        """
        names = ("kind", "newspaper")
        span = {"first": {"min": {"field": DATE}}, "last": {"max": {"field": DATE}}}
        body = {"query": EVERYTHING, "size": 0, "track_total_hits": True}
        answer = self._searcher.search({**body, "aggs": facet_counts(names) | span})
        counts = self._searcher.counts(EVERYTHING, names, answer)
        path = f"/{self._searcher.index}/_stats/store,segments"
        held = self._searcher.connection.request("GET", path)["_all"]["primaries"]
        return {
            "articles": answer["hits"]["total"]["value"],
            "kinds": counts["kind"],
            "newspapers": counts["newspaper"],
            "date_from": answer["aggregations"]["first"].get("value_as_string"),
            "date_to": answer["aggregations"]["last"].get("value_as_string"),
            "segments": held["segments"]["count"],
            "size_bytes": held["store"]["size_in_bytes"],
        }

    def verify(self) -> None:
        """Asks every shard for its articles and holds their count against what was written.

        The cluster checks the sums of its files itself, when it moves, merges or opens them. Raises
        IndexDamagedError.
        """
        mapping = self._searcher.connection.request("GET", f"/{self._searcher.index}/_mapping")
        (described,) = mapping.values()
        expected = described["mappings"].get("_meta", {}).get("articles")
        found = self._count(EVERYTHING, None)
        if expected is not None and found != expected:
            raise IndexDamagedError("index.check", expected=expected, found=found)

    def close(self) -> None:
        """Nothing to free: the connection belongs to who opened the engine."""

    def _body(self, search: Search, searcher: IndexSearcher) -> dict[str, Any]:
        """The query and the order of a search; ``searcher`` is asked for what the query hangs on."""
        filters = narrowing(search)
        verify = Verifying(searcher, filters, search.timeout_s)
        found = self._translator.query(search.tree, verify)
        query: Query = {"bool": {"must": [found], "filter": filters}}
        if search.fold_reprints:
            left_out = without_repeated(searcher, query, search.timeout_s)
            query["bool"]["must_not"] = left_out
        return {
            "query": query,
            "sort": _ORDERS[search.sort],
            "track_scores": True,
            "_source": _STORED,
        }

    def _walked(
        self, body: dict[str, Any], timeout_s: float | None, *, few: bool
    ) -> Iterator[ScoredArticle]:
        page: list[Answer] = []
        for hit in self._searcher.all_hits(body, AT_ONCE, timeout_s, few=few):
            page.append(hit)
            if len(page) == AT_ONCE:
                yield from self._scored(self._searcher, page)
                page = []
        yield from self._scored(self._searcher, page)

    def _scored(
        self, searcher: IndexSearcher, hits: list[Answer], own: float = 1.0
    ) -> Iterator[ScoredArticle]:
        """The articles of hits, their scores as shares of ``own``."""
        clusters: dict[str, Reprints] = clusters_of(searcher, hits)
        for hit in hits:
            label = hit["_source"].get(REPRINT)
            yield ScoredArticle(article_of(hit), hit["_score"] / own, clusters.get(label))

    def _count(self, query: Query, timeout_s: float | None) -> int:
        body = {"query": query, "size": 0, "track_total_hits": True}
        count: int = self._searcher.search(body, timeout_s)["hits"]["total"]["value"]
        return count

    def _stored(self, article_id: str) -> Answer | None:
        """What is kept of an article; None where there is none."""
        body = {"query": ids([article_id]), "sort": "_doc", "_source": _STORED, "size": 1}
        found = self._searcher.search(body)["hits"]["hits"]
        return found[0] if found else None


def _of_one(query: Query, article_id: str) -> dict[str, Any]:
    """A search for the hit of one article, scored with the statistics of all."""
    one = {"bool": {"must": [query], "filter": [ids([article_id])]}}
    return {"query": one, "size": 1, "_source": False}


def _clustered(hits: Iterable[Answer]) -> Iterator[tuple[str, str, int]]:
    """Label, day and place of the hits that have a label; they are sorted by score and order."""
    for hit in hits:
        if label := hit["_source"].get(REPRINT):
            day = article_of(hit).date
            yield label, day.isoformat() if day else "", hit["sort"][1]
