"""One module per engine, each the only importer of its library.

A module is loaded in the engine's own process by ``load``; the libraries differ in what Python they
need. Only the standard library is used here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol, cast

from benchmark.documents import Document
from benchmark.queries import Query

TOP: Final = 10
K1: Final = 1.2
B: Final = 0.75
TITLE_WEIGHT: Final = 2.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The exact count, the numbers of the best documents, best first, and counts by year."""

    count: int
    top: list[int]
    years: dict[int, int] = field(default_factory=dict)


class Engine(Protocol):
    """An engine with its index in one folder. ``build`` and ``open`` run in different processes."""

    def build(self, documents: Iterable[Document]) -> None:
        """Writes the index durably, as search wants it: merged and compacted where that helps."""

    def open(self) -> str:
        """Opens the index; gives the library's version and the number of segments, for people."""

    def search(self, query: Query) -> Answer:
        """Answers a query."""


NAMES: Final = ("ours", "tantivy", "fts5", "xapian", "whoosh")
"""In the order of the tables."""

_MODULES: Final = {
    "ours": "benchmark.engines.ours",
    "tantivy": "benchmark.engines.tantivy_py",
    "fts5": "benchmark.engines.sqlite_fts5",
    "xapian": "benchmark.engines.xapian_debian",
    "whoosh": "benchmark.engines.vanilla_whoosh",
}


def load(name: str, folder: Path) -> Engine:
    """The engine of this name on a folder. Raises ImportError where its library is missing."""
    return cast(Engine, import_module(_MODULES[name]).create(folder))
