"""The long version: every fault, kill and power cut of every scenario, and kills at random times.

Prints how many were tried and every one that left an index neither old nor new; fails if there is one.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from faults import harness
from faults.flips import flip_bytes
from faults.harness import Tally
from faults.scenarios import scenarios
from searchsvc import verification
from searchsvc.settings import Settings

ARTICLES = 12_000


def main() -> None:
    """Reads the options, tries, reports."""
    parser = argparse.ArgumentParser(prog="scripts/fault-injection", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenario", action="append", help="only these")
    parser.add_argument("--sites", action="store_true", help="a fault once for every call site")
    parser.add_argument("--times", type=int, default=20, help="kills at random times")
    parser.add_argument("--flips", type=int, default=2_000, help="flipped bytes that are touched")
    given = parser.parse_args()
    total = Tally()
    for scenario in scenarios():
        if given.scenario and scenario.name not in given.scenario:
            continue
        tally, rng = Tally(), random.Random(given.seed)
        with harness.bench(scenario) as tried:
            harness.inject(tried, tally, harness.every_site if given.sites else harness.every_fault)
            harness.kill(tried, tally, harness.every_kill(tried.log))
            harness.cut_power(tried, tally, rng)
            harness.fail_then_cut(tried, tally, rng)
            operations = len(tried.log)
        _tell(f"{scenario.name} ({operations} operations)", tally)
        _add(total, tally)
    if given.times and not given.scenario:
        tally = Tally()
        kill_at_random_times(given.times, random.Random(given.seed), tally)
        _tell("kills at random times", tally)
        _add(total, tally)
    if given.flips and not given.scenario:
        tally = Tally()
        flip_bytes(given.flips, random.Random(given.seed), tally)
        _tell("flipped bytes", tally)
        _add(total, tally)
    _tell(f"all, {len(total.sites)} call sites", total)
    sys.exit(1 if total.failures else 0)


def kill_at_random_times(times: int, rng: random.Random, tally: Tally) -> None:
    """Kills ``reindex`` and ``add`` of some thousand articles in processes of their own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        one = _source(folder / "one.jsonl", 1)
        many = _source(folder / "many.jsonl", ARTICLES)
        settings = Settings(index_dir=folder / "index")
        _run("reindex", one, settings).wait()
        started = time.monotonic()
        _run("reindex", many, Settings(index_dir=folder / "other")).wait()
        whole_s = time.monotonic() - started
        for number in range(times):
            process = _run(("reindex", "add")[number % 2], many, settings)
            time.sleep(rng.uniform(0.1, whole_s))
            process.send_signal(signal.SIGKILL)
            process.wait()
            (state, *_) = verification.verify(settings)
            found = None
            if state.problems or state.articles not in (1, ARTICLES):
                found = f"killed at a random time: {state.articles} articles, {state.problems}"
            tally.add("kill at a random time", found)
            if state.articles != 1:  # it was done before it was killed
                _run("reindex", one, settings).wait()


def _run(command: str, source: Path, settings: Settings) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-m", "searchsvc", command, source, "--index", settings.index_dir]
    return subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _source(path: Path, count: int) -> Path:
    records = (
        {"id": f"m{n}", "title": f"第{n}条", "body": f"质量强市建设{n}。"} for n in range(count)
    )
    path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
    return path


def _add(total: Tally, tally: Tally) -> None:
    total.tried.update(tally.tried)
    total.sites |= tally.sites
    total.failures += tally.failures


def _tell(name: str, tally: Tally) -> None:
    tried = ", ".join(f"{count:,} {what}" for what, count in sorted(tally.tried.items()))
    print(f"{name}: {tried}; {len(tally.failures)} left neither the old nor the new state")
    for failure in tally.failures:
        print(f"  {failure}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
