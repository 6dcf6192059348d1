"""Offers a server of this machine twice what it can answer, and says what it answered.

First as many requests as are answered, one after another on a few connections: the capacity. Then
twice as many a second, each at its own time whether the others were answered or not. Both by turns,
so that a noisy machine wrongs neither. Server and generator get different cores where there are two.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import numpy as np

from searchsvc.results import SearchRequest
from searchsvc.service import open_service
from searchsvc.settings import Settings, load_settings

MOST_CONNECTIONS = 900
LEAST_GOODPUT = 0.9


@dataclass(slots=True)
class Tally:
    """What requests came to: seconds until the answers of each status (0: no answer at all)."""

    seconds: float = 0.0
    taken: dict[int, list[float]] = field(default_factory=dict)

    def add(self, status: int, taken_s: float) -> None:
        """Counts one request."""
        self.taken.setdefault(status, []).append(taken_s)

    def count(self, status: int) -> int:
        """How many got this status."""
        return len(self.taken.get(status, ()))

    @property
    def per_second(self) -> float:
        """Answers with a result page, a second."""
        return self.count(200) / self.seconds if self.seconds else 0.0


class Connections:
    """Connections to the server that are kept alive, one to a request at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.open = 0

    async def ask(self, path: str) -> int:
        """The status of the answer; 0 where the connection broke."""
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():  # the server closes what was idle for long
                break
            self._close(writer)
        else:
            self.open += 1
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").lower().split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
            await reader.readexactly(int(headers.get("content-length", 0)))
        except (OSError, asyncio.IncompleteReadError):
            self._close(writer)
            return 0
        if headers.get("connection") == "close":
            self._close(writer)
        else:
            self._idle.append((reader, writer))
        return int(lines[0].split()[1])

    @property
    def is_full(self) -> bool:
        """Whether another request would need one connection too many."""
        return self.open >= MOST_CONNECTIONS and not self._idle

    def _close(self, writer: asyncio.StreamWriter) -> None:
        self.open -= 1
        writer.close()


async def measure_capacity(
    connections: Connections, queries: list[str], clients: int, seconds: float, tally: Tally
) -> None:
    """Every client asks again as soon as it is answered."""
    started = time.monotonic()

    async def client() -> None:
        while time.monotonic() - started < seconds:
            asked = time.monotonic()
            status = await connections.ask(random.choice(queries))
            tally.add(status, time.monotonic() - asked)

    await asyncio.gather(*(client() for _ in range(clients)))
    tally.seconds += time.monotonic() - started


async def offer(
    connections: Connections, queries: list[str], per_second: float, seconds: float, tally: Tally
) -> None:
    """Requests at random times, so many a second in the mean; their time counts from when they were due."""
    started = due = time.monotonic()
    asked: set[asyncio.Task[None]] = set()

    async def one(due: float) -> None:
        if connections.is_full:
            tally.add(-1, 0.0)
            return
        status = await connections.ask(random.choice(queries))
        tally.add(status, time.monotonic() - due)

    while due - started < seconds:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        task = asyncio.create_task(one(due))
        asked.add(task)
        task.add_done_callback(asked.discard)
        due += random.expovariate(per_second)
    offered = time.monotonic() - started
    await asyncio.gather(*asked)
    tally.seconds += offered


def queries_of(settings: Settings, number: int, seed: int) -> list[str]:
    """Paths of searches as readers type them: pieces of headlines, two together, phrases, whole ones."""
    chosen = random.Random(seed)
    service = open_service(settings)
    _, hits = service.walk(SearchRequest("", highlight=False))
    titles = [hit.article.title for _, hit in zip(range(5_000), hits, strict=False)]
    titles = [title for title in titles if len(title) >= 8]
    service.close()

    def piece(length: int) -> str:
        title = chosen.choice(titles)
        start = chosen.randrange(len(title) - length + 1)
        return re.sub(r"\W", "", title[start : start + length]) or piece(length)

    makers = (
        lambda: piece(2),
        lambda: f"{piece(2)} {piece(3)}",
        lambda: f'"{piece(4)}"',
        lambda: piece(8),
    )
    asked = [chosen.choice(makers)() for _ in range(number)]
    return [f"/api/search?q={quote(query)}&facets=newspaper,year" for query in asked]


@contextlib.contextmanager
def running(index: Path, workers: int, cores: set[int]) -> Iterator[int]:
    """A server of its own over the index; gives its port."""
    command = [sys.executable, "-m", "searchsvc", "serve", "--index", str(index)]
    server = subprocess.Popen(
        [*command, "--port", "0", "--workers", str(workers), "--lang", "en"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # under overload it tells of slow searches
        text=True,
    )
    os.sched_setaffinity(server.pid, cores)  # workers are forked off later
    try:
        assert server.stdout is not None
        yield int(re.search(r"http://[^/]+:(\d+)/", server.stdout.readline())[1])
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


def percentiles(taken: list[float]) -> str:
    """Median, 99th percentile and longest, in ms."""
    if not taken:
        return "-"
    values = np.quantile(taken, (0.5, 0.99, 1.0)) * 1_000
    return "p50 {:.0f}, p99 {:.0f}, longest {:.0f} ms".format(*values)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("index", type=Path, help="folder of an index")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each half of a round")
    parser.add_argument("--times", type=float, default=2.0, help="offered : capacity")
    parser.add_argument("--seed", type=int, default=20261128)
    parser.add_argument("--json", type=Path, help="file for all figures")
    given = parser.parse_args()
    random.seed(given.seed)
    settings = load_settings({"index_dir": given.index})
    queries = queries_of(settings, 2_000, given.seed)
    cores = sorted(os.sched_getaffinity(0))
    theirs = set(cores[:-1]) or set(cores)
    os.sched_setaffinity(0, set(cores[-1:]))
    capacity, overload = Tally(), Tally()

    async def rounds(port: int) -> None:
        connections = Connections(port)
        clients = (settings.max_at_once + 2) * given.workers
        await measure_capacity(connections, queries, clients, 2.0, Tally())
        for number in range(given.rounds):
            before, seconds = capacity.count(200), capacity.seconds
            await measure_capacity(connections, queries, clients, given.seconds, capacity)
            now = (capacity.count(200) - before) / (capacity.seconds - seconds)
            answered = overload.count(200)
            await offer(connections, queries, given.times * now, given.seconds, overload)
            answered = overload.count(200) - answered
            print(
                f"round {number + 1}: capacity {now:.0f}/s, answered {answered / given.seconds:.0f}/s"
            )

    with running(given.index, given.workers, theirs) as port:
        asyncio.run(rounds(port))
    goodput = overload.per_second / capacity.per_second
    p99 = float(np.quantile(overload.taken[200], 0.99))
    offered = sum(map(len, overload.taken.values()))
    print(f"capacity  {capacity.per_second:.0f}/s, {percentiles(capacity.taken[200])}")
    print(f"offered   {offered / overload.seconds:.0f}/s")
    print(
        f"answered  {overload.per_second:.0f}/s, {goodput:.1%} of capacity, {percentiles(overload.taken[200])}"
    )
    for status in sorted(set(overload.taken) - {200}):
        name = {-1: "not sent", 0: "broken"}.get(status, f"status {status}")
        taken = overload.taken[status]
        print(f"{name}  {len(taken) / offered:.1%}, {percentiles(taken)}")
    if given.json:
        figures = {"capacity": capacity.per_second, "goodput": goodput, "p99_s": p99}
        given.json.write_text(json.dumps(figures))
    unexpected = set(overload.taken) - {200, 503}
    held = goodput >= LEAST_GOODPUT and p99 < settings.max_query_s and not unexpected
    print("held" if held else "NOT held")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
