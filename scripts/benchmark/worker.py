"""The process that one engine runs in: ``python -m benchmark.worker build|serve ...``.

``build`` writes an index and prints what it took as one JSON line. ``serve`` opens the index, prints
a JSON line, and then answers each JSON line of its input by one: a query by its answer and time,
``null`` by the process's memory. Times count the engine alone: neither the reading of documents nor
the pipe. A process that has waited for its turn starts with cold processor caches, which a busy
server has not; so the query before is answered once more, untimed, where it was not a slow one.
Only the standard library is used here.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from benchmark.documents import Document, Documents
from benchmark.engines import Engine, load
from benchmark.memory import measure_memory
from benchmark.queries import Query

Given = TypeVar("Given")

SLOW_MS = 5.0

CLOCKS: dict[str, Callable[[], float]] = {"wall": time.perf_counter, "cpu": time.thread_time}
"""What queries are timed by. On a machine with other work, processor time says more; every engine
answers in the thread that asks."""


class Timed(Generic[Given]):
    """Iterates over documents and adds up what the reading took and how much text there was.

    ``convert`` belongs to the reading: it makes of documents, ``at_once`` of them or what is left,
    what the engine is given.
    """

    def __init__(
        self,
        documents: Documents,
        convert: Callable[[Sequence[Document]], Given],
        at_once: int = 1,
    ) -> None:
        self._documents = documents
        self._convert = convert
        self._at_once = at_once
        self.size = len(documents)
        self.wall_s = self.cpu_s = 0.0
        self.text_bytes = 0

    def __iter__(self) -> Iterator[Given]:
        for first in range(0, self.size, self._at_once):
            wall, cpu = time.perf_counter(), time.thread_time()
            numbers = range(first, min(first + self._at_once, self.size))
            documents = [self._documents[number] for number in numbers]
            given = self._convert(documents)
            self.text_bytes += sum(len((d.title + d.body).encode()) for d in documents)
            self.wall_s += time.perf_counter() - wall
            self.cpu_s += time.thread_time() - cpu
            yield given


def build(engine: Engine, folder: Path, documents: Documents) -> dict[str, Any]:
    """Builds the index; what it took, reading left out."""
    timed = Timed(documents, lambda chunk: chunk[0])
    return measure(lambda: engine.build(timed), timed, folder)


def measure(work: Callable[[], None], timed: Timed[Any], folder: Path) -> dict[str, Any]:
    """Writes an index into a folder; what it took, the reading of ``timed`` left out."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {
        "documents": timed.size,
        "seconds": wall - timed.wall_s,
        "cpu_seconds": cpu - timed.cpu_s,
        "documents_per_second": timed.size / (wall - timed.wall_s),
        "size_bytes": sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()),
        "text_bytes": timed.text_bytes,
        "peak_bytes": measure_memory().peak_resident_bytes,
    }


def serve(engine: Engine, clock: Callable[[], float]) -> None:
    """Opens, then answers until its input ends; ``clock`` gives the seconds that queries take."""
    started = time.perf_counter()
    about = engine.open()
    took = (time.perf_counter() - started) * 1_000
    print(json.dumps({"open_ms": took, "about": about}), flush=True)
    gc.freeze()
    before: Query | None = None
    for line in sys.stdin:
        if (asked := json.loads(line)) is None:
            reply = measure_memory()._asdict()
        else:
            if before:
                engine.search(before)
            query = Query.from_record(asked)
            reply = _answer(engine, query, clock)
            before = query if reply["ms"] < SLOW_MS else None
        print(json.dumps(reply), flush=True)


def forget(folder: Path) -> None:
    """Has the system forget what it keeps of the files of a folder, as far as nobody has them mapped."""
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def _answer(engine: Engine, query: Query, clock: Callable[[], float]) -> dict[str, Any]:
    started = clock()
    answer = engine.search(query)
    took = (clock() - started) * 1_000
    return {"ms": took, "count": answer.count, "top": answer.top, "years": answer.years}


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=("build", "serve", "check"))
    parser.add_argument("engine")
    parser.add_argument("--folder", type=Path, default=Path())
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--size", type=int)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    parser.add_argument("--cold", action="store_true")
    arguments = parser.parse_args()
    engine = load(arguments.engine, arguments.folder)
    if arguments.task == "build":
        documents = Documents(arguments.corpus, arguments.size)
        print(json.dumps(build(engine, arguments.folder, documents)))
    elif arguments.task == "serve":
        if arguments.cold:
            forget(arguments.folder)
        serve(engine, CLOCKS[arguments.clock])


if __name__ == "__main__":
    main()
