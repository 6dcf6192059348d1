"""Runs scenarios under faults and holds the index after each against the old and the new state."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from unittest import mock

from silent import Silent

from faults.model import Disk, Tree, digest, write_tree
from faults.scenarios import (
    MISSING,
    Scenario,
    content,
    copy_work,
    settings_of,
    sharing_analyzer,
    write_source,
)
from faults.shim import Operation, Shim
from searchsvc import indexer
from searchsvc.errors import CommittedError, SearchsvcError

# A folder of our own is made in it.
MEMORY: Final = "/dev/shm"  # nosec B108


@dataclass
class Tally:
    """What was tried, and every time that the index was neither in the old nor in the new state."""

    tried: Counter[str] = field(default_factory=Counter)
    sites: set[str] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)

    def add(self, what: str, found: str | None) -> None:
        """Counts a try; ``found`` says what is wrong."""
        self.tried[what] += 1
        if found is not None:
            self.failures.append(found)


class Bench:
    """A scenario with its prepared folder, its old and its new state, and its operations."""

    def __init__(self, scenario: Scenario, folder: Path) -> None:
        self.scenario = scenario
        self._prepared, self.work = folder / "prepared", folder / "work"
        self.work.mkdir()
        scenario.prepare(self.work)
        copy_work(self.work, self._prepared)
        self.old = content(self.work / "index")
        self.disk = Disk(self.work)
        shim = Shim(self.work, keep_data=True)
        with shim.installed():
            scenario.run(self.work)
        self.log = shim.log
        self.new = content(self.work / "index")
        self.product = content(self.work / scenario.product) if scenario.product else MISSING

    def fresh(self) -> None:
        """Brings the work folder into the state before the run."""
        copy_work(self._prepared, self.work)

    def wrong(self, work: Path, *, done: bool = False) -> str | None:
        """What is wrong with the state of a work folder, None where it is the old or the new one.

        ``done``: the run ended well, and only the new one will do.
        """
        allowed = {self.new} if done else {self.old, self.new}
        try:
            found = content(work / "index")
            if found not in allowed:
                return (
                    f"neither old nor new: {found}" if not done else "done, but not the new state"
                )
            if self.scenario.product:
                product = content(work / self.scenario.product)
                if product not in ({self.product} if done else {self.product, MISSING}):
                    return f"the {self.scenario.product} is not whole"
                if product == MISSING and (work / self.scenario.product).exists():
                    return f"the {self.scenario.product} is there and empty"
        except (SearchsvcError, AssertionError, OSError) as error:
            return f"cannot be opened: {error}"
        return None

    def reads_source(self, operation: Operation) -> bool:
        """Whether it opens a file that articles come from: a run goes on without what it cannot read,
        says so, and the next one reads it.
        """
        path = Path(operation.path).relative_to(self.work)
        is_source = path.parts[:1] == ("sources",) or path.parts == (path.stem + ".jsonl",)
        return operation.kind == "open" and is_source

    def told_wrongly(self, work: Path, error: BaseException | None) -> str | None:
        """What is untrue of an error: that it was done where it was not, or the other way round."""
        if error is None:
            return None
        state = content(work / "index")
        product = content(work / self.scenario.product) if self.scenario.product else MISSING
        done = (state, product) == (self.new, self.product)
        if isinstance(error, CommittedError) == done:
            return None
        return f"{'done' if done else 'not done'}, and told {error}"

    def next_run_fails(self, work: Path) -> str | None:
        """What keeps the next runs from working: the same again, and an added article."""
        try:
            if self.scenario.product:
                shutil.rmtree(work / self.scenario.product, ignore_errors=True)
            self.scenario.run(work)
            if self.scenario.name != "rollback" and content(work / "index") != self.new:
                return "the next run gives another state"
            indexer.add(settings_of(work), [write_source(work / "last.jsonl", 90)], Silent())
            content(work / "index")
        except (SearchsvcError, AssertionError, OSError) as error:
            return f"the next run fails: {error}"
        return None

    def in_tree(self, tree: Tree, check: Callable[[Path], str | None]) -> str | None:
        """Checks a tree of the model, made in the place of the work folder."""
        shutil.rmtree(self.work)
        write_tree(tree, self.work)
        return check(self.work)


@contextmanager
def bench(scenario: Scenario) -> Iterator[Bench]:
    """A scenario ready to be tried.

    In memory, and without the system's own syncs: what they keep is the model's business, and a
    killed process loses nothing of what it wrote.
    """
    memory = MEMORY if Path(MEMORY).is_dir() else None
    with (
        sharing_analyzer(),
        mock.patch.object(os, "fsync", lambda _: None),
        tempfile.TemporaryDirectory(prefix="faults", dir=memory) as folder,
    ):
        yield Bench(scenario, Path(folder))


def inject(
    bench: Bench, tally: Tally, points: Callable[[list[Operation]], list[tuple[int, str]]]
) -> None:
    """Lets single operations fail, each in a run of its own."""
    for number, fault in points(bench.log):
        bench.fresh()
        shim = Shim(bench.work, _failing(number, fault))
        error: BaseException | None = None
        with shim.installed():
            try:
                bench.scenario.run(bench.work)
            except SearchsvcError as raised:
                error = raised
            except Exception as raised:  # whatever it is, it is told
                error = raised
                tally.failures.append(_where(bench, number, fault, f"raised {raised!r}"))
        tally.sites.add(f"{bench.log[number].kind} {bench.log[number].site}")
        found = None
        if not bench.reads_source(bench.log[number]):
            found = bench.wrong(bench.work, done=error is None)
            found = found or bench.told_wrongly(bench.work, error)
        found = found or bench.next_run_fails(bench.work)
        tally.add(f"fault {fault}", found and _where(bench, number, fault, found))


def fail_then_cut(bench: Bench, tally: Tally, rng: random.Random, most: int | None = None) -> None:
    """Lets single syncs fail, ``most`` of them, and cuts the power when the run has ended."""
    syncs = [n for n, operation in enumerate(bench.log) if operation.kind == "fsync"]
    for number in syncs if most is None else rng.sample(syncs, min(most, len(syncs))):
        bench.fresh()
        disk, shim = Disk(bench.work), Shim(bench.work, _failing(number, "EIO"), keep_data=True)
        done = True
        with shim.installed():
            try:
                bench.scenario.run(bench.work)
            except SearchsvcError:
                done = False
        for operation in shim.log:
            disk.do(operation)
        for tree in {digest(tree): tree for tree in disk.after_power_cut(rng)}.values():
            found = bench.in_tree(tree, lambda work, done=done: bench.wrong(work, done=done))
            tally.add("failed sync, then power cut", found and _where(bench, number, "EIO", found))


def every_fault(log: list[Operation]) -> list[tuple[int, str]]:
    """Every fault that fits at every operation."""
    return [(n, fault) for n, operation in enumerate(log) for fault in FAULTS[operation.kind]]


def every_site(log: list[Operation]) -> list[tuple[int, str]]:
    """Every fault that fits at every place of the program that asks for an operation, once."""
    first: dict[tuple[str, str], int] = {}
    for number, operation in enumerate(log):
        first.setdefault((operation.kind, operation.site), number)
    return [(n, fault) for (kind, _), n in first.items() for fault in FAULTS[kind]]


FAULTS = {
    "create": ("ENOSPC", "EIO", "ENOSPC from here"),
    "write": ("ENOSPC", "EIO", "short", "half, then ENOSPC", "ENOSPC from here"),
    "truncate": ("EIO",),
    "fsync": ("EIO", "ENOSPC"),
    "rename": ("EIO", "ENOSPC"),
    "unlink": ("EIO",),
    "rmdir": ("EIO",),
    "mkdir": ("ENOSPC", "EIO"),
    "open": ("EIO",),
    "mmap": ("ENOMEM",),
    "failed": (),
}


def _failing(number: int, fault: str) -> Callable[[int, Operation], int | None]:
    code = getattr(errno, fault.split(maxsplit=1)[0], errno.ENOSPC)
    half = [False]

    def hook(now: int, operation: Operation) -> int | None:
        if fault.endswith("from here"):
            if now >= number and operation.kind in ("create", "write", "mkdir"):
                raise OSError(code, os.strerror(code), operation.path)
            return None
        if half[0] and operation.kind == "write":
            raise OSError(code, os.strerror(code), operation.path)
        if now != number:
            return None
        if fault == "short":
            return max(1, len(operation.data) // 2)
        if fault.startswith("half"):
            half[0] = True
            return max(1, len(operation.data) // 2)
        raise OSError(code, os.strerror(code), operation.path)

    return hook


def cut_power(
    bench: Bench, tally: Tally, rng: random.Random, most: int | None = None, next_runs: int = 7
) -> None:
    """Opens what the disk may hold after a power cut at any operation; ``most`` trees of them.

    After every ``next_runs``-th, further runs are tried, too.
    """
    seen: set[tuple[str, bool]] = set()
    trees: list[tuple[int, Tree, bool]] = []
    for number, operation in enumerate(bench.log):
        bench.disk.do(operation)
        done = number == len(bench.log) - 1
        for tree in bench.disk.after_power_cut(rng):
            name = (digest(tree), done)
            if name not in seen:
                seen.add(name)
                trees.append((number, tree, done))
    if most is not None and len(trees) > most:
        last = [tree for tree in trees if tree[2]]
        trees = rng.sample(trees, most - len(last)) + last
    for count, (number, tree, done) in enumerate(trees):

        def check(work: Path, count: int = count, done: bool = done) -> str | None:
            found = bench.wrong(work, done=done)
            if found is None and count % next_runs == 0:
                found = bench.next_run_fails(work)
            return found

        found = bench.in_tree(tree, check)
        tally.add("power cut", found and _where(bench, number, "power cut", found))


def kill(bench: Bench, tally: Tally, points: list[tuple[int, str]], next_runs: int = 5) -> None:
    """Kills processes before an operation, or in the middle of a write."""
    for count, (number, how) in enumerate(points):
        bench.fresh()
        pid = os.fork()
        if pid == 0:
            _run_to_its_death(bench, number, how)
        _, status = os.waitpid(pid, 0)
        if os.WIFEXITED(status):
            tally.tried["not reached"] += 1
            continue
        found = bench.wrong(bench.work)
        if found is None and count % next_runs == 0:
            found = bench.next_run_fails(bench.work)
        tally.add("kill", found and _where(bench, number, how, found))


def every_kill(log: list[Operation]) -> list[tuple[int, str]]:
    """Before every operation, and in the middle of every write."""
    points = [(n, "kill before") for n in range(len(log))]
    return points + [(n, "kill within") for n, o in enumerate(log) if o.kind == "write"]


def _run_to_its_death(bench: Bench, number: int, how: str) -> None:
    """In a child: runs until the operation. Leaves without cleaning up, whatever happens."""
    reached = [False]

    def hook(now: int, operation: Operation) -> int | None:
        if reached[0] or (now == number and how == "kill before"):
            os.kill(os.getpid(), signal.SIGKILL)
        if now == number:
            reached[0] = True
            return max(1, len(operation.data) // 2)
        return None

    with suppress(BaseException), Shim(bench.work, hook).installed():
        bench.scenario.run(bench.work)
    os._exit(0)


def _where(bench: Bench, number: int, what: str, found: str) -> str:
    operation = bench.log[number]
    name = Path(operation.path).relative_to(bench.work)
    return (
        f"{bench.scenario.name}, {what} at {number} of {len(bench.log)} "
        f"({operation.kind} {name}, {operation.site}): {found}"
    )
