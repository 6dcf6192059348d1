"""Random query trees over random archives, checked as ``tests/test_evaluation_fuzz.py`` does.

Archives lie now in segments of our own codec, now in plain dictionaries beside a Whoosh index.
Prints what Whoosh said to the trees that it knows; ends with status 1 at the first difference,
after naming the archive's seed and the tree.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from codec_index import CodecIndex
from evaluation_checks import Archive
from memory_arrays import MemoryIndex

TREES_PER_ARCHIVE = 250
SIZES = ((120, 80, 40), (300,), (30, 1, 1, 20, 5), (200, 150), (700,), (60, 60, 60, 60, 60))
"""Documents in each segment, for one archive after the other."""


def main() -> int:
    """Checks as many trees as asked for."""
    parser = argparse.ArgumentParser(description="Check evaluation against a brute force.")
    parser.add_argument("trees", type=int, nargs="?", default=5_000)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    options = parser.parse_args()
    witnessed: Counter[str] = Counter()
    started, done = time.monotonic(), 0
    while done < options.trees:
        number = done // TREES_PER_ARCHIVE
        seed, make_index = (
            options.seed + number,
            (CodecIndex, MemoryIndex)[number // len(SIZES) % 2],
        )
        archive = Archive(seed, SIZES[number % len(SIZES)], make_index)
        for _ in range(min(TREES_PER_ARCHIVE, options.trees - done)):
            try:
                archive.check(archive.generator.tree())
            except AssertionError as error:
                print(f"seed {seed}, {make_index.__name__}: {error}", file=sys.stderr)
                return 1
            done += 1
        witnessed += archive.witnessed
        archive.index.close()
        print(f"{done} trees, {time.monotonic() - started:.0f} s", flush=True)
    print(f"all as the brute force has it; Whoosh: {dict(witnessed)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
