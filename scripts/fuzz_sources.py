"""Damaged files of every format, read as ``tests/test_sources_fuzz.py`` does; see scripts/fuzz-sources.

Ends with status 1 at the first exception, after leaving the file that raised it.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from source_files import read
from source_mutations import OPERATIONS, SEEDS, mutated

from searchsvc.settings import Settings

SMALL = Settings(max_page_bytes=1 << 20, max_archive_bytes=1 << 24, max_line_chars=1 << 16)


def main(seconds: float, seed: int) -> int:
    """Reads damaged files for so many seconds."""
    chance = random.Random(seed)
    counts: Counter[str] = Counter()
    ends = time.monotonic() + seconds
    folder = Path(tempfile.mkdtemp(prefix="fuzz-sources-"))
    while time.monotonic() < ends:
        name, content = chance.choice(list(SEEDS.items()))
        for _ in range(chance.randint(1, 6)):
            operation, place = chance.choice(OPERATIONS), chance.random()
            size = chance.choice((1, 2, 4, 16, 64))
            content = mutated(content, operation, place, size, chance.randbytes(8))
        path = folder / name
        path.write_bytes(content)
        try:
            articles, rejects = read(path, SMALL)
        except Exception:
            traceback.print_exc()
            print(f"seed {seed}: {path}", file=sys.stderr)
            return 1
        counts[name] += 1
        counts["articles"] += len(articles)
        counts["rejects"] += len(rejects)
        path.unlink()
    folder.rmdir()
    print(dict(counts))
    return 0


if __name__ == "__main__":
    given = [float(argument) for argument in sys.argv[1:]]
    sys.exit(main(given[0] if given else 60.0, int(given[1]) if len(given) > 1 else 1))
