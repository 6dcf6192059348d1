"""The memory of this process, from Linux's /proc."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Memory(NamedTuple):
    """Bytes: the process's own, those mapped from files included, and the most it ever had."""

    anonymous_bytes: int
    resident_bytes: int
    peak_resident_bytes: int


def measure_memory() -> Memory:
    """The memory of this process now."""
    rollup = _kib("/proc/self/smaps_rollup")
    status = _kib("/proc/self/status")
    return Memory(rollup["Anonymous"] * 1024, rollup["Rss"] * 1024, status["VmHWM"] * 1024)


def _kib(path: str) -> dict[str, int]:
    """The lines ``name: number kB`` of a file."""
    lines = (line.split() for line in Path(path).read_text(encoding="utf-8").splitlines())
    return {w[0].rstrip(":"): int(w[1]) for w in lines if len(w) == 3 and w[2] == "kB"}
