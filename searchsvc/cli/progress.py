"""Progress of long work: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from searchsvc.cli.edge import say
from searchsvc.sources import Reject

LINE_INTERVAL_S = 5.0


class TerminalProgress:
    """A bar with rate, share, time gone and time left, on standard error."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            DownloadColumn(binary_units=True),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task: TaskID | None = None
        self._counter = _Counter()

    def start(self, total_bytes: int) -> None:
        """Reading begins."""
        self._task = self._progress.add_task("", total=total_bytes or 1, count="")
        self._progress.start()

    def advance(self, n_bytes: int) -> None:
        """So many more bytes were read."""
        if self._task is not None:
            self._progress.advance(self._task, n_bytes)

    def article(self) -> None:
        """One article was indexed."""
        self._counter.articles += 1
        if self._task is not None and self._counter.articles % 20 == 0:
            self._progress.update(self._task, count=self._counter.rate())

    def reject(self, reject: Reject) -> None:
        """One record was not indexed; the report lists it."""
        self._counter.rejects += 1

    def phase(self, name: str) -> None:
        """Another step begins."""
        if self._task is not None:
            self._progress.update(self._task, description=say(f"phase.{name}"))

    def finish(self) -> None:
        """The work is over."""
        self._progress.stop()


class LineProgress:
    """A line for every step, and one every few seconds, on standard error."""

    def __init__(self) -> None:
        self._total_bytes = self._bytes = 0
        self._counter = _Counter()
        self._last_line = time.monotonic()

    def start(self, total_bytes: int) -> None:
        """Reading begins."""
        self._total_bytes = total_bytes

    def advance(self, n_bytes: int) -> None:
        """So many more bytes were read."""
        self._bytes += n_bytes

    def article(self) -> None:
        """One article was indexed."""
        self._counter.articles += 1
        if time.monotonic() - self._last_line >= LINE_INTERVAL_S:
            self._last_line = time.monotonic()
            share = self._bytes / self._total_bytes if self._total_bytes else 1.0
            left = self._counter.elapsed_s() * (1 - share) / share if share else 0.0
            line = say(
                "progress", percent=f"{share:.0%}", count=self._counter.rate(), left=f"{left:.0f}"
            )
            click.echo(line, err=True)

    def reject(self, reject: Reject) -> None:
        """One record was not indexed; the report lists it."""
        self._counter.rejects += 1

    def phase(self, name: str) -> None:
        """Another step begins."""
        click.echo(say(f"phase.{name}"), err=True)

    def finish(self) -> None:
        """The work is over."""


class _Counter:
    def __init__(self) -> None:
        self.articles = self.rejects = 0
        self._started = time.monotonic()

    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    def rate(self) -> str:
        """``1,234 articles, 500/s`` in the run's language."""
        per_second = self.articles / max(self.elapsed_s(), 1e-6)
        return say("rate", articles=f"{self.articles:,}", per_second=f"{per_second:,.0f}")


def make_progress() -> TerminalProgress | LineProgress:
    """The progress that suits standard error."""
    return TerminalProgress() if sys.stderr.isatty() else LineProgress()
