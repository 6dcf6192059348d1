"""Times suggestions in process over an index; see scripts/bench-suggestions."""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path
from statistics import median, quantiles

from pypinyin import lazy_pinyin

from searchsvc.analysis import Analyzer
from searchsvc.generations import current_generation
from searchsvc.suggestions import SuggestionArchive
from searchsvc.suggestions.entries import Kind, is_han
from searchsvc.suggestions.lexicon import Lexicon

LIMIT = 8


def typed_texts(lexicon: Lexicon, n: int, seed: int) -> dict[str, list[str]]:
    """Beginnings of titles' and words' texts: as characters, pinyin, initials, and with a slip."""
    rng = random.Random(seed)
    kinds: dict[str, list[str]] = {
        name: []
        for name in ("characters", "middle of a title", "pinyin", "initials", "pinyin, slip")
    }
    while len(kinds["pinyin, slip"]) < n:
        row = rng.randrange(len(lexicon))
        text = lexicon.key(row)
        size = rng.randint(1, 6)
        if not is_han(text[:size]) or len(text) < 2:
            continue
        kinds["characters"].append(text[:size])
        if lexicon.kind(row) is Kind.TITLE:
            start = rng.randrange(len(text))
            kinds["middle of a title"].append(text[start : start + size])
        letters = "".join(lazy_pinyin(text[:size]))
        kinds["pinyin"].append(letters[: rng.randint(1, len(letters))])
        kinds["initials"].append("".join(syllable[0] for syllable in lazy_pinyin(text[:size])))
        place = rng.randrange(len(letters))
        kinds["pinyin, slip"].append(
            letters[:place] + rng.choice("aeghinou") + letters[place + 1 :]
        )
    return kinds


def main() -> None:
    """Reads the arguments, measures, prints a table."""
    parser = argparse.ArgumentParser(prog="scripts/bench-suggestions")
    parser.add_argument("index", type=Path)
    parser.add_argument("--texts", type=int, default=500, help="of each kind (500)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    given = parser.parse_args()
    clock = time.process_time if given.clock == "cpu" else time.perf_counter
    base = current_generation(given.index) / "suggestions" / "base.svc"
    analyzer = Analyzer()
    started = clock()
    archive = SuggestionArchive(Lexicon(base), None, analyzer)
    archive.complete("中", LIMIT)
    print(f"opening and first text {(clock() - started) * 1_000:.1f} ms")
    everything = []
    for name, texts in typed_texts(Lexicon(base), given.texts, given.seed).items():
        times = []
        for text in texts:
            started = clock()
            archive.complete(text, LIMIT)
            times.append((clock() - started) * 1_000)
        everything += times
        print(f"{name:<18} p50 {median(times):6.2f} ms   p95 {quantiles(times, n=20)[-1]:6.2f} ms")
    print(
        f"{'all':<18} p50 {median(everything):6.2f} ms   p95 {quantiles(everything, n=20)[-1]:6.2f} ms"
    )


if __name__ == "__main__":
    main()
