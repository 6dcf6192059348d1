"""How fast our writer is when it is given tokens, and what that takes; see scripts/bench-write.

Two indexes are written: of words with their positions, as in the comparison, and of words without
positions and every pair of characters with them, as an archive has. Both store the text. What is counted is writing:
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
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from whoosh import fields

from benchmark.command import describe, mistakes_told, read_size, say
from benchmark.corpus import prepare
from benchmark.documents import Document, Documents
from benchmark.engines.ours import OwnEngine, field_values, schema
from benchmark.worker import Timed, measure
from searchsvc.analysis import compact
from searchsvc.postings.pairs import CharacterPairs
from searchsvc.text import fold_text

CHILD = "--child"


def archive_schema() -> fields.Schema:
    """The fields of the comparison, but with the positions of pairs instead of words."""
    archive = schema()
    for name in ("title", "body"):
        archive.remove(name)
        archive.add(name, fields.TEXT(phrase=False))
        archive.add(f"{name}_pairs", fields.TEXT())
    return archive


def archive_values(document: Document) -> dict[str, Any]:
    """A document as the values of these fields."""
    return field_values(document) | {
        "title": Counter(document.title_words),
        "title_pairs": _pairs(document.title),
        "body": Counter(document.body_words),
        "body_pairs": _pairs(document.body),
    }


def _pairs(text: str) -> CharacterPairs:
    """Every pair of characters, one starting at each but a line end; positions count characters.

    The length counts what ranking does: pairs of letters, digits and Han characters.
    """
    whole = compact(fold_text(text)) + "\n"
    starts = [n for n, char in enumerate(whole) if char != "\n"]
    ranking = sum(a.isalnum() and b.isalnum() for a, b in pairwise(whole))
    return CharacterPairs(whole, np.array(starts, np.uint32), ranking)


KINDS: dict[str, tuple[Callable[[], fields.Schema], Callable[[Document], dict[str, Any]]]] = {
    "words": (schema, field_values),
    "words and pairs": (archive_schema, archive_values),
}


def write(kind: str, corpus: Path, size: int, folder: Path) -> dict[str, Any]:
    """Writes one index; what it took, see ``worker.measure``."""
    make_schema, convert = KINDS[kind]
    timed = Timed(Documents(corpus, size), convert)
    return measure(lambda: OwnEngine(folder).write(make_schema(), timed), timed, folder)


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
