"""Reindexes sources in a process of its own and prints what it took; see scripts/bench-reindex.

First an index of the sample is made, then a reindex of the sources is killed half-way (SIGKILL) and
the sample must still be found; then the reindex runs to its end, and is searched.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUERY = "质量"
KILLED_AFTER_S = 10


def command(index: Path, *arguments: str) -> list[str]:
    """A searchsvc command line on this index."""
    return [sys.executable, "-m", "searchsvc", *arguments, "--index", str(index)]


def total(index: Path) -> int:
    """How many articles a query finds."""
    done = subprocess.run(
        command(index, "search", QUERY, "--json"), capture_output=True, check=True
    )
    return int(json.loads(done.stdout)["total"])


def main(paths: list[str]) -> None:
    """Measures and prints."""
    if not paths:
        sys.exit("usage: scripts/bench-reindex PATH...")
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder, "index")
        subprocess.run(command(index, "reindex", "--sample"), capture_output=True, check=True)
        of_sample = total(index)

        killed = subprocess.Popen(command(index, "reindex", *paths), stderr=subprocess.DEVNULL)
        time.sleep(KILLED_AFTER_S)
        was_running = killed.poll() is None
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        survived = total(index) == of_sample

        started = time.monotonic()
        done = subprocess.run(
            command(index, "reindex", *paths, "--json"), stdout=subprocess.PIPE, check=True
        )
        seconds = time.monotonic() - started
        report = json.loads(done.stdout)
        peak_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        sizes = {p.parent.name: 0 for p in index.rglob("data")}
        for path in index.rglob("data/*"):
            sizes[path.parent.parent.name] += path.stat().st_size
        print(
            json.dumps(
                {
                    "articles": report["articles"],
                    "rejects": report["rejects"],
                    "seconds": round(seconds, 1),
                    "articles_per_second": round(report["articles"] / seconds),
                    "peak_memory_mb": round(peak_kib * 1024 / 1e6),
                    "index_mb": round(sizes[report["generation"]] / 1e6, 1),
                    "killed_while_running": was_running,
                    "old_index_served_after_kill": survived,
                    f"hits_for_{QUERY}": total(index),
                },
                ensure_ascii=False,
                indent=2,
            )
        )


if __name__ == "__main__":
    main(sys.argv[1:])
