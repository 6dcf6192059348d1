"""What was written one by one, not read from a source file, kept in the index folder for every reindex.

``<index>/written.jsonl`` grows by a line for each article put, as its record, and for each one deleted,
``{"id": ..., "deleted": true}``. A reindex takes it for its first source, the last line of each id alone.
All of it under the index's write lock. Called by the Whoosh engine's generations and by ``backups``.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from searchsvc.articles import Article
from searchsvc.errors import CommittedError, IndexDamagedError
from searchsvc.sources import SourceFile
from searchsvc.storage import replace_file, storage_error, sync

FILE: Final = "written.jsonl"
"""Names it as a source, wherever it is kept."""


class WrittenFile:
    """What was written to the archive of one folder; see ``searchsvc.engines.contract.Written``."""

    def __init__(self, index_dir: Path) -> None:
        self._folder, self.path = index_dir, index_dir / FILE

    @contextmanager
    def recorded(self, changes: Mapping[str, Article | None]) -> Iterator[None]:
        """Records articles by id, None for one deleted; takes them back where the block fails before
        its commit.

        They outlast a power cut before the block begins. Raises StorageError.
        """
        path = self.path
        if not any(changes.values()) and not path.exists():
            yield
            return
        lines = "".join(map(_line, changes, changes.values()))
        length: int | None = None
        try:
            is_new = not path.exists()
            with path.open("ab") as file:
                length = _whole_length(path)
                file.truncate(length)  # what a crash left of a line
                file.write(lines.encode())
                file.flush()
                os.fsync(file.fileno())
            if is_new:
                sync(self._folder)
        except OSError as error:
            if length is not None:
                self._take_back(length)
            raise storage_error(error, path) from error
        del changes, lines  # a copy records many, some at a time, all until it is done
        try:
            yield
        except CommittedError:
            raise
        except BaseException:
            self._take_back(length)
            raise

    def _take_back(self, length: int) -> None:
        """Cuts the file off there; where that fails, too, the lines stay, as after a kill."""
        with suppress(OSError):
            os.truncate(self.path, length)

    def source(self) -> tuple[SourceFile, ...]:
        """The file as a source, rewritten to hold each article once; none where nothing was written.

        Raises IndexDamagedError where it cannot be read, and StorageError.
        """
        path = self.path
        if not path.exists():
            return ()
        temporary = path.with_name(path.name + ".new")
        try:
            with path.open("rb") as old:
                kept = _last_places(old, path)
                with temporary.open("wb") as new:
                    for place in kept.values():
                        old.seek(place)
                        new.write(old.readline())
                    new.flush()
                    os.fsync(new.fileno())
            temporary.replace(path)
            sync(self._folder)
        except OSError as error:
            raise storage_error(error, path) from error
        return (SourceFile(path, FILE, path.stat().st_size),) if kept else ()

    def articles(self) -> Iterator[Article]:
        """What would be reindexed, in its order. Raises IndexDamagedError, StorageError."""
        if not self.path.exists():
            return
        try:
            with self.path.open("rb") as file:
                for place in _last_places(file, self.path).values():
                    file.seek(place)
                    yield Article.from_record(json.loads(file.readline()))
        except OSError as error:
            raise storage_error(error, self.path) from error


@contextmanager
def copied_written(source: Path, target: Path) -> Iterator[None]:
    """Puts what was written in one index folder before what was written in another; takes it out again
    where the block fails before its commit.

    So a backup holds it, and a restored one loses nothing that was put since; what was deleted since is as it
    was. The source may be in use. Raises StorageError, and IndexDamagedError where a file cannot be read.
    """
    path, joined = source / FILE, target / FILE
    if not path.exists():
        yield
        return
    try:
        own = joined.read_bytes() if joined.exists() else None
        added = path.read_bytes()
    except OSError as error:
        raise storage_error(error, path) from error
    held = _last_places(io.BytesIO(added), path)
    put_since = b"".join(_without_deleted(own or b"", held, joined))
    try:
        try:
            replace_file(joined, _whole_lines(added) + put_since)
        except OSError as error:
            raise storage_error(error, joined) from error
        yield
    except CommittedError:
        raise
    except BaseException:
        with suppress(OSError):
            if own is None:
                joined.unlink(missing_ok=True)
            else:
                replace_file(joined, own)
        raise


def _whole_lines(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]


def record_text(record: Mapping[str, Any]) -> str:
    """A record as one line of JSON."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _line(article_id: str, article: Article | None) -> str:
    record = {"id": article_id, "deleted": True} if article is None else article.to_record()
    return record_text(record) + "\n"


def _whole_length(path: Path) -> int:
    """The bytes up to the end of the last whole line."""
    with path.open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - (1 << 16))
            file.seek(start)
            newline = file.read(end - start).rfind(b"\n")
            if newline >= 0:
                return start + newline + 1
            end = start
    return 0


def _without_deleted(content: bytes, held: Container[str], path: Path) -> Iterator[bytes]:
    """The lines but those of articles that are held elsewhere and deleted here at last."""
    file = io.BytesIO(_whole_lines(content))
    put = _last_places(file, path)
    file.seek(0)
    for line in file:
        article_id = json.loads(line)["id"]
        if article_id in put or article_id not in held:
            yield line


def _last_places(file: BinaryIO, path: Path) -> dict[str, int]:
    """Where the last line of each article begins, by its id, in order; none of one that was deleted.

    Raises IndexDamagedError, naming ``path``.
    """
    places: dict[str, int] = {}
    place = 0
    try:
        for line in file:
            if not line.endswith(b"\n"):
                break  # a crash cut it off before it was acknowledged
            record: dict[str, Any] = json.loads(line)
            places.pop(record["id"], None)
            if not record.get("deleted"):
                places[record["id"]] = place
            place += len(line)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamagedError("index.written", path=path, reason=repr(error)) from error
    return places
