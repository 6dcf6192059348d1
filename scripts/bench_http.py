"""Times the JSON endpoint and the results page over HTTP; see scripts/bench-http.

Queries of several kinds are cut from the archive's own articles with a fixed seed and asked once
each, so that no answer is one that was kept. wrk asks, over one connection; the server tells the time
of its steps (``Server-Timing``). For the JSON endpoint: ten highlighted hits and three facets.
"""

from __future__ import annotations

import argparse
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote

from searchsvc.results import SearchRequest
from searchsvc.service import open_service
from searchsvc.settings import Settings
from searchsvc.steps import STEPS

SAMPLED = 20_000
"""The first articles of the index; every tenth of them is cut queries from."""
MOST_S = 600
WARMING = 50
"""Requests before those that count."""

_WRK = """
local paths = {}
for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end
local asked, answered = 0, 0
local log = io.open(os.getenv("LOG"), "w")
request = function()
  asked = asked % #paths + 1
  return wrk.format("GET", paths[asked])
end
response = function(status, headers, body)
  answered = answered + 1
  if answered <= #paths then
    log:write(status, " ", #body, " ", headers["Server-Timing"] or "", "\\n")
    log:flush()
  end
end
"""
_TIMES = re.compile(r"(\w+);dur=([\d.]+)")


def texts_of(index: Path) -> list[str]:
    """Texts to cut queries from."""
    service = open_service(Settings(index_dir=index))
    _, hits = service.walk(SearchRequest(highlight=False))
    bodies = ["".join(p.text for p in hit.article.body) for hit in islice(hits, 0, SAMPLED, 10)]
    service.close()
    return [body for body in bodies if len(body) > 20]


def queries_of(texts: list[str], rng: random.Random, count: int) -> dict[str, list[str]]:
    """``count`` queries of every kind."""

    def piece(length: int) -> str:
        while True:
            text = rng.choice(texts)
            start = rng.randrange(max(1, len(text) - length))
            found = text[start : start + length]
            if len(found) == length and found.isalnum():
                return found

    kinds: dict[str, Callable[[], str]] = {
        "one word": lambda: piece(2),
        "two words": lambda: f"{piece(2)} {piece(2)}",
        "a sentence's part": lambda: piece(12),
        "a question": lambda: piece(12) + "？",
        "a phrase": lambda: f'"{piece(4)}"',
        "one character": lambda: piece(1),
        "word and year": lambda: f"{piece(2)} date:2013",
    }
    return {kind: [make() for _ in range(count)] for kind, make in kinds.items()}


@contextmanager
def server(index: Path, *, plain: bool) -> Iterator[str]:
    """The address of a server of one process; a ``plain`` one has no numba."""
    start = "from searchsvc.cli import main; main()"
    if plain:
        start = f"import sys; sys.modules['numba'] = None; {start}"
    command = [sys.executable, "-c", start, "serve", "--index", str(index)]
    process = subprocess.Popen(
        [*command, "--port", "0", "--workers", "1", "--lang", "en"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"http://[\d.:]+", line):
                yield found[0]
                return
        sys.exit("the server did not start")
    finally:
        process.terminate()
        process.wait()


def ask(address: str, paths: list[str], folder: Path) -> list[tuple[int, dict[str, float]]]:
    """Asks for every path once; bytes and milliseconds by step of each answer."""
    script, listed, log = folder / "ask.lua", folder / "paths", folder / "log"
    script.write_text(_WRK)
    listed.write_text("\n".join(paths))
    log.unlink(missing_ok=True)
    asking = subprocess.Popen(
        ["wrk", "-t1", "-c1", f"-d{MOST_S}s", "--timeout", "60s", "-s", str(script), address],
        env={"PATHS": str(listed), "LOG": str(log)},
        stdout=subprocess.DEVNULL,
    )
    lines: list[str] = []
    while len(lines) < len(paths) and asking.poll() is None:
        time.sleep(0.1)
        lines = log.read_text().splitlines() if log.exists() else []
    asking.send_signal(signal.SIGINT)  # it would go on to its end
    asking.wait()
    if len(lines) != len(paths) or not all(line.startswith("200 ") for line in lines):
        sys.exit(f"{len(lines)} answers to {len(paths)} requests, the last {lines[-1:]}")
    answers = []
    for line in lines:
        _, size, times = line.split(" ", 2)
        answers.append((int(size), {name: float(ms) for name, ms in _TIMES.findall(times)}))
    return answers


def report(name: str, answers: list[tuple[int, dict[str, float]]], kinds: list[str]) -> None:
    """Prints medians by kind of query, and the share of every step."""
    times = [times for _, times in answers]
    totals = [t["total"] for t in times]
    print(f"\n{name}: {len(answers)} answers, median {median(size for size, _ in answers):,} bytes")
    p95 = quantiles(totals, n=20)[-1]
    print(f"server time: median {median(totals):.2f} ms, p95 {p95:.2f} ms, by kind of query:")
    by_kind = defaultdict(list)
    for kind, total in zip(kinds, totals, strict=True):
        by_kind[kind].append(total)
    for kind, found in by_kind.items():
        print(f"  {kind:<20}{median(found):8.2f}")
    print("share of each step (of all time; the median of one in ms):")
    whole = sum(totals)
    rest = 1.0
    for step in STEPS:
        spent = [t.get(step, 0.0) for t in times]
        if sum(spent):
            share = sum(spent) / whole
            rest -= share
            print(f"  {step:<20}{share:8.1%}{median(spent):8.2f}")
    print(f"  {'everything else':<20}{rest:8.1%}")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="scripts/bench-http")
    parser.add_argument("index", type=Path)
    parser.add_argument("--queries", type=int, default=60, help="of every kind")
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--plain", action="store_true", help="without numba")
    given = parser.parse_args()
    rng = random.Random(given.seed)
    texts = texts_of(given.index)
    with server(given.index, plain=given.plain) as address, tempfile.TemporaryDirectory() as folder:
        for name, path in (
            ("GET /api/search", "/api/search?facets=newspaper,section,year&q="),
            ("GET / (the page)", "/?q="),
        ):
            warm = queries_of(texts, rng, WARMING // 7 + 1)
            queries = queries_of(texts, rng, given.queries)
            asked = [(kind, query) for kind, found in queries.items() for query in found]
            rng.shuffle(asked)
            ask(address, [path + quote(q) for found in warm.values() for q in found], Path(folder))
            paths = [path + quote(query) for _, query in asked]
            report(name, ask(address, paths, Path(folder)), [kind for kind, _ in asked])


if __name__ == "__main__":
    main()
