"""Frozen settings, from file, environment and flags. Read once by web and command line.

``searchsvc.toml`` in the working directory (or the file that SEARCHSVC_CONFIG names) is
overridden by environment variables ``SEARCHSVC_<NAME>``, and those by command-line flags.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from searchsvc.errors import SettingsError

DEFAULT_FILE = "searchsvc.toml"
RECORD_FIELDS = (
    "id", "title", "body", "kicker", "subtitle", "byline", "people", "place", "newspaper", "date",
    "page", "section", "kind", "tags", "url", "agency", "editor",
)  # fmt: skip
"""What ``record_fields`` may map names to."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Relative paths are relative to the working directory."""

    index_dir: Path = field(
        default=Path("index"), metadata={"doc": "folder of the index and its generations"}
    )
    user_dictionary: Path | None = field(
        default=None,
        metadata={"doc": "words for the segmenter, one a line; a change needs a reindex"},
    )
    synonyms: Path | None = field(
        default=None,
        metadata={"doc": "words that find each other, a line a group; needs no reindex"},
    )
    stop_words: Path | None = field(
        default=None,
        metadata={"doc": "words that queries do not ask for, one a line; needs no reindex"},
    )
    host: str = field(default="127.0.0.1", metadata={"doc": "address that the server binds"})
    port: int = field(default=8000, metadata={"doc": "port that the server binds; 0 picks one"})
    workers: int = field(default=2, metadata={"doc": "server processes"})
    require_read_key: bool = field(
        default=False, metadata={"doc": "whether reading, too, takes an API key"}
    )
    max_query_chars: int = field(default=1_000, metadata={"doc": "longest query accepted"})
    max_query_s: int = field(
        default=10, metadata={"doc": "seconds that the evaluation of a query may take"}
    )
    max_per_page: int = field(default=100, metadata={"doc": "most hits on one page of results"})
    max_page_depth: int = field(
        default=10_000, metadata={"doc": "last hit reachable by page number; a cursor goes on"}
    )
    record_fields: tuple[tuple[str, str], ...] = field(
        default=(),
        metadata={
            "doc": 'names of fields in JSON Lines and tables, and ours: `{headline = "title"}`, '
            "in the environment `headline=title,text=body`"
        },
    )
    max_page_bytes: int = field(
        default=64 << 20, metadata={"doc": "largest page file (text, XML, HTML, PDF)"}
    )
    max_page_chars: int = field(
        default=1_000_000, metadata={"doc": "longest text of one page; a full page has 20,000"}
    )
    max_line_chars: int = field(
        default=16_000_000, metadata={"doc": "longest line of JSON Lines or of a table"}
    )
    max_archive_files: int = field(
        default=1_000_000, metadata={"doc": "most files in one archive, with those nested in it"}
    )
    max_archive_bytes: int = field(
        default=1 << 40, metadata={"doc": "most bytes unpacked from one packed file"}
    )
    max_archive_ratio: int = field(
        default=200,
        metadata={"doc": "most bytes unpacked for each byte packed, beyond the first 16 MiB"},
    )
    max_archive_depth: int = field(
        default=3, metadata={"doc": "how deep archives may lie in archives"}
    )


def load_settings(flags: Mapping[str, Any] | None = None) -> Settings:
    """The settings in force; ``flags`` whose value is None do not count.

    Raises SettingsError for an unknown name, an unusable value or an unreadable file.
    """
    merged: dict[str, Any] = {}
    for values in (_from_file(), _from_environment(), flags or {}):
        merged.update({name: value for name, value in values.items() if value is not None})
    known = {f.name: f for f in fields(Settings)}
    for name in merged:
        if name not in known:
            raise SettingsError("settings.unknown", name=name, known=", ".join(known))
    return Settings(**{name: _typed(name, value) for name, value in merged.items()})


def _from_file() -> dict[str, Any]:
    named = os.environ.get("SEARCHSVC_CONFIG")
    path = Path(named or DEFAULT_FILE)
    if not named and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError("settings.unreadable", path=path, reason=error) from error


def _from_environment() -> dict[str, str]:
    prefix = "SEARCHSVC_"
    return {
        f.name: os.environ[prefix + f.name.upper()]
        for f in fields(Settings)
        if prefix + f.name.upper() in os.environ
    }


def _typed(name: str, value: Any) -> Any:
    if name in ("index_dir", "user_dictionary", "synonyms", "stop_words"):
        return Path(value)
    if name == "host":
        return str(value)
    if name == "record_fields":
        return _pairs(name, value)
    if name == "require_read_key":
        return _switch(name, value)
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = -1
    if number < (0 if name == "port" else 1) or (name == "port" and number > 65_535):
        raise SettingsError("settings.invalid", name=name, value=repr(value))
    return number


def _switch(name: str, value: Any) -> bool:
    """True or false, in the environment as a word."""
    found = {"true": True, "false": False}.get(str(value).lower())
    if found is None:
        raise SettingsError("settings.switch", name=name, value=repr(value))
    return found


def _pairs(name: str, value: Any) -> tuple[tuple[str, str], ...]:
    """A table of names, or ``a=b,c=d``."""
    if isinstance(value, str):
        value = dict(pair.split("=", 1) for pair in value.split(",") if "=" in pair)
    valid = isinstance(value, Mapping) and all(
        isinstance(ours, str) and ours.strip() in RECORD_FIELDS for ours in value.values()
    )
    if not valid:
        known = ", ".join(RECORD_FIELDS)
        raise SettingsError("settings.pairs", name=name, value=repr(value), known=known)
    return tuple((theirs.strip(), ours.strip()) for theirs, ours in value.items())
