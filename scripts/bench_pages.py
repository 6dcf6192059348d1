"""How fast pages are read and segmented: ``bench-pages [--profile] PAGE...``.

Reads each page again and again, from the file on disk to validated articles, and prints the median
of pages a second of processor time on one core.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
from pathlib import Path
from statistics import median
from time import process_time

from searchsvc.sources import Reject, SourceFile, find_sources, read_source

ROUNDS = 15
PAGES_A_ROUND = 20


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    files = find_sources(arguments.pages)
    _read(files)
    if arguments.profile:
        with cProfile.Profile() as profile:
            for _ in range(PAGES_A_ROUND):
                _read(files)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
        return
    rates = []
    for _ in range(ROUNDS):
        started = process_time()
        for _ in range(PAGES_A_ROUND):
            _read(files)
        rates.append(PAGES_A_ROUND * len(files) / (process_time() - started))
    size = sum(file.size_bytes for file in files) / len(files)
    print(f"{median(rates):.0f} pages of {size / 1000:.1f} kB a second ({len(files)} files)")


def _read(files: list[SourceFile]) -> None:
    for file in files:
        for item in read_source(file, lambda _: None):
            if isinstance(item, Reject):
                raise SystemExit(item.message())


if __name__ == "__main__":
    main()
