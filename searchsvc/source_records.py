"""Which files a generation was made of: name, checksum, and the ids of each one's articles.

``<generation>/sources.<n>.jsonl``: first ``{"roots": [...]}``, the paths that were given, then a line a
file. It is written before the commit that names it, and never changed. Called by the indexer and by
``updating``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from searchsvc.errors import IndexDamagedError
from searchsvc.sources import SourceFile, file_checksum, stamp
from searchsvc.storage import Seal, check_seal, replace_file, seal_of, storage_error


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A file as it was read. ``ids`` has one for each article in its order, None for one that was
    rejected since another file had its id.
    """

    name: str
    checksum: str
    stamp: str
    ids: tuple[str | None, ...]

    @property
    def has_duplicates(self) -> bool:
        """Whether an article of it was left out in favour of another file's."""
        return None in self.ids


@dataclass(slots=True)
class SourceRecords:
    """The records of a generation; ids are read from the disk when asked for."""

    path: Path
    roots: tuple[Path, ...] = ()
    checksums: dict[str, str] = field(default_factory=dict)
    stamps: dict[str, str] = field(default_factory=dict)
    with_duplicates: set[str] = field(default_factory=set)
    _places: dict[str, int] = field(default_factory=dict)

    def record(self, name: str) -> SourceRecord:
        """The record of a file that has one. Raises IndexDamagedError."""
        with _opened(self.path) as stream:
            stream.seek(self._places[name])
            return _record(json.loads(stream.readline()))

    def is_unchanged(self, file: SourceFile, *, by_content: bool = False) -> bool:
        """Whether a file is as it was read; ``by_content``: whatever its size and time say."""
        known = self.stamps.get(file.name)
        if known is None:
            return False
        if known and not by_content and known == stamp(file):
            return True
        return self.checksums[file.name] == file_checksum(file)

    def lines(self, stamps: Mapping[str, str]) -> Iterator[str]:
        """The lines of the files that these stamps are of, as they stand but for the stamp.

        Raises IndexDamagedError.
        """
        with _opened(self.path) as stream:
            for name, place in self._places.items():
                if name not in stamps:
                    continue
                stream.seek(place)
                line = stream.readline().decode().rstrip("\n")
                if stamps[name] != self.stamps[name]:
                    line = record_line(replace(_record(json.loads(line)), stamp=stamps[name]))
                yield line

    def keeper(
        self, files: Iterable[SourceFile]
    ) -> Callable[[SourceFile, str], Sequence[str | None]]:
        """For a file and its checksum the ids that its articles had: under the same name, or under
        one that is no longer there (the file was moved).
        """
        present = {file.name for file in files}
        moved = {c: name for name, c in self.checksums.items() if name not in present}

        def known_ids(file: SourceFile, checksum: str) -> Sequence[str | None]:
            same = self.checksums.get(file.name) == checksum
            name = file.name if same else moved.get(checksum)
            return self.record(name).ids if name is not None else ()

        return known_ids


def read_records(path: Path, seal: Seal) -> SourceRecords:
    """The records in a file. Raises IndexDamagedError where it is not what was written."""
    check_seal(path, seal)
    records = SourceRecords(path)
    try:
        with path.open("rb") as stream:
            records.roots = tuple(Path(root) for root in json.loads(stream.readline())["roots"])
            place = stream.tell()
            for line in stream:
                record = _record(json.loads(line))
                records.checksums[record.name] = record.checksum
                records.stamps[record.name] = record.stamp
                records._places[record.name] = place
                if record.has_duplicates:
                    records.with_duplicates.add(record.name)
                place += len(line)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamagedError("index.damaged", path=path, reason=repr(error)) from error
    return records


def write_records(path: Path, roots: Iterable[Path], lines: Iterable[str]) -> Seal:
    """Writes records, whole or not at all. Raises StorageError."""
    first = json.dumps({"roots": [os.fspath(root) for root in roots]})
    try:
        replace_file(path, lambda file: file.writelines(_encoded(first, lines)))
        return seal_of(path)
    except OSError as error:
        raise storage_error(error, path) from error


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The file, open for reading. Raises IndexDamagedError where it cannot be read."""
    try:
        with path.open("rb") as stream:
            yield stream
    except OSError as error:
        raise IndexDamagedError("index.damaged", path=path, reason=repr(error)) from error


def _encoded(first: str, lines: Iterable[str]) -> Iterator[bytes]:
    yield (first + "\n").encode()
    for line in lines:
        yield (line + "\n").encode()


def record_line(record: SourceRecord) -> str:
    """A record as a line; names that are no text stay what they are."""
    return json.dumps(
        {
            "name": record.name,
            "checksum": record.checksum,
            "stamp": record.stamp,
            "ids": record.ids,
        },
        separators=(",", ":"),
    )


def read_record(line: str | bytes) -> SourceRecord:
    """A record from its line."""
    return _record(json.loads(line))


def _record(fields: dict[str, Any]) -> SourceRecord:
    return SourceRecord(fields["name"], fields["checksum"], fields["stamp"], tuple(fields["ids"]))
