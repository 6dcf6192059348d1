"""The command ``scripts/bench``: prepares, builds, compares, prints."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmark import report
from benchmark.command import describe, mistakes_told, read_size, say
from benchmark.comparison import ClassResult, compare
from benchmark.corpus import prepare
from benchmark.documents import Documents
from benchmark.engines import NAMES
from benchmark.processes import Index, Server, available
from benchmark.queries import CLASSES, Query
from benchmark.worker import CLOCKS

VANILLA_DOCUMENTS = 200_000
"""Above this, vanilla Whoosh runs only when asked for by name: it writes some 200 articles/s."""


def main() -> None:
    """Reads the command line and runs."""
    arguments = _arguments()
    with ExitStack() as stack:
        folder = arguments.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        corpus = prepare(arguments.paths, folder)
        documents = Documents(corpus, arguments.size)
        say(describe(documents))
        wanted = _engines(arguments.engines, len(documents))
        engines: dict[str, dict[str, Any]] = {}
        for name in wanted:
            say(f"building {name}")
            index = Index(name, folder / f"{corpus.name}-{len(documents)}-{name}", corpus,
                          len(documents))  # fmt: skip
            engines[name] = {"build": index.build()}
            server = stack.enter_context(Server(index, arguments.clock, cold=arguments.cold))
            engines[name] |= server.opened | {"server": server}
        results = _asked(engines, documents, arguments)
        title = (
            f"{describe(documents)}; {arguments.queries} queries a class, {len(results)} classes, "
            f"{arguments.clock} time"
        )
        _print(title, results, engines)
        if arguments.json:
            facts = {"corpus": describe(documents), "clock": arguments.clock}
            record = report.to_record(results, engines, facts)
            arguments.json.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def _asked(
    engines: dict[str, dict[str, Any]], documents: Documents, arguments: argparse.Namespace
) -> dict[str, ClassResult]:
    """Asks all queries; leaves the first query's time and the memory with each engine."""
    servers: dict[str, Server] = {name: e.pop("server") for name, e in engines.items()}
    first = Query(tuple(documents[0].body_words[:2]))
    for name, server in servers.items():
        engines[name]["first_query_ms"] = server.search(first)["ms"]
    results = compare(servers, documents, arguments.classes, arguments.queries, say)
    for name, server in servers.items():
        engines[name]["memory"] = server.memory()
    return results


def _print(
    title: str,
    results: dict[str, ClassResult],
    engines: dict[str, dict[str, Any]],
) -> None:
    names = list(engines)
    tables = [
        report.latency(results, names),
        report.resources(engines),
        report.checks(results, names),
    ]
    if "ours" in names and len(names) > 1:
        tables.insert(1, report.ratios(results, "ours", names[1:]))
    print(title)
    for table in tables:
        print()
        print("\n".join(table))


def _engines(asked: list[str] | None, size: int) -> list[str]:
    """Those to run, in the order of the tables; says which are left out."""
    lacking = available()
    for name, lack in lacking.items():
        if lack and name in (asked or NAMES):
            say(f"{name} is left out; missing: {lack}")
    wanted = [name for name in NAMES if name in (asked or NAMES) and not lacking[name]]
    if not asked and size > VANILLA_DOCUMENTS and "whoosh" in wanted:
        say("whoosh is left out: vanilla Whoosh would write for hours; --engines names it")
        wanted.remove("whoosh")
    if not wanted:
        sys.exit("no engine is left to run")
    return wanted


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Compares search engines on the same words."
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="articles, JSON Lines")
    parser.add_argument(
        "--size", type=read_size, metavar="N", help="articles: 10k, 1m, all (default)"
    )
    parser.add_argument("--engines", type=_one_of(NAMES), help=f"of {','.join(NAMES)}")
    parser.add_argument("--classes", type=_one_of(CLASSES), default=list(CLASSES),
                        help=f"of queries: {','.join(CLASSES)}")  # fmt: skip
    parser.add_argument("--queries", type=int, default=200, metavar="N", help="a class (200)")
    parser.add_argument("--clock", choices=CLOCKS, default="wall",
                        help="times queries by the clock, or by processor time")  # fmt: skip
    parser.add_argument("--cold", action="store_true",
                        help="opens indexes of which nothing is in memory")  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="where all numbers go")
    parser.add_argument("--keep", type=Path, metavar="DIR",
                        help="keeps words and indexes there and uses those it finds")  # fmt: skip
    return parser.parse_args()


def _one_of(known: Any) -> Any:
    def names(text: str) -> list[str]:
        chosen = text.split(",")
        if unknown := [name for name in chosen if name not in known]:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}")
        return chosen

    return names


if __name__ == "__main__":
    with mistakes_told():
        main()
