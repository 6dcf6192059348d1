"""How fast our writer is when it is given tokens, and what that takes; see scripts/bench-write.

Two indexes are written: of words with their positions, as in the comparison, and of words without
positions and every pair of characters with them, as an archive has; these are given as columns of
many documents, as the service's processes give them. Both store the text. What is counted is writing:
postings, compression, merging, syncing; cutting texts into words and pairs is not. Each index is
written in a process of its own, whose peak of memory is the writer's.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from whoosh import fields

from benchmark.command import describe, mistakes_told, read_size, say
from benchmark.corpus import prepare
from benchmark.documents import Document, Documents
from benchmark.engines.ours import OwnEngine, field_values, schema
from benchmark.worker import Timed, measure
from searchsvc.analysis import pair_columns
from searchsvc.postings.batches import Batch, Column, NumbersColumn, PairsColumn, counts_column
from searchsvc.processes import CHUNK_ITEMS
from searchsvc.text import fold_texts

CHILD = "--child"


def archive_schema() -> fields.Schema:
    """The fields of the comparison, but with the positions of pairs instead of words."""
    archive = schema()
    for name in ("title", "body"):
        archive.remove(name)
        archive.add(name, fields.TEXT(phrase=False))
        archive.add(f"{name}_pairs", fields.TEXT())
    return archive


def archive_batch(documents: Sequence[Document]) -> Batch:
    """Documents as columns of these fields, as the processes that analyse give them."""
    numbers = np.arange(len(documents), dtype=np.uint32)
    day = archive_schema()["day"]
    dtype = np.dtype(day.column_type._typecode)
    days = [document.day for document in documents]
    terms = {value: day.to_bytes(value) for value in set(days)}
    columns: list[tuple[str, Column]] = [
        ("day", NumbersColumn(numbers, np.array([day.to_column_value(d) for d in days], dtype))),
        ("day", counts_column(numbers.tolist(), [{terms[value]: 1} for value in days])),
        ("year", counts_column(numbers.tolist(), [{str(d.year): 1} for d in documents])),
    ]
    for name, words, texts in (
        ("title", [d.title_words for d in documents], [d.title for d in documents]),
        ("body", [d.body_words for d in documents], [d.body for d in documents]),
    ):
        columns.append((name, counts_column(numbers.tolist(), list(map(Counter, words)))))
        pairs = pair_columns(fold_texts(texts))
        columns.append((f"{name}_pairs", PairsColumn(numbers, *pairs)))
    return Batch([f"{d.title}\n{d.body}".encode() for d in documents], columns)


KINDS = ("words", "words and pairs")


def write(kind: str, corpus: Path, size: int, folder: Path) -> dict[str, Any]:
    """Writes one index; what it took, see ``worker.measure``."""
    documents, engine = Documents(corpus, size), OwnEngine(folder)
    if kind == "words":
        timed = Timed(documents, lambda chunk: field_values(chunk[0]))
        return measure(lambda: engine.write(schema(), timed), timed, folder)
    batches = Timed(documents, archive_batch, CHUNK_ITEMS)
    return measure(lambda: engine.write_batches(archive_schema(), batches), batches, folder)


def main() -> None:
    """Reads the command line, writes each index in a child, prints a table."""
    if sys.argv[1:2] == [CHILD]:
        kind, words, size, target = sys.argv[2:]
        print(json.dumps(write(kind, Path(words), int(size), Path(target))))
        return
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        corpus = prepare(arguments.paths, arguments.keep or Path(folder))
        documents = Documents(corpus, arguments.size)
        reports = {}
        for kind in KINDS:
            say(f"writing {kind}")
            index = Path(folder, kind)
            index.mkdir()
            child = [sys.executable, "-m", "benchmark.writing", CHILD]
            output = subprocess.run(
                [*child, kind, str(corpus), str(len(documents)), str(index)],
                stdout=subprocess.PIPE,
                check=True,
            ).stdout
            reports[kind] = json.loads(output)
    print(describe(documents))
    for kind, report in reports.items():
        print(_line(kind, report))
    if arguments.json:
        arguments.json.write_text(json.dumps(reports), encoding="utf-8")


def _line(kind: str, report: Mapping[str, float]) -> str:
    per_second = report["documents"] / report["cpu_seconds"]
    return (
        f"{kind}: {report['documents_per_second']:,.0f} articles/s "
        f"({per_second:,.0f} by processor time), "
        f"peak {report['peak_bytes'] / 1e6:,.0f} MB, "
        f"index {report['size_bytes'] / 1e6:,.1f} MB, "
        f"{report['size_bytes'] / report['text_bytes']:.2f} times the text's UTF-8"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench-write", description="Measures writing with tokens given."
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="articles, JSON Lines")
    parser.add_argument("--size", type=read_size, metavar="N", help="articles: 10k, 1m, all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where all numbers go")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keeps the words there")
    return parser.parse_args()


if __name__ == "__main__":
    with mistakes_told():
        main()
