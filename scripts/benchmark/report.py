"""The results of a comparison as tables and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import exp, log
from statistics import fmean, quantiles
from typing import Any

from benchmark.comparison import ClassResult
from benchmark.queries import MEANING

Results = Mapping[str, ClassResult]


def percentile(times: Sequence[float], percent: int) -> float:
    """The value that ``percent`` of the times do not exceed, interpolated; of one, that one."""
    if len(times) == 1:
        return times[0]
    return quantiles(times, n=100, method="inclusive")[percent - 1]


def geometric_mean(values: Sequence[float]) -> float:
    """Of positive numbers, at least one."""
    return exp(fmean(map(log, values)))


def latency(results: Results, engines: Sequence[str]) -> Iterator[str]:
    """Milliseconds by class: p50, p95 and p99 of every engine."""
    yield f"{'ms':<9}" + "".join(f"{name:>24}" for name in engines) + "   hits (median)"
    yield f"{'':<9}" + f"{'p50':>8}{'p95':>8}{'p99':>8}" * len(engines)
    for name, result in results.items():
        cells = [_number(percentile(result.ms[e], p)) for e in engines for p in (50, 95, 99)]
        row = "".join(f"{cell:>8}" for cell in cells)
        yield f"{name:<9}{row}{percentile([float(h) for h in result.hits], 50):>12,.0f}"


def ratios(results: Results, base: str, peers: Sequence[str]) -> Iterator[str]:
    """The base's time divided by each peer's, by class, with geometric means."""
    yield f"{base} :".ljust(9) + "".join(f"{name:>18}" for name in peers)
    yield f"{'':<9}" + f"{'p50':>9}{'p95':>9}" * len(peers)
    columns = [(peer, percent) for peer in peers for percent in (50, 95)]
    for name, result in results.items():
        row = [_ratio(result, base, peer, percent) for peer, percent in columns]
        yield f"{name:<9}" + "".join(f"{_number(r):>9}" for r in row)
    means = [mean_ratio(results, base, peer, percent) for peer, percent in columns]
    yield f"{'mean':<9}" + "".join(f"{_number(m):>9}" for m in means)


def mean_ratio(results: Results, base: str, peer: str, percent: int) -> float:
    """The geometric mean over the classes of the ratio of percentiles."""
    return geometric_mean([_ratio(r, base, peer, percent) for r in results.values()])


def _ratio(result: ClassResult, base: str, peer: str, percent: int) -> float:
    return percentile(result.ms[base], percent) / percentile(result.ms[peer], percent)


def resources(engines: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Building, size, opening and memory of each engine."""
    columns: dict[str, Callable[[Mapping[str, Any]], str]] = {
        "build s": lambda e: f"{e['build']['seconds']:,.1f}",
        "cpu s": lambda e: f"{e['build']['cpu_seconds']:,.1f}",
        "docs/s": lambda e: f"{e['build']['documents_per_second']:,.0f}",
        "peak MB": lambda e: _megabytes(e["build"]["peak_bytes"]),
        "size MB": lambda e: _megabytes(e["build"]["size_bytes"]),
        "size:text": lambda e: f"{e['build']['size_bytes'] / e['build']['text_bytes']:.2f}",
        "open ms": lambda e: _number(e["open_ms"]),
        "+1st ms": lambda e: _number(e["open_ms"] + e["first_query_ms"]),
        "anon MB": lambda e: _megabytes(e["memory"]["anonymous_bytes"]),
        "rss MB": lambda e: _megabytes(e["memory"]["resident_bytes"]),
    }
    yield f"{'':<9}" + "".join(f"{title:>10}" for title in columns)
    for name, engine in engines.items():
        row = "".join(f"{cell(engine):>10}" for cell in columns.values())
        yield f"{name:<9}{row}   {engine['about']}"


def checks(results: Results, engines: Sequence[str]) -> Iterator[str]:
    """In how many queries an engine differs from the majority, and how many of the top it shares."""
    yield f"{'':<9}{'differing answers':<{9 * len(engines)}}   top 10 shared with the reference"
    yield f"{'':<9}" + "".join(f"{name:>9}" for name in engines) * 2
    for name, result in results.items():
        differing = "".join(f"{result.differing[e]:>9}" for e in engines)
        shared = "".join(f"{result.shared[e]:>9.0%}" for e in engines)
        yield f"{name:<9}{differing}{shared}   {MEANING[name]}"


def to_record(
    results: Results, engines: Mapping[str, Mapping[str, Any]], facts: Mapping[str, Any]
) -> dict[str, Any]:
    """All numbers as a JSON object."""
    classes = {
        name: {
            "meaning": MEANING[name],
            "queries": [query.to_record() for query in result.queries],
            "hits": result.hits,
            "differing": result.differing,
            "shared_top": result.shared,
            "ms": result.ms,
            "percentiles_ms": {
                engine: {f"p{p}": percentile(times, p) for p in (50, 95, 99)}
                for engine, times in result.ms.items()
            },
        }
        for name, result in results.items()
    }
    means = {
        peer: {f"p{p}": mean_ratio(results, "ours", peer, p) for p in (50, 95)}
        for peer in engines
        if "ours" in engines and peer != "ours"
    }
    return {**facts, "engines": engines, "classes": classes, "mean_ratio_of_ours_to": means}


def _number(value: float) -> str:
    """Three figures."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _megabytes(size_bytes: float) -> str:
    return f"{size_bytes / 1e6:,.0f}"
