"""Frozen settings, from file, environment and flags. Read once by web and command line.

``searchsvc.toml`` in the working directory (or the file that SEARCHSVC_CONFIG names) is
overridden by environment variables ``SEARCHSVC_<NAME>``, and those by command-line flags.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from searchsvc.errors import SettingsError

_ORIGIN = re.compile(r"\*|https?://[\w.-]+(:[0-9]+)?|https?://\[[0-9a-f:]+\](:[0-9]+)?")
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
    engine: str = field(
        default="whoosh",
        metadata={"doc": "`whoosh`: an index in `index_dir`; `opensearch`: in a cluster"},
    )
    opensearch_hosts: tuple[str, ...] = field(
        default=("http://127.0.0.1:9200",),
        metadata={"doc": "addresses of the cluster's nodes, comma-separated or a list"},
    )
    opensearch_index: str = field(
        default="searchsvc", metadata={"doc": "how the names of its indices begin"}
    )
    opensearch_user: str = field(default="", metadata={"doc": "name for basic authentication"})
    opensearch_password: str = field(
        default="", repr=False, metadata={"doc": "its password; best from the environment"}
    )
    opensearch_api_key: str = field(
        default="", repr=False, metadata={"doc": "key sent instead of name and password"}
    )
    opensearch_ca_file: Path | None = field(
        default=None, metadata={"doc": "certificates (PEM) that vouch for the nodes' own"}
    )
    opensearch_verify: bool = field(
        default=True, metadata={"doc": "`false`: believe any certificate; for trials only"}
    )
    opensearch_timeout_s: int = field(
        default=30, metadata={"doc": "seconds that one request may take"}
    )
    opensearch_retries: int = field(
        default=6, metadata={"doc": "further tries of a request that no node answers"}
    )
    opensearch_shards: int = field(
        default=3, metadata={"doc": "primary shards of a new index; see the sizing guide"}
    )
    opensearch_replicas: int = field(
        default=1, metadata={"doc": "copies of each shard beside the primary; 0 for one node"}
    )
    synonyms: Path | None = field(
        default=None,
        metadata={"doc": "words that find each other, a line a group; needs no reindex"},
    )
    stop_words: Path | None = field(
        default=None,
        metadata={"doc": "words that queries do not ask for, one a line; needs no reindex"},
    )
    kept_generations: int = field(
        default=2,
        metadata={"doc": "whole indexes that are kept, with the one served; 1: no `rollback`"},
    )
    host: str = field(default="127.0.0.1", metadata={"doc": "address that the server binds"})
    port: int = field(default=8000, metadata={"doc": "port that the server binds; 0 picks one"})
    workers: int = field(default=2, metadata={"doc": "server processes"})
    require_read_key: bool = field(
        default=False, metadata={"doc": "whether reading, too, takes an API key"}
    )
    max_at_once: int = field(
        default=4,
        metadata={"doc": "requests that a worker answers at the same time where some take long"},
    )
    max_waiting: int = field(
        default=30,
        metadata={"doc": "requests that wait in a worker for their turn; more are refused"},
    )
    max_wait_s: int = field(
        default=2, metadata={"doc": "seconds that a request waits for its turn; then it is refused"}
    )
    cors_origins: tuple[str, ...] = field(
        default=(),
        metadata={
            "doc": "origins whose pages may ask the API from a browser (CORS), such as "
            "`https://example.org`, or `*`; in the environment with commas between"
        },
    )
    max_requests_per_minute: int = field(
        default=0,
        metadata={"doc": "most requests of one key, or one address, to a worker; 0: any number"},
    )
    trusted_proxies: int = field(
        default=0,
        metadata={
            "doc": "proxies in front of the server whose `X-Forwarded-*` headers are believed"
        },
    )
    log_format: str = field(
        default="text", metadata={"doc": "`text`: lines for people; `json`: an object a line"}
    )
    log_requests: bool = field(
        default=False, metadata={"doc": "whether every request is logged, its query with it"}
    )
    slow_query_ms: int = field(
        default=1_000, metadata={"doc": "a request that takes longer is logged with its query"}
    )
    query_statistics: bool = field(
        default=False, metadata={"doc": "whether queries are counted, for `searchsvc queries`"}
    )
    max_query_chars: int = field(default=1_000, metadata={"doc": "longest query accepted"})
    max_query_s: int = field(
        default=10, metadata={"doc": "seconds that a request may take, its waiting included"}
    )
    max_per_page: int = field(default=100, metadata={"doc": "most hits on one page of results"})
    max_page_depth: int = field(
        default=10_000, metadata={"doc": "last hit reachable by page number; a cursor goes on"}
    )
    max_body_bytes: int = field(
        default=1 << 20, metadata={"doc": "largest body of a request to the server"}
    )
    max_export: int = field(default=100_000, metadata={"doc": "most articles in one export"})
    max_export_s: int = field(
        default=600, metadata={"doc": "seconds that making one export may take"}
    )
    max_exports: int = field(
        default=2, metadata={"doc": "exports that a worker makes at the same time"}
    )
    max_write_wait_s: int = field(
        default=10, metadata={"doc": "seconds that a write over HTTP waits for another writer"}
    )
    max_article_bytes: int = field(
        default=8 << 20, metadata={"doc": "largest article that can be put over HTTP"}
    )
    max_bulk_bytes: int = field(
        default=64 << 20, metadata={"doc": "largest body of a bulk write over HTTP"}
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
    kind = _KINDS.get(name)
    if kind is not None:
        return kind(name, value)
    if name == "record_fields":
        return _pairs(name, value)
    if name == "cors_origins":
        return _origins(name, value)
    if name == "require_read_key":
        return _switch(name, value)
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = -1
    if number < (0 if name in _FROM_ZERO else 1) or (name == "port" and number > 65_535):
        raise SettingsError("settings.invalid", name=name, value=repr(value))
    return number


def _origins(name: str, value: Any) -> tuple[str, ...]:
    """A list of origins, or ``a,b``."""
    given = [one.strip() for one in value.split(",")] if isinstance(value, str) else value
    origins: list[Any] = list(given) if isinstance(given, list | tuple) else [given]
    for one in origins:
        if one != "" and not (isinstance(one, str) and _ORIGIN.fullmatch(one)):
            raise SettingsError("settings.origin", name=name, value=repr(one))
    return tuple(filter(None, origins))


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


def _engine(name: str, value: Any) -> str:
    if value not in ENGINES:
        raise SettingsError("settings.invalid", name=name, value=repr(value))
    return str(value)


def _log_format(name: str, value: Any) -> str:
    if value not in LOG_FORMATS:
        raise SettingsError("settings.invalid", name=name, value=repr(value))
    return str(value)


def _hosts(name: str, value: Any) -> tuple[str, ...]:
    """A list of addresses, or one text with commas."""
    parts = value.split(",") if isinstance(value, str) else list(value)
    hosts = tuple(str(part).strip().rstrip("/") for part in parts if str(part).strip())
    if not hosts or not all(host.startswith(("http://", "https://")) for host in hosts):
        raise SettingsError("settings.invalid", name=name, value=repr(value))
    return hosts


def _index_name(name: str, value: Any) -> str:
    """What OpenSearch takes as the name of an index: lower case, no signs but ``-`` and ``_``."""
    if not re.fullmatch("[a-z0-9][a-z0-9_-]{0,100}", str(value)):
        raise SettingsError("settings.invalid", name=name, value=repr(value))
    return str(value)


def _truth(name: str, value: Any) -> bool:
    known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    if str(value).lower() not in known:
        raise SettingsError("settings.invalid", name=name, value=repr(value))
    return known[str(value).lower()]


def _path(name: str, value: Any) -> Path:
    return Path(value)


def _text(name: str, value: Any) -> str:
    return str(value)


ENGINES = ("whoosh", "opensearch")
"""What ``engine`` may name."""
LOG_FORMATS = ("text", "json")
"""What ``log_format`` may name."""

_KINDS: dict[str, Callable[[str, Any], Any]] = {
    "index_dir": _path,
    "user_dictionary": _path,
    "synonyms": _path,
    "stop_words": _path,
    "host": _text,
    "record_fields": _pairs,
    "engine": _engine,
    "log_format": _log_format,
    "log_requests": _truth,
    "query_statistics": _truth,
    "opensearch_hosts": _hosts,
    "opensearch_index": _index_name,
    "opensearch_user": _text,
    "opensearch_password": _text,
    "opensearch_api_key": _text,
    "opensearch_ca_file": _path,
    "opensearch_verify": _truth,
}
"""How the settings that are no numbers are read."""

_FROM_ZERO = (
    "port",
    "max_requests_per_minute",
    "trusted_proxies",
    "slow_query_ms",
    "opensearch_retries",
    "opensearch_replicas",
)
