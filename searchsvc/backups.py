"""Backups of a live index, and putting one back.

A backup is an index folder of its own with the current generation as of one commit: it can be
verified, restored, and even served. Files of a commit are never changed, so that taking one needs no
lock: they are opened first, and what is open stays readable whatever a writer does. Both ways copy
aside, sync, read everything back, and switch by a rename. Called by the command line.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from searchsvc.engines.choosing import require_folder
from searchsvc.engines.whoosh import newest_version
from searchsvc.errors import CommittedError, IndexDamagedError, OperatorError
from searchsvc.generations import (
    begin_generation,
    current_generation,
    data_folder,
    discard_generation,
    make_current,
    read_manifest,
    write_lock,
)
from searchsvc.settings import Settings
from searchsvc.storage import (
    check_space,
    confirming,
    copy_synced,
    make_folder,
    storage_error,
    sync,
)
from searchsvc.verification import GenerationState, files_of, verify_generation
from searchsvc.written import copied_written


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The open files of a generation at one commit, by their paths in its folder."""

    folder: Path
    files: Mapping[Path, BinaryIO]
    size_bytes: int


def backup(settings: Settings, target: Path) -> GenerationState:
    """Copies the current generation, as of its newest commit, into a new folder.

    The folder is there whole and verified, or not at all. Readers and writers go on meanwhile.
    Raises OperatorError where the folder is there already, IndexMissingError, IndexDamagedError,
    StorageError, and CommittedError where it is there all the same.
    """
    require_folder(settings)
    if target.exists():
        raise OperatorError("backup.exists", path=target)
    aside = target.with_name(f".{target.name}.partial")
    with _snapshot(settings.index_dir) as snapshot:
        try:
            shutil.rmtree(aside, ignore_errors=True)
            make_folder(target.parent)
            aside.mkdir()
            check_space(aside, snapshot.size_bytes)
            folder = aside / "generations" / snapshot.folder.name
            _copy(snapshot, folder)
            with copied_written(settings.index_dir, aside):
                _make_whole(aside, folder)
            state = _verified(folder)
            aside.rename(target)
            with confirming(target):
                sync(target.parent)
        except OSError as error:
            raise storage_error(error, target) from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return state


def restore(settings: Settings, source: Path) -> GenerationState:
    """Makes a backup the current generation; the one before stays for ``rollback``.

    Raises IndexMissingError where the folder holds no backup, IndexDamagedError where it is not
    whole, IndexLockedError and StorageError, and the index is then as it was; CommittedError where
    the backup is served all the same.
    """
    require_folder(settings)
    _verified(current_generation(source))
    with write_lock(settings.index_dir), _snapshot(source) as snapshot:
        check_space(settings.index_dir, snapshot.size_bytes)
        folder = begin_generation(settings.index_dir)
        try:
            _copy(snapshot, folder)
            state = _verified(folder)
            with copied_written(source, settings.index_dir):
                make_current(settings.index_dir, folder, settings.kept_generations)
        except BaseException:
            discard_generation(settings.index_dir, folder)
            raise
    return state


@contextmanager
def _snapshot(index_dir: Path) -> Iterator[_Snapshot]:
    """Opens all files of the current generation at its newest commit.

    Again, where a writer removed one of them before it was open.
    """
    with ExitStack() as opened:
        while True:
            folder = current_generation(index_dir)
            version = newest_version(data_folder(folder))
            try:
                read_manifest(folder)
                seals = files_of(folder)
                files = {
                    path.relative_to(folder): opened.enter_context(path.open("rb"))
                    for path in seals
                }
            except (IndexDamagedError, OSError) as error:
                opened.close()
                same = current_generation(index_dir) == folder
                if not same or newest_version(data_folder(folder)) != version:
                    continue
                if isinstance(error, OSError):
                    raise storage_error(error, folder) from error
                raise
            break
        yield _Snapshot(folder, files, sum(seal.size_bytes for seal in seals.values()))


def _copy(snapshot: _Snapshot, folder: Path) -> None:
    """Copies all files, and syncs them and their folders. Raises StorageError."""
    try:
        for name, file in snapshot.files.items():
            make_folder((folder / name).parent)
            copy_synced(file, folder / name)
        for parent in {(folder / name).parent for name in snapshot.files}:
            sync(parent)
    except OSError as error:
        raise storage_error(error, folder) from error


def _make_whole(aside: Path, folder: Path) -> None:
    """Names the generation in its backup, which nobody reads yet. Raises StorageError."""
    try:
        make_current(aside, folder)
    except CommittedError as error:
        assert isinstance(error.__cause__, OSError)
        raise storage_error(error.__cause__, aside) from error


def _verified(folder: Path) -> GenerationState:
    """Reads a generation through. Raises what is wrong with it first."""
    state = verify_generation(folder)
    if state.problems:
        raise state.problems[0]
    return state
