"""Physical indices and the aliases that name them: one index a generation.

::

    <prefix>-<generation>     a generation; its mapping's ``_meta`` says what it is (``Meta``)
    <prefix>                  alias of the current one
    <prefix>-previous         alias of the one before it, kept for rollback
    <prefix>-older            alias of those before that, where more are kept
    <prefix>-work             coordination (``leases``)
    <prefix>-files            files beside the generations (``side_store``)
    <prefix>-written          what was written one by one (``written``)

Called by ``generation``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from searchsvc.engines.opensearch.connection import Connection, RequestRefusedError
from searchsvc.engines.opensearch.layout import index_body
from searchsvc.errors import EngineUnavailableError, IndexDamagedError, SearchsvcError
from searchsvc.schema import FORMAT_VERSION
from searchsvc.settings import Settings

REPLICAS_WITHIN_S: Final = 600
"""For so long the copies of a new index are waited for before it is made current all the same."""

CLAUSES: Final = 8_192
"""Clauses that a query may have: a long one stands for several thousand words and bigrams."""

_MEMBERS: Final = (
    "format_version", "analysis", "commit", "changed_at", "articles", "next_order", "side_files",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meta:
    """What ``_meta`` of a generation's mapping says. ``others`` are the layout's own entries."""

    analysis: str = ""
    commit: int = 0
    changed_at: float = 0.0
    articles: int = 0
    next_order: int = 0
    side_files: Mapping[str, Any] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION
    others: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Meta:
        """From the mapping; what it lacks is as in an index that is being built."""
        own = {name: found[name] for name in _MEMBERS if name in found}
        return cls(**own, others={n: v for n, v in found.items() if n not in _MEMBERS})

    def to_json(self) -> dict[str, Any]:
        """As the mapping keeps it."""
        return {**self.others, **{name: getattr(self, name) for name in _MEMBERS}}


class Indices:
    """The physical indices of one archive."""

    def __init__(self, connection: Connection, settings: Settings) -> None:
        self.connection = connection
        self._settings = settings
        self.prefix = settings.opensearch_index
        self.previous_alias = f"{self.prefix}-previous"
        self.older_alias = f"{self.prefix}-older"

    def name(self, generation: str) -> str:
        """The index of a generation."""
        return f"{self.prefix}-{generation}"

    def generation(self, index: str) -> str:
        """The generation of an index."""
        return index.removeprefix(f"{self.prefix}-")

    def create(self, generation: str, analysis: str, replicas: int = 0) -> Meta:
        """Makes the index of a generation to be filled: no refresh, as few copies as may be."""
        self._allow_long_queries()
        body = index_body(self._settings)
        body["settings"]["index"] |= {"refresh_interval": -1, "number_of_replicas": replicas}
        meta = replace(Meta.from_json(body["mappings"]["_meta"]), analysis=analysis)
        body["mappings"]["_meta"] = meta.to_json()
        try:
            self.connection.request("PUT", f"/{self.name(generation)}", body)
        except RequestRefusedError as error:
            if error.reason != "resource_already_exists_exception":
                raise
        return meta

    def current(self) -> tuple[str, Meta] | None:
        """The current index and what it is, in one request; None where there is none.

        Raises IndexDamagedError where it is of another format version.
        """
        return self._aliased(self.prefix)

    def previous(self) -> tuple[str, Meta] | None:
        """The index kept for rollback."""
        return self._aliased(self.previous_alias)

    def write_meta(self, index: str, meta: Meta) -> None:
        """Replaces what an index says of itself; readers see it at their next request."""
        self.connection.request("PUT", f"/{index}/_mapping", {"_meta": meta.to_json()})

    def refresh(self, index: str) -> None:
        """Makes everything that was written visible. Raises EngineUnavailableError where a shard
        could not."""
        done = self.connection.request("POST", f"/{index}/_refresh")
        if done["_shards"]["failed"]:
            raise self._unavailable(index, f"refresh: {done['_shards']['failed']} shards failed")

    def count(self, index: str) -> int:
        """How many articles searches of the index find in all."""
        found = self.connection.request("GET", f"/{index}/_count")
        if found["_shards"]["failed"]:
            raise self._unavailable(index, f"count: {found['_shards']['failed']} shards failed")
        return int(found["count"])

    def health(self, index: str) -> str:
        """``green``, ``yellow`` or ``red``."""
        return str(self.connection.request("GET", f"/_cluster/health/{index}")["status"])

    def copy(self, index: str) -> None:
        """Asks for the copies of all shards and waits until they are made.

        Where there are fewer nodes than copies, those that have a place.
        """
        replicas = self._settings.opensearch_replicas
        body = {"index": {"number_of_replicas": replicas}}
        self.connection.request("PUT", f"/{index}/_settings", body)
        if not replicas:
            return
        nodes = self.connection.health()["data_nodes"]
        wanted = self._settings.opensearch_shards * (1 + min(replicas, nodes - 1))
        params = {"wait_for_active_shards": wanted, "timeout": f"{REPLICAS_WITHIN_S}s"}
        path = f"/_cluster/health/{index}"
        try:
            self.connection.request(
                "GET", path, params=params, timeout_s=REPLICAS_WITHIN_S + 10, retries=2
            )
        except RequestRefusedError as error:
            if error.answered != 408:
                raise

    def switch(self, index: str) -> None:
        """Makes an index current, and the one that was current the previous one, in one step."""
        former, previous = self._index_of(self.prefix), self._index_of(self.previous_alias)
        # A pattern over the indices of others fails where one of those is deleted meanwhile.
        own = f"{self.prefix}-*"
        actions: list[dict[str, Any]] = [{"add": {"index": index, "alias": self.prefix}}]
        if former is not None and former != index:
            actions += [
                {"remove": {"index": former, "alias": self.prefix}},
                {"remove": {"index": own, "alias": self.previous_alias, "must_exist": False}},
                {"add": {"index": former, "alias": self.previous_alias}},
            ]
            if previous not in (None, index):
                actions.append({"add": {"index": previous, "alias": self.older_alias}})
        self.connection.request("POST", "/_aliases", {"actions": actions})

    def keep(self, count: int) -> None:
        """Leaves their names to the newest so many generations, the current one whatever its age."""
        named = [(index, self.older_alias) for index in self._older()[max(0, count - 2) :]]
        if count < 2 and (previous := self._index_of(self.previous_alias)) is not None:
            named.append((previous, self.previous_alias))
        if named:
            actions = [{"remove": {"index": index, "alias": alias}} for index, alias in named]
            self.connection.request("POST", "/_aliases", {"actions": actions})

    def unused(self) -> list[str]:
        """Indices of generations that are neither current nor kept."""
        pattern = re.compile(rf"{re.escape(self.prefix)}-\d{{8}}t\d{{12}}")
        found = self.connection.request(
            "GET", f"/{self.prefix}-*/_alias", params={"ignore_unavailable": "true"}
        )
        named = {self.prefix, self.previous_alias, self.older_alias}
        return [
            index for index, kept in found.items()
            if pattern.fullmatch(index) and named.isdisjoint(kept["aliases"])
        ]  # fmt: skip

    def exists(self, generation: str) -> bool:
        """Whether the index of a generation is there."""
        return self.connection.ask("GET", f"/{self.name(generation)}/_alias") is not None

    def kept(self) -> list[str]:
        """The current index, the one kept for rollback, and older ones, those that there are."""
        named = [i for i in map(self._index_of, (self.prefix, self.previous_alias)) if i]
        return [*named, *self._older()]

    def remove(self, index: str) -> None:
        """Deletes an index, if it is there."""
        self.connection.ask("DELETE", f"/{index}")

    def _aliased(self, alias: str) -> tuple[str, Meta] | None:
        found = self.connection.ask(
            "GET", f"/{alias}/_mapping", params={"filter_path": "*.mappings._meta"}
        )
        if not found:
            return None
        index, mapping = next(iter(found.items()))
        meta = Meta.from_json(mapping["mappings"]["_meta"])
        if meta.format_version != FORMAT_VERSION:
            raise IndexDamagedError(
                "index.format", path=index, found=meta.format_version, expected=FORMAT_VERSION
            )
        return index, meta

    def _index_of(self, alias: str) -> str | None:
        return next(iter(self._indices_of(alias)), None)

    def _older(self) -> list[str]:
        """The newest first: names tell when generations were begun."""
        return sorted(self._indices_of(self.older_alias), reverse=True)

    def _indices_of(self, alias: str) -> list[str]:
        return list(self.connection.ask("GET", f"/_alias/{alias}") or ())

    def _allow_long_queries(self) -> None:
        """Raises the cluster's bound of clauses where it is lower; who may not, leaves it."""
        name = "indices.query.bool.max_clause_count"
        try:
            found = self.connection.request(
                "GET", "/_cluster/settings",
                params={"include_defaults": "true", "flat_settings": "true", "filter_path": f"*.{name}"},
            )  # fmt: skip
            bound = max(int(part.get(name, 0)) for part in found.values()) if found else 0
            if bound < CLAUSES:
                body = {"persistent": {name: CLAUSES}}
                self.connection.request("PUT", "/_cluster/settings", body)
        except EngineUnavailableError:
            raise
        except SearchsvcError:
            return  # a managed cluster may keep its settings to itself

    def _unavailable(self, index: str, reason: str) -> EngineUnavailableError:
        hosts = ", ".join(self.connection.hosts)
        return EngineUnavailableError(
            "engine.unavailable", hosts=hosts, reason=f"{index}: {reason}", retry_after_s=5
        )
