"""Builds every engine's index, asks all engines the same queries in turn, and compares.

Each query goes to one engine after the other, so that whatever else the machine does meets all of
them alike. It is asked once: an engine that keeps what it has decoded would gain by repetition what
no user gives it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmark.documents import Documents
from benchmark.processes import Server
from benchmark.queries import Query, make_queries
from benchmark.sampling import Sample

WARM_UP_QUERIES = 10


@dataclass(slots=True)
class ClassResult:
    """One class of queries.

    ``ms`` holds each engine's time for each query, ``hits`` the counts on which most engines agree.
    ``differing`` says for each engine in how many queries it gave another count (or other years, or
    other dates of the newest), and ``shared`` which part of the reference's top ten it has as well.
    """

    queries: list[Query]
    ms: dict[str, list[float]] = field(default_factory=dict)
    hits: list[int] = field(default_factory=list)
    differing: dict[str, int] = field(default_factory=dict)
    shared: dict[str, float] = field(default_factory=dict)


def compare(
    servers: Mapping[str, Server],
    documents: Documents,
    classes: Sequence[str],
    count: int,
    progress: Callable[[str], None],
) -> dict[str, ClassResult]:
    """Asks ``count`` queries of each class; the engines' processes stay as they are."""
    sample = Sample(documents)
    results = {}
    for name in classes:
        progress(f"asking {name}")
        for query in make_queries(sample, name, WARM_UP_QUERIES, "warming up"):
            for server in servers.values():
                server.search(query)
        results[name] = _measured(servers, make_queries(sample, name, count), documents)
    return results


def _measured(
    servers: Mapping[str, Server], queries: list[Query], documents: Documents
) -> ClassResult:
    answers: dict[str, list[dict[str, Any]]] = {name: [] for name in servers}
    order = list(servers)
    for query in queries:
        for name in order:
            answers[name].append(servers[name].search(query))
        order.append(order.pop(0))
    result = ClassResult(
        queries, {name: [answer["ms"] for answer in given] for name, given in answers.items()}
    )
    _check(result, answers, documents)
    return result


def _check(
    result: ClassResult, answers: Mapping[str, list[dict[str, Any]]], documents: Documents
) -> None:
    """Fills in what the answers say."""
    reference = "tantivy" if "tantivy" in answers else next(iter(answers))
    result.differing = dict.fromkeys(answers, 0)
    overlap: Counter[str] = Counter()
    asked = 0
    for number, query in enumerate(result.queries):
        facts = {name: _facts(query, given[number], documents) for name, given in answers.items()}
        agreed, _ = Counter(facts.values()).most_common(1)[0]
        result.hits.append(agreed[0])
        for name, fact in facts.items():
            result.differing[name] += fact != agreed
        best = set(answers[reference][number]["top"])
        asked += len(best)
        for name, given in answers.items():
            overlap[name] += len(best.intersection(given[number]["top"]))
    result.shared = {name: overlap[name] / asked if asked else 1.0 for name in answers}


def _facts(
    query: Query, answer: dict[str, Any], documents: Documents
) -> tuple[int, tuple[tuple[str, int], ...]]:
    """The count, and what besides must be equal whatever the scores are."""
    if query.by_year:
        years = {str(year): count for year, count in answer["years"].items() if count}
        return answer["count"], tuple(sorted(years.items()))
    if query.newest_first:
        return answer["count"], tuple(("day", documents[n].day) for n in answer["top"])
    return answer["count"], ()
