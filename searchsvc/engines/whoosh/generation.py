"""Generations of the Whoosh engine: folders below the index folder. Called by the indexer and the service."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from searchsvc.analysis import Analyzer
from searchsvc.engines.whoosh.engine import WhooshEngine
from searchsvc.engines.whoosh.opening import newest_side_files, newest_version, open_engine
from searchsvc.engines.whoosh.writer import WhooshWriter, create_writer, open_writer
from searchsvc.generations import (
    begin_generation,
    current_generation,
    data_folder,
    discard_generation,
    publish_generation,
    read_manifest,
    switch_back,
    write_lock,
)
from searchsvc.settings import Settings
from searchsvc.storage import check_space
from searchsvc.written import WrittenFile


class WhooshGeneration:
    """One generation; see ``searchsvc.engines.contract.Generation``."""

    def __init__(self, index_dir: Path, folder: Path, *, is_new: bool = False) -> None:
        self.place, self.folder, self._is_new = index_dir, folder, is_new
        self._data = data_folder(folder)

    @property
    def name(self) -> str:
        """Its id."""
        return self.folder.name

    @property
    def version(self) -> str:
        """The number of the newest commit."""
        return newest_version(self._data)

    @property
    def analysis(self) -> str:
        """The fingerprint of the analysis that it was cut by."""
        return str(self.manifest()["analysis"])

    @property
    def changed_at(self) -> float:
        """When a file last came or went."""
        return self._data.stat().st_mtime

    def manifest(self) -> dict[str, Any]:
        """What was indexed and how. Raises IndexDamagedError."""
        return read_manifest(self.folder)

    def side_files(self) -> Mapping[str, Any]:
        """Those of the newest commit."""
        return newest_side_files(self._data)

    def open(self, analyzer: Analyzer) -> WhooshEngine:
        """A reader of the newest commit. Raises IndexDamagedError."""
        return open_engine(self._data, analyzer)

    def writer(self) -> WhooshWriter:
        """A writer."""
        return create_writer(self._data) if self._is_new else open_writer(self._data)


class WhooshGenerations:
    """The generations in one folder; see ``searchsvc.engines.contract.Generations``."""

    def __init__(self, settings: Settings) -> None:
        self.place, self._kept = settings.index_dir, settings.kept_generations
        self.written = WrittenFile(settings.index_dir)

    def lock(self) -> AbstractContextManager[None]:
        """Holds the write lock; the system frees it when the process dies."""
        return write_lock(self.place)

    def begin(self, analyzer: Analyzer, room_bytes: int = 0) -> WhooshGeneration:
        """A new folder; whatever cuts the texts, its index is the same.

        Raises StorageError where the disk has less room.
        """
        del analyzer
        folder = begin_generation(self.place)
        try:
            check_space(folder, room_bytes)
        except BaseException:
            discard_generation(self.place, folder)
            raise
        return WhooshGeneration(self.place, folder, is_new=True)

    def publish(self, generation: WhooshGeneration, manifest: Mapping[str, Any]) -> None:
        """Writes the manifest, then the pointer."""
        publish_generation(self.place, generation.folder, dict(manifest), self._kept)

    def discard(self, generation: WhooshGeneration) -> None:
        """Removes the folder of a build that failed."""
        discard_generation(self.place, generation.folder)

    def current(self) -> WhooshGeneration:
        """The generation that the pointer names."""
        return WhooshGeneration(self.place, current_generation(self.place))

    def switch_back(self) -> WhooshGeneration:
        """Swaps the current and the previous one."""
        return WhooshGeneration(self.place, switch_back(self.place))

    def health(self) -> None:
        """A folder needs nothing else that runs."""

    def close(self) -> None:
        """Nothing is held open."""


def open_generations(settings: Settings) -> WhooshGenerations:
    """The generations below the index folder."""
    return WhooshGenerations(settings)
