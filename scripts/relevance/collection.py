"""A collection: documents, queries and which documents answer which query.

Takes a folder with ``docs.jsonl`` (also ``.xz``), ``queries.jsonl`` (``id``, ``text``, optional
``type``) and ``qrels.tsv`` (query, document, grade); gives them with what may be indexed alone.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SEED = 20261125


@dataclass(frozen=True, slots=True)
class Query:
    """A query and the grades of the documents that answer it."""

    id: str
    text: str
    grades: Mapping[str, float]

    @property
    def is_training(self) -> bool:
        """Whether it belongs to the training half, by a hash of its id."""
        return hashlib.sha256(self.id.encode()).digest()[0] % 2 == 0


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents as records of their id and the chosen fields, and the queries."""

    documents: tuple[Mapping[str, Any], ...]
    queries: tuple[Query, ...]


def read_collection(
    folder: Path,
    fields: Sequence[str],
    documents: Path | None = None,
    of_type: str | None = None,
    limit: int | None = None,
) -> Collection:
    """The collection with nothing of a document but ``fields``.

    ``limit`` keeps all documents that answer a query and as many others, drawn by a fixed seed, as
    make that many. Exits with a message where a file is missing or names what is not there.
    """
    queries = _queries(folder, of_type)
    path = documents or _first(folder, "docs.jsonl", "docs.jsonl.xz")
    records = [{"id": str(r["id"]), **{f: r[f] for f in fields if r.get(f)}} for r in _lines(path)]
    records = [record for record in records if len(record) > 1]
    known = {record["id"] for record in records}
    missing = [i for q in queries for i in q.grades if i not in known]
    if missing:
        raise SystemExit(f"{folder}/qrels.tsv: {path} has no text for {missing[0]} (--docs FILE?)")
    if limit is not None and limit < len(records):
        wanted = {i for q in queries for i in q.grades}
        others = [record["id"] for record in records if record["id"] not in wanted]
        wanted |= set(random.Random(SEED).sample(others, max(0, limit - len(wanted))))
        records = [record for record in records if record["id"] in wanted]
    return Collection(tuple(records), queries)


def _queries(folder: Path, of_type: str | None) -> tuple[Query, ...]:
    grades: dict[str, dict[str, float]] = {}
    for line in _first(folder, "qrels.tsv").read_text(encoding="utf-8").splitlines():
        query, document, grade = line.split("\t")
        grades.setdefault(query, {})[document] = float(grade)
    return tuple(
        Query(q["id"], q["text"], grades[q["id"]])
        for q in _lines(_first(folder, "queries.jsonl"))
        if q["id"] in grades and of_type in (None, q.get("type"))
    )


def _first(folder: Path, *names: str) -> Path:
    for name in names:
        if (folder / name).exists():
            return folder / name
    raise SystemExit(f"{folder} has no {names[0]}")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with lzma.open(path) if path.suffix == ".xz" else path.open("rb") as file:
        for line in file:
            yield json.loads(line)
