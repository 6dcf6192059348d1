"""The engines' processes, from outside: which can run here, building, and asking.

Every engine runs in a process of its own, so that its memory can be measured and its libraries
cannot disturb another's. Xapian's bindings belong to the system's Python, not to the environment.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from benchmark.engines import NAMES
from benchmark.queries import Query

SYSTEM_PYTHON = "/usr/bin/python3"
MISSING = {
    "ours": "searchsvc itself",
    "tantivy": "tantivy-py (pip install tantivy)",
    "fts5": "SQLite's FTS5 in this Python's sqlite3",
    "xapian": "Debian's package python3-xapian (apt install python3-xapian)",
    "whoosh": "Whoosh 2.7.4",
}
"""What an engine needs, by name."""

_SCRIPTS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Index:
    """An engine's index over ``size`` documents of a corpus (``corpus.prepare``)."""

    engine: str
    folder: Path
    corpus: Path
    size: int

    def build(self) -> dict[str, Any]:
        """Builds it, or gives what building it took where that is done; see ``worker.build``."""
        done = self.folder.with_suffix(".json")
        if done.exists():
            report: dict[str, Any] = json.loads(done.read_text(encoding="utf-8"))
            return report
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        command = _worker(self.engine, "build", self)
        output = subprocess.run(
            command, env=_environment(), stdout=subprocess.PIPE, check=True
        ).stdout
        done.write_bytes(output)
        return dict(json.loads(output))


class Server:
    """An engine that answers, in a process of its own; a context manager that ends it.

    ``opened`` is what opening took (``open_ms``) and what it is (``about``).
    """

    def __init__(self, index: Index, clock: str = "wall", *, cold: bool = False) -> None:
        """``clock`` is one of ``worker.CLOCKS``; ``cold``: nothing of the index is in memory yet."""
        self._process = subprocess.Popen(
            [*_worker(index.engine, "serve", index), f"--clock={clock}", *["--cold"] * cold],
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.opened = self._read()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()

    def search(self, query: Query) -> dict[str, Any]:
        """``ms``, ``count``, ``top`` and ``years`` of a query."""
        return self._ask(query.to_record())

    def memory(self) -> dict[str, int]:
        """See ``memory.Memory``."""
        return self._ask(None)

    def _ask(self, request: dict[str, Any] | None) -> dict[str, Any]:
        if self._process.stdin is None:
            raise RuntimeError("the engine's process has no input")
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError(f"the engine's process ended with {self._process.wait()}")
        return dict(json.loads(line))


def available() -> dict[str, str | None]:
    """For every engine None where it can run here, else what it lacks."""
    return {name: None if _loads(name) else MISSING[name] for name in NAMES}


def _loads(name: str) -> bool:
    command = _worker(name, "check")
    if shutil.which(command[0]) is None:
        return False
    return not subprocess.run(
        command, env=_environment(), stderr=subprocess.DEVNULL, check=False
    ).returncode


def _worker(engine: str, task: str, index: Index | None = None) -> list[str]:
    python = SYSTEM_PYTHON if engine == "xapian" else sys.executable
    command = [python, "-m", "benchmark.worker", task, engine]
    if index:
        command += [f"--folder={index.folder}", f"--corpus={index.corpus}", f"--size={index.size}"]
    return command


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(_SCRIPTS)}
