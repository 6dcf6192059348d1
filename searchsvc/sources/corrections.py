"""The file of corrections beside a page: ``A03.txt`` has ``A03.txt.corrections.json``.

It names the checksum of the lines that it was made for and is only ever added to, so that it is its
own history. Where the page's lines have changed since, its corrections are not applied.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from searchsvc.errors import RecordError, SourceError
from searchsvc.pages import Correction, PageLines
from searchsvc.sources.model import CORRECTIONS_SUFFIX
from searchsvc.storage import storage_error, sync


def corrections_path(page_path: Path) -> Path:
    """Where the corrections of a page file lie."""
    return page_path.with_name(page_path.name + CORRECTIONS_SUFFIX)


def read_corrections(page_path: Path, lines: PageLines) -> list[Correction]:
    """All corrections of a page, oldest first; none where it has no such file.

    Raises SourceError: no valid file, or made for other lines than the page has now.
    """
    path = corrections_path(page_path)
    try:
        record = json.loads(path.read_bytes())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SourceError("source.unreadable", reason=error.strerror or error) from error
    except ValueError as error:
        raise SourceError("source.corrections_invalid", path=path.name, reason=error) from error
    entries = record.get("corrections") if isinstance(record, dict) else None
    if not isinstance(entries, list):
        reason = '{"page_sha256": ..., "corrections": [...]}'
        raise SourceError("source.corrections_invalid", path=path.name, reason=reason)
    if record.get("page_sha256") != lines.checksum:
        raise SourceError("source.corrections_stale", path=path.name)
    try:
        return [Correction.from_record(entry) for entry in entries]
    except RecordError as error:
        raise SourceError("source.corrections_invalid", path=path.name, reason=error) from error


def write_corrections(page_path: Path, lines: PageLines, corrections: Sequence[Correction]) -> Path:
    """Writes the corrections of a page in one step, and gives the file's path.

    Raises StorageError where the folder refuses it.
    """
    path = corrections_path(page_path)
    entries = [correction.to_record() for correction in corrections]
    record = {"page_sha256": lines.checksum, "corrections": entries}
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        sync(aside)
        aside.replace(path)
    except OSError as error:
        raise storage_error(error, path) from error
    return path
