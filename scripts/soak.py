"""Readers of a server while its index is rebuilt and updated in a loop; see scripts/soak.

Four clients ask two workers; a writer goes through states that it knows the right answers of: two
archives, each with and without further articles, by reindex, add and delete. Every answer must be that
of a state which was current when it was asked for or became so meanwhile, at most a second late; the
workers' own memory and open files must stay what they were.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any
from urllib.parse import quote, urlsplit

from silent import Silent

from searchsvc import indexer
from searchsvc.settings import Settings

CLIENTS = 4
WORKERS = 2
LATE_S = 1.0
"""How late a reader may follow."""

GROWTH = 0.05
"""How much more memory of their own the workers may have in the last third than in the second."""

BODY = "质量强市建设迈出坚实步伐，老街供水改造工程全部完工，石桥渡古桥修缮工程昨日开工。"
QUERIES = (
    "老街",
    "古桥 修缮",
    '"供水改造"',
    "*",
    "title:甲",
    "乙",
    "丙",
    "newspaper:临江日报",
    "桥*",
)


@dataclass(frozen=True, slots=True)
class Change:
    """A state that the index took: when the writer began and was done with it."""

    state: str
    begun: float
    done: float


@dataclass
class Soak:
    """What happened. ``wrong`` and ``errors`` are empty where all is well."""

    answers: int = 0
    errors: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    changes: int = 0
    memory: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """The workers' own memory in the last third against the second, less one."""
        third = len(self.memory) // 3
        return mean(self.memory[-third:]) / mean(self.memory[third : 2 * third]) - 1

    @property
    def more_files(self) -> int:
        """How many more files were open at most in the last third than in the second."""
        third = max(1, len(self.files) // 3)
        return max(self.files[-third:]) - max(self.files[third : 2 * third] or self.files)


def soak(minutes: float, articles: int = 300, seed: int = 1) -> Soak:
    """Runs it all for so long."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(index_dir=folder / "index")
        steps = _steps(settings, folder, articles)
        right = {}
        for state, change in steps:
            change()
            with _server(settings) as (address, _):
                right[state] = {query: _ask(_connection(address), query) for query in QUERIES}
        return _loop(settings, steps, right, minutes * 60, random.Random(seed))


def _loop(
    settings: Settings,
    steps: Sequence[tuple[str, Callable[[], object]]],
    right: dict[str, dict[str, Any]],
    seconds: float,
    rng: random.Random,
) -> Soak:
    soaked, lock = Soak(), threading.Lock()
    changes = [Change(steps[-1][0], 0.0, 0.0)]
    end = time.monotonic() + seconds
    with _server(settings) as (address, pid):

        def ask(seed: int) -> None:
            drawn, connection = random.Random(seed), _connection(address)
            while (asked := time.monotonic()) < end:
                query = drawn.choice(QUERIES)
                try:
                    answer = _ask(connection, query)
                except (OSError, http.client.HTTPException, ValueError) as error:
                    with lock:
                        soaked.errors.append(f"{query}: {error!r}")
                    connection = _connection(address)
                    continue
                answered = time.monotonic()
                with lock:
                    soaked.answers += 1
                waiting.append((query, answer, asked, answered))

        waiting: list[tuple[str, Any, float, float]] = []
        clients = [threading.Thread(target=ask, args=(rng.random(),)) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        while time.monotonic() < end:
            for state, change in steps:
                begun = time.monotonic()
                change()
                changes.append(Change(state, begun, time.monotonic()))
                memory, files = _used(pid)
                soaked.memory.append(memory)
                soaked.files.append(files)
                taken, waiting[:] = waiting[:], []
                _hold(soaked, taken, changes, right)
                if time.monotonic() >= end:
                    break
        for client in clients:
            client.join()
        _hold(soaked, waiting, changes, right)
    soaked.changes = len(changes) - 1
    return soaked


def _hold(
    soaked: Soak,
    answers: Sequence[tuple[str, Any, float, float]],
    changes: Sequence[Change],
    right: dict[str, dict[str, Any]],
) -> None:
    """Holds answers against the states that they may be of."""
    for query, answer, asked, answered in answers:
        before = [c for c in changes if c.done <= asked - LATE_S]
        meanwhile = [c for c in changes if c.done > asked - LATE_S and c.begun <= answered]
        states = {c.state for c in [*before[-1:], *meanwhile]}
        if answer not in [right[state][query] for state in states]:
            of = [state for state in right if right[state][query] == answer]
            soaked.wrong.append(f"{query}: answered as in {of}, not as in {sorted(states)}")


def _steps(settings: Settings, folder: Path, count: int) -> list[tuple[str, Callable[[], object]]]:
    """States of the index by name, and what makes each of the one before; the last leads to the first."""
    sources = {
        name: _source(folder / f"{name}.jsonl", name, size)
        for name, size in (("甲", count), ("乙", count + 7), ("丙", 5))
    }

    def reindex(name: str) -> Callable[[], object]:
        return lambda: indexer.reindex(settings, [sources[name]], Silent())

    def add() -> None:
        indexer.add(settings, [sources["丙"]], Silent())

    def delete() -> None:
        indexer.delete(settings, [f"丙{n}" for n in range(5)])

    return [
        ("甲", reindex("甲")), ("甲丙", add), ("甲", delete),
        ("乙", reindex("乙")), ("乙丙", add), ("乙", delete),
    ]  # fmt: skip


def _source(path: Path, name: str, count: int) -> Path:
    records = (
        {
            "id": f"{name}{n}", "title": f"{name}第{n}条", "body": BODY * (n % 4 + 1),
            "newspaper": "临江日报", "date": f"2020-05-{n % 28 + 1:02d}",
        }
        for n in range(count)
    )  # fmt: skip
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in records), "utf-8")
    return path


def _connection(address: str) -> http.client.HTTPConnection:
    parts = urlsplit(address)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)


def _ask(connection: http.client.HTTPConnection, query: str) -> Any:
    """What an answer says, without what differs from one state of the same content to another."""
    path = f"/api/search?q={quote(query)}&per_page=20&facets=newspaper,kind&fold=reprints"
    connection.request("GET", path)
    response = connection.getresponse()
    content = response.read()
    if response.status != 200:
        raise ValueError(f"{response.status} {content[:200]!r}")
    answer = json.loads(content)
    hits = [(h["id"], round(h["score"], 3), h["highlights"]) for h in answer["hits"]]
    return answer["total"], hits, answer["facets"], answer["suggestion"]


@contextmanager
def _server(settings: Settings) -> Iterator[tuple[str, int]]:
    """A server with its workers: its address and its process."""
    arguments = ["serve", "--port", "0", "--workers", str(WORKERS)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SEARCHSVC_")}
    server = subprocess.Popen(
        [sys.executable, "-m", "searchsvc", *arguments, "--index", str(settings.index_dir)],
        env=environment | {"SEARCHSVC_LANG": "en", "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    try:
        found = None
        while found is None:
            line = server.stdout.readline()
            if not line:
                raise RuntimeError("the server ended")
            found = re.search(r"http://\S+?(?=/|\s|$)", line)
        yield found[0], server.pid
    finally:
        server.terminate()
        server.wait(60)


def _used(pid: int) -> tuple[float, int]:
    """The workers' own memory in MB, and how many files they have open."""
    memory, files = 0.0, 0
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        status = Path(f"/proc/{child}/status").read_text()
        memory += int(re.findall(r"RssAnon:\s+(\d+)", status)[0]) / 1_000
        files += len(list(Path(f"/proc/{child}/fd").iterdir()))
    return memory, files


def main() -> None:
    """Reads the options, soaks, reports."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    current = soak(given.minutes, given.articles, given.seed)
    print(
        f"{current.answers:,} answers over {current.changes:,} changes of the index in "
        f"{given.minutes:g} minutes; {len(current.errors)} errors, {len(current.wrong)} wrong answers; "
        f"workers' own memory {current.growth:+.1%} (now {current.memory[-1]:,.0f} MB), "
        f"open files {current.more_files:+d} (now {current.files[-1]})"
    )
    for line in [*current.errors[:20], *current.wrong[:20]]:
        print(f"  {line}")
    whole = not current.errors and not current.wrong
    sys.exit(0 if whole and current.growth <= GROWTH and current.more_files <= CLIENTS else 1)


if __name__ == "__main__":
    main()
