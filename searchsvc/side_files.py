"""What belongs to a commit beside the engine's files: suggestions, and records of the sources.

The commit keeps their names, sizes and checksums, and so switches everything at once: a file is
written, synced, and never changed; the commit that names it comes after it, and files that the
newest commit does not name are removed by the next writer, before it writes. JSON::

    {"number": 3, "files": {"suggestions": ["suggestions/base.svc", size, checksum], ...}}

Called by the indexer and ``updating`` (write) and by the service (reads).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from searchsvc.errors import IndexDamagedError
from searchsvc.storage import Seal

SUGGESTIONS: Final = "suggestions"
"""Entries of the articles that the generation was built of."""

CHANGES: Final = "changes"
"""Entries added and taken away since; not there before the first change."""

SOURCES: Final = "sources"
"""The files that the articles come from."""

_PATTERNS: Final = {
    SUGGESTIONS: "suggestions/base.svc",
    CHANGES: "suggestions/changes.{number}.svc",
    SOURCES: "sources.{number}.jsonl",
}


@dataclass(frozen=True, slots=True)
class SideFiles:
    """The side files of one commit in a generation's folder. ``number`` counts the commits."""

    folder: Path
    number: int = 0
    files: Mapping[str, tuple[str, Seal]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, folder: Path, record: Mapping[str, Any]) -> SideFiles:
        """From what an engine kept. Raises IndexDamagedError."""
        try:
            number = int(record["number"])
            files = {
                role: (_checked_name(role, name), Seal(int(size), int(check)))
                for role, (name, size, check) in record["files"].items()
            }
        except (KeyError, TypeError, ValueError) as error:
            raise IndexDamagedError("index.damaged", path=folder, reason=repr(error)) from error
        return cls(folder, number, files)

    def to_json(self) -> dict[str, Any]:
        """As an engine keeps it."""
        files = {r: [name, s.size_bytes, s.checksum] for r, (name, s) in self.files.items()}
        return {"number": self.number, "files": files}

    def path(self, role: str) -> Path:
        """The file with a role. Raises IndexDamagedError where the commit names none."""
        if role not in self.files:
            raise IndexDamagedError("index.file_missing", path=self.new_path(role))
        return self.folder / self.files[role][0]

    def seal(self, role: str) -> Seal:
        """What the file with a role was when it was written. Raises KeyError where there is none."""
        return self.files[role][1]

    def new_path(self, role: str) -> Path:
        """Where the commit after this one writes a file."""
        return self.folder / _PATTERNS[role].format(number=self.number + 1)

    def following(self, written: Mapping[str, Seal]) -> SideFiles:
        """The side files of the next commit: these, and those written in their places."""
        new = {
            role: (str(self.new_path(role).relative_to(self.folder)), seal)
            for role, seal in written.items()
        }
        return SideFiles(self.folder, self.number + 1, {**self.files, **new})

    def remove_others(self) -> None:
        """Removes the side files that no longer belong to a commit. The write lock must be held.

        What resists goes with the next writer.
        """
        named = {self.folder / name for name, _ in self.files.values()}
        with suppress(OSError):
            for pattern in _PATTERNS.values():
                for path in self.folder.glob(pattern.replace("{number}", "*") + "*"):
                    if path not in named:
                        path.unlink(missing_ok=True)


def _checked_name(role: str, name: str) -> str:
    """A name as this program gives them, so that none leads out of the folder."""
    before, _, after = _PATTERNS[role].partition("{number}")
    number = name.removeprefix(before).removesuffix(after)
    if name != before + number + after or not (number.isdecimal() or (not after and not number)):
        raise ValueError(f"the {role} {name!r}")
    return name
