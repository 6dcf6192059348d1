"""Searches of one index, live or at a moment: one page, all hits one page after another, counts of values.

Takes the JSON of a search, gives the cluster's answer; what is wrong with it becomes one of our errors.
Statistics are those of all shards together, and no answer leaves a shard out. Called by the engine and by
``reprints``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, TypeAlias

from searchsvc.engines.opensearch.connection import LOST_NODE, Connection, RequestRefusedError
from searchsvc.engines.opensearch.layout import ORDER
from searchsvc.engines.opensearch.texts import Query
from searchsvc.errors import IndexMissingError, QueryCostError
from searchsvc.facets import is_by_count
from searchsvc.schema import DATE

Answer: TypeAlias = dict[str, Any]

WINDOW: Final = 10_000
"""The last hit that a page can reach by counting (``index.max_result_window``)."""

AT_ONCE: Final = 500
"""Articles read at a time when all are read."""

FACET_VALUES: Final = 5_000
"""Values of a facet that one answer counts; where there are more and all are asked for, they are read on."""

VALUES_READ: Final = 20_000
"""Values of a facet that are read on at a time; the cluster allows 65,535 (``search.max_buckets``)."""

SHARD_VALUES: Final = 4
"""Each shard counts so many times the values that are wanted, so that they are seldom in doubt."""

KEPT_S: Final = 180
"""For so long after it was last asked the cluster keeps a moment."""

COPIES: Final = ("a", "b")
"""Names of choices among the copies of a shard (``preference``); the cluster's hash sends these two to
different copies where there are two. What is asked again under the same name meets the same copy, whose
statistics (deleted documents count until they are merged away) give the same scores."""

MOMENTS_TRIED: Final = 3
"""So many moments are asked, one after another, where each is gone."""

_LIVE_PASSING: Final = LOST_NODE | {"search_context_missing_exception"}
"""A node that is being stopped forgets the searches that it began; asked at a moment, this says that the
moment is gone."""

_WHOLE: Final = {"allow_partial_search_results": "false"}
_SCORED: Final = {"search_type": "dfs_query_then_fetch"}
"""What has no scores needs no statistics of all shards: it saves a round of them, and the cluster caches
what only counts."""


class IndexSearcher:
    """Searches one index, live or as it was at a moment. Safe to use from several threads."""

    def __init__(
        self, connection: Connection, index: str, copies: str = "", moment: str = ""
    ) -> None:
        """``copies`` is one of ``COPIES``, or empty for any; ``moment`` what ``open_moment`` gave, or
        empty for the index as it is."""
        self.connection = connection
        self.index = index
        self.copies = copies
        self.moment = moment

    def search(self, body: Mapping[str, Any], timeout_s: float | None = None) -> Answer:
        """The answer to a search; ``timeout_s`` is how long the shards may take.

        Raises QueryCostError, IndexMissingError where the index was removed, EngineUnavailableError.
        """
        return self._asked(self.moment, body, timeout_s)

    def searches(self, bodies: Sequence[Mapping[str, Any]]) -> list[Answer]:
        """The answers to several searches, in one request; one that fails is asked for by itself, which
        is tried again as every request is.
        """
        if len(bodies) < 2:
            return list(map(self.search, bodies))
        lines = [line for body in bodies for line in self._lines(body)]
        answers = self.connection.request("POST", "/_msearch", lines=lines)["responses"]
        return [
            self.search(body) if "error" in answer or answer["timed_out"] else answer
            for body, answer in zip(bodies, answers, strict=True)
        ]

    def on(self, copies: str) -> IndexSearcher:
        """The same index, asked of the same copies each time."""
        return IndexSearcher(self.connection, self.index, copies)

    def at(self, moment: str) -> IndexSearcher:
        """The index as it was at a moment."""
        return IndexSearcher(self.connection, self.index, moment=moment)

    def page(
        self, body: Mapping[str, Any], offset: int, limit: int, timeout_s: float | None
    ) -> Answer:
        """The answer with the hits of one page, however deep; ``body`` is sorted by ``order`` at last."""
        if offset + limit <= WINDOW:
            return self.search({**body, "from": offset, "size": limit}, timeout_s)
        bare = {name: body[name] for name in ("query", "sort") if name in body}
        bare |= {"_source": False, "track_total_hits": False}
        after: Sequence[Any] = ()
        while offset:
            step = min(offset, WINDOW)
            hits = self.search({**following(bare, after), "size": step}, timeout_s)["hits"]["hits"]
            if len(hits) < step:
                return {**self.search({**body, "size": 0}, timeout_s)}
            after, offset = hits[-1]["sort"], offset - step
        return self.search({**following(body, after), "size": limit}, timeout_s)

    def all_hits(
        self,
        body: Mapping[str, Any],
        at_once: int = AT_ONCE,
        timeout_s: float | None = None,
        *,
        few: bool = False,
    ) -> Iterator[Answer]:
        """Every hit in order, of the index as it was when the first one was read.

        ``few``: there are probably fewer than ``at_once``; one answer then has them all, and needs no moment.
        """
        if few and not self.moment:
            answer = self.search({**body, "size": at_once, "track_total_hits": False}, timeout_s)
            if len(hits := answer["hits"]["hits"]) < at_once:
                yield from hits
                return
        moment = self.moment or self.open_moment()
        after: Sequence[Any] = ()
        try:
            while True:
                asked = {**following(body, after), "size": at_once, "track_total_hits": False}
                moment, answer = self._at_a_moment(moment, asked, timeout_s)
                hits = answer["hits"]["hits"]
                yield from hits
                if len(hits) < at_once:
                    return
                after = hits[-1]["sort"]
        finally:
            if not self.moment:
                self.connection.ask("DELETE", "/_search/point_in_time", {"pit_id": [moment]})

    def _at_a_moment(
        self, moment: str, body: Mapping[str, Any], timeout_s: float | None
    ) -> tuple[str, Answer]:
        """The answer at a moment; where the node that kept it is gone, at a new one, given with it."""
        for _ in range(MOMENTS_TRIED - 1):
            try:
                return moment, self._asked(moment, body, timeout_s)
            except RequestRefusedError as error:
                if self.moment or not is_gone(error):
                    raise
            moment = self.open_moment()
        return moment, self._asked(moment, body, timeout_s)

    def counts(
        self, query: Query, facets: Sequence[str], answer: Answer, most: int | None = None
    ) -> dict[str, dict[str, int]]:
        """The counts of facets by value, of an answer that was asked for ``facet_counts`` of as many.

        Where the values of an answer are not certain to be those wanted, or not all of them, more are asked
        for.
        """
        counted = {name: answer["aggregations"][name] for name in facets}
        doubtful = [name for name, one in counted.items() if not _are_most(name, one, most)]
        if most is not None and doubtful:
            body = {"query": query, "size": 0, "aggs": facet_counts(doubtful)}
            counted |= self.search(body)["aggregations"]
            doubtful = [name for name in doubtful if not _are_most(name, counted[name], most)]
        found = {n: {_value(b): b["doc_count"] for b in c["buckets"]} for n, c in counted.items()}
        return found | {name: dict(self._all_values(query, name)) for name in doubtful}

    def _all_values(self, query: Query, name: str) -> Iterator[tuple[str, int]]:
        source = {"terms": {"field": name}}
        values: dict[str, Any] = {"size": VALUES_READ, "sources": [{"value": source}]}
        while True:
            body = {"query": query, "size": 0, "aggs": {"values": {"composite": values}}}
            counted = self.search(body)["aggregations"]["values"]
            for bucket in counted["buckets"]:
                value = bucket["key"]["value"]
                yield _day(value) if name == DATE else value, bucket["doc_count"]
            if "after_key" not in counted:
                return
            values["after"] = counted["after_key"]

    def open_moment(self, retries: int | None = None) -> str:
        """A point in time: the index as it is now, with every shard of it."""
        whole = {"allow_partial_pit_creation": "false"}
        params = {"keep_alive": f"{KEPT_S}s", **whole, **self._copies()}
        path = f"/{self.index}/_search/point_in_time"
        opened = self.connection.request("POST", path, params=params, retries=retries)
        return str(opened["pit_id"])

    def _copies(self) -> dict[str, str]:
        return {"preference": self.copies} if self.copies else {}

    def _lines(self, body: Mapping[str, Any]) -> Iterator[bytes]:
        """A search as one of several."""
        where = {} if self.moment else {"index": self.index}
        content = dict(body) | _pit(self.moment)
        for line in ({**where, **self._params(self.moment, body)}, content):
            yield json.dumps(line, ensure_ascii=False).encode() + b"\n"

    def _params(self, moment: str, body: Mapping[str, Any]) -> dict[str, str]:
        scored = _SCORED if _is_scored(body) else {}
        return _WHOLE | scored | ({} if moment else self._copies())

    def _asked(self, moment: str, body: Mapping[str, Any], timeout_s: float | None) -> Answer:
        path = "/_search" if moment else f"/{self.index}/_search"
        content, params = dict(body) | _pit(moment), self._params(moment, body)
        if timeout_s is not None:
            content["timeout"] = f"{int(timeout_s * 1_000)}ms"
        try:
            answer: Answer = self.connection.request(
                "POST", path, content, params, passing=LOST_NODE if moment else _LIVE_PASSING
            )
        except RequestRefusedError as error:
            said = json.dumps(error.body, ensure_ascii=False)
            if timeout_s is not None and "Time exceeded" in said:
                raise QueryCostError("search.deadline", timeout_s=timeout_s) from error
            if "too_many_clauses" in said or "too_many_nested_clauses" in said:
                raise QueryCostError("search.clauses") from error
            if error.reason == "index_not_found_exception" and not moment:
                raise IndexMissingError("index.missing", path=self.index) from error
            raise
        if answer["timed_out"]:
            raise QueryCostError("search.deadline", timeout_s=timeout_s)
        return answer


def _pit(moment: str) -> dict[str, Any]:
    return {"pit": {"id": moment, "keep_alive": f"{KEPT_S}s"}} if moment else {}


def _is_scored(body: Mapping[str, Any]) -> bool:
    """Whether its answer has scores: not where it only counts, nor where other things alone sort it."""
    sort: Sequence[Any] = body.get("sort", ["_score"])
    return body.get("size") != 0 and any("_score" in key for key in sort)


def facet_counts(facets: Sequence[str], most: int | None = None) -> dict[str, Any]:
    """The aggregations that count facets by value; of those shown by count the first so many."""
    told = {"show_term_doc_count_error": True}
    return {name: {"terms": {"field": name, **told, **_sizes(name, most)}} for name in facets}


def _sizes(name: str, most: int | None) -> dict[str, int]:
    if most is None or not _is_by_count(name):
        return {"size": FACET_VALUES}
    return {"size": most, "shard_size": SHARD_VALUES * most}


def _is_by_count(name: str) -> bool:
    return name != DATE and is_by_count(name)


def _are_most(name: str, counted: Answer, most: int | None) -> bool:
    """Whether these are all values, or for certain the first ``most`` of them with their exact counts.

    A value that a shard left out stands there at most as often as the last one that it gave; the sum of that
    over the shards is the bound of the error.
    """
    bound = counted["doc_count_error_upper_bound"]
    if not (counted["sum_other_doc_count"] or bound):
        return True
    first = counted["buckets"][:most]
    if most is None or not _is_by_count(name) or len(first) < most:
        return False
    exact = not any(bucket["doc_count_error_upper_bound"] for bucket in first)
    return exact and first[-1]["doc_count"] > bound


def in_order(body: Mapping[str, Any]) -> dict[str, Any]:
    """The search, in index order."""
    return {**body, "sort": [{ORDER: "asc"}]}


def following(body: Mapping[str, Any], after: Sequence[Any]) -> dict[str, Any]:
    """The search for what comes behind a hit, given by the values that it is sorted by."""
    return {**body, "search_after": list(after)} if after else dict(body)


def _value(bucket: Answer) -> str:
    return str(bucket.get("key_as_string", bucket["key"]))


def _day(milliseconds: int) -> str:
    """The day, ISO 8601, of a date as the cluster counts it: from 1970, also backwards."""
    return (date(1970, 1, 1) + timedelta(milliseconds=milliseconds)).isoformat()


def is_gone(error: RequestRefusedError) -> bool:
    """Whether what was asked at a moment failed because the moment is not kept any more.

    OpenSearch (2.19) says 404 where it was dropped, and 500 of its shards where a node is gone that it names.
    """
    of_shards = error.answered >= 500 and error.reason == "search_phase_execution_exception"
    return error.answered == 404 or of_shards
