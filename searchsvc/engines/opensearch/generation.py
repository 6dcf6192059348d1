"""Generations in a cluster: see ``searchsvc.engines.contract.Generations``.

The index is in the cluster, and so is everything else that a server on another machine needs: the
files beside it are written to a local folder, stored in the cluster before the commit that names
them, and fetched from there where they are not in the local folder. Called by the indexer and the
service.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from searchsvc.analysis import Analyzer
from searchsvc.engines.contract import Engine
from searchsvc.engines.opensearch.connection import Connection
from searchsvc.engines.opensearch.indices import Indices, Meta
from searchsvc.engines.opensearch.leases import Lease, WorkIndex, take
from searchsvc.engines.opensearch.opening import open_engine
from searchsvc.engines.opensearch.reprints import finish
from searchsvc.engines.opensearch.side_store import SideStore
from searchsvc.engines.opensearch.writer import ChangeWriter, GenerationWriter
from searchsvc.engines.opensearch.written import WrittenIndex
from searchsvc.errors import (
    EngineUnavailableError,
    IndexDamagedError,
    IndexMissingError,
    OperatorError,
)
from searchsvc.settings import Settings
from searchsvc.storage import storage_error

MANIFEST: Final = "manifest.json"
LOCK: Final = "lock"


class OpenSearchGeneration:
    """One generation at one version."""

    def __init__(self, owner: OpenSearchGenerations, name: str, meta: Meta) -> None:
        self._owner, self.name, self._meta = owner, name, meta
        self.index = owner.indices.name(name)
        self.folder = owner.folder / name

    @property
    def version(self) -> str:
        """The number of its newest commit."""
        return str(self._meta.commit)

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return self.index

    @property
    def analysis(self) -> str:
        """The fingerprint of the analysis that cut it."""
        return self._meta.analysis

    @property
    def changed_at(self) -> float:
        """When the newest commit was made, by the clock of the machine that made it."""
        return self._meta.changed_at

    def manifest(self) -> dict[str, Any]:
        """What was indexed and how. Raises IndexDamagedError where it is not there."""
        content = self._owner.files.get(self.name, MANIFEST)
        if content is None:
            path = f"{self._owner.files.index}/{self.name}/{MANIFEST}"
            raise IndexDamagedError("index.file_missing", path=path)
        found: dict[str, Any] = json.loads(content)
        return found

    def side_files(self) -> Mapping[str, Any]:
        """The side files of this version, which are then in the folder. Raises StorageError."""
        try:
            for name, *_ in self._meta.side_files.get("files", {}).values():
                self._owner.files.fetch(self.name, name, self.folder / name)
        except OSError as error:
            raise storage_error(error, self.folder) from error
        return self._meta.side_files

    def open(self, analyzer: Analyzer) -> Engine:
        """A reader of this version."""
        return open_engine(self._owner.connection, self.index, analyzer, self.version)

    def writer(self, next_order: int | None = None) -> GenerationWriter | ChangeWriter:
        """A writer: of the whole, where nothing is committed, else of changes.

        ``next_order`` is the place in index order of what it adds, where others wrote before.
        """
        kind = ChangeWriter if self._meta.commit else GenerationWriter
        meta = self._meta if next_order is None else replace(self._meta, next_order=next_order)
        return kind(self._owner.indices, self.index, meta, self.store, self._owner.finish)

    def store(self, side_files: Mapping[str, Any]) -> None:
        """Stores the side files of the next commit in the cluster, those that it lacks."""
        known = self._meta.side_files.get("files", {})
        for role, (name, *seal) in side_files.get("files", {}).items():
            if known.get(role) != [name, *seal]:
                self._owner.files.put(self.name, name, (self.folder / name).read_bytes())


class OpenSearchGenerations:
    """All generations of one archive in a cluster."""

    def __init__(self, settings: Settings) -> None:
        """Raises SettingsError. Nothing is asked of the cluster yet."""
        self._settings = settings
        self.connection = Connection(settings)
        self.indices = Indices(self.connection, settings)
        self.files = SideStore(self.connection, settings.opensearch_index)
        self.work = WorkIndex(self.connection, settings.opensearch_index)
        self.folder = settings.index_dir / "opensearch" / settings.opensearch_index
        self.written = WrittenIndex(self.indices, settings, self.folder)
        self.lease: Lease | None = None
        """The write lock, as this process last took it."""
        self._careful = False

    @property
    def place(self) -> str:
        """Where they are, for messages."""
        return f"{self.connection.hosts[0]}/{self.indices.prefix}"

    def finish(self, connection: Connection, index: str) -> None:
        """Marks the reprints among what was written, which must be visible; it is so again after."""
        if finish(connection, index, self._settings.user_dictionary):
            self.indices.refresh(index)

    @contextmanager
    def lock(self) -> Iterator[Lease]:
        """Holds the write lock of the archive, on whatever machine.

        Raises IndexLockedError where another process holds it.
        """
        self.work.create()
        self.files.create()
        self.written.create()
        lease = take(self.work, LOCK, f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex}")
        self.lease = lease
        try:
            yield lease
        finally:
            lease.release()

    def begin(self, analyzer: Analyzer, room_bytes: int = 0) -> OpenSearchGeneration:
        """A new, empty generation; leftovers of interrupted builds go. The lock must be held.

        It has no copies while it is built, but where the one before was lost for want of them. Room is
        the cluster's matter: it refuses documents where its disks are full.
        """
        del room_bytes
        self.remove_leftovers()
        return self.make(new_name(), analyzer, careful=self._careful)

    def make(self, name: str, analyzer: Analyzer, *, careful: bool) -> OpenSearchGeneration:
        """The generation of this name, made where it is not there; ``careful``: with copies."""
        replicas = self._settings.opensearch_replicas if careful else 0
        meta = self.indices.create(name, analyzer.fingerprint, replicas)
        generation = OpenSearchGeneration(self, name, meta)
        try:
            generation.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise storage_error(error, generation.folder) from error
        return generation

    def publish(self, generation: OpenSearchGeneration, manifest: Mapping[str, Any]) -> None:
        """Stores the manifest, makes the copies, and makes the generation current in one step.

        Raises IndexLockedError where another process took the write lock over meanwhile: what it wrote
        to the current generation would be hidden.
        """
        content = json.dumps(manifest, ensure_ascii=False).encode()
        self.files.put(generation.name, MANIFEST, content)
        self.indices.copy(generation.index)
        if self.lease is not None:
            self.lease.change()  # asks, where ``check`` knows only what the last beat said
        self.indices.switch(generation.index)
        self.indices.keep(self._settings.kept_generations)
        self.remove_leftovers()

    def discard(self, generation: OpenSearchGeneration) -> None:
        """Removes a generation whose build failed, unless it was published all the same."""
        try:
            if generation.index in self.indices.unused():
                self._careful = self.indices.health(generation.index) == "red"
                self._remove(generation.index)
        except EngineUnavailableError:
            return  # the next writer removes it

    def current(self) -> OpenSearchGeneration:
        """The current generation at its newest version, by one request.

        Raises IndexMissingError, IndexDamagedError, EngineUnavailableError.
        """
        found = self.indices.current()
        if found is None:
            raise IndexMissingError("index.missing", path=self.place)
        index, meta = found
        return OpenSearchGeneration(self, self.indices.generation(index), meta)

    def switch_back(self) -> OpenSearchGeneration:
        """Makes the previous generation current; a second call undoes it. The lock must be held.

        Raises OperatorError where there is none.
        """
        found = self.indices.previous()
        if found is None:
            raise OperatorError("index.no_previous", path=self.place)
        index, meta = found
        self.indices.switch(index)
        return OpenSearchGeneration(self, self.indices.generation(index), meta)

    def health(self) -> dict[str, Any]:
        """The state of the cluster, JSON-ready."""
        return self.connection.health()

    def remove_leftovers(self) -> None:
        """Removes generations that are neither current nor kept. The lock must be held."""
        for index in self.indices.unused():
            self._remove(index)
        self.written.forget()
        kept = set(map(self.indices.generation, self.indices.kept()))
        if self.folder.is_dir():
            for folder in self.folder.iterdir():
                if folder.name not in kept:
                    shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Closes the connections."""
        self.connection.close()

    def _remove(self, index: str) -> None:
        name = self.indices.generation(index)
        self.indices.remove(index)
        self.files.remove(name)
        shutil.rmtree(self.folder / name, ignore_errors=True)


def new_name() -> str:
    """The id of a generation: when it was begun, as the name of an index may have it."""
    return datetime.now(UTC).strftime("%Y%m%dt%H%M%S%f")


def open_generations(settings: Settings) -> OpenSearchGenerations:
    """The generations in the cluster that the settings name. Raises SettingsError."""
    return OpenSearchGenerations(settings)
