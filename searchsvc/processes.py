"""Work on a stream in several processes: results in order, memory bounded.

Takes a function of lists, made in each process by a factory, and items; gives the results of lists
of consecutive items in their order. Called by the indexer, whose analysis costs more than its
reading and writing.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context, parent_process
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

CHUNK_ITEMS = 500
CHUNK_SIZE = 1_000_000
FIRST_ITEMS = 2_000
"""Fewer items than these are worked on at once, sooner than a process would have started."""

_function: Callable[[Any], Any]


def ordered_map(
    make: Callable[..., Callable[[list[Item]], Result]],
    arguments: tuple[Any, ...],
    items: Iterable[Item],
    processes: int | None = None,
    size: Callable[[Item], int] = lambda _: 0,
) -> Iterator[Result]:
    """``make(*arguments)(chunk)`` for lists of up to ``CHUNK_ITEMS`` items, in order.

    A list ends, too, with the item with which the ``size`` of its items comes to ``CHUNK_SIZE``.
    ``processes`` None: a core each but one. This process works on chunks, too, where the others are
    behind. ``make``, its arguments, items and results are pickled. An exception of the function is
    raised here. The processes end with the iterator, and also when this process is killed.
    """
    function = make(*arguments)
    chunks = _chunks(items, size)
    first = list(islice(chunks, FIRST_ITEMS // CHUNK_ITEMS))
    count = max(1, (os.cpu_count() or 1) - 1) if processes is None else processes
    following = next(chunks, [])
    if not following:
        yield from map(function, first)
        return
    with _rare_collection(), _Pool(make, arguments, count) as pool:
        pool.submit(following)
        for chunk in first:
            yield function(chunk)
            pool.fill(chunks)
        while pool.waiting:
            pool.fill(chunks)
            if pool.behind and (chunk := next(chunks, [])):
                pool.put(function(chunk))
            else:
                yield pool.next()


def _chunks(items: Iterable[Item], size: Callable[[Item], int]) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    filled = 0
    for item in items:
        chunk.append(item)
        filled += size(item)
        if len(chunk) == CHUNK_ITEMS or filled >= CHUNK_SIZE:
            yield chunk
            chunk, filled = [], 0
    if chunk:
        yield chunk


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Garbage is collected rarely: a chunk is many objects, hardly any of them in a cycle, and
    looking through them over and over takes a seventh of the time.
    """
    usual = gc.get_threshold()
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


_RARELY = (200_000, 20, 100)


class _Pool:
    """Processes, and the results they owe, in the order in which their chunks were submitted."""

    def __init__(
        self, make: Callable[..., Callable[[Any], Any]], arguments: tuple[Any, ...], count: int
    ) -> None:
        self._executor = ProcessPoolExecutor(count, get_context("spawn"), _begin, (make, arguments))
        self._most = 2 * count + 1
        self.waiting: deque[Future[Any]] = deque()

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(cancel_futures=True)

    def submit(self, chunk: list[Any]) -> None:
        """Gives a chunk to the processes."""
        self.waiting.append(self._executor.submit(_work, chunk))

    def fill(self, chunks: Iterator[list[Any]]) -> None:
        """Gives chunks to the processes until they have enough to do, or enough results wait."""
        while (
            len(self.waiting) < 2 * self._most
            and sum(not future.done() for future in self.waiting) < self._most
        ):
            chunk = next(chunks, [])
            if not chunk:
                return
            self.submit(chunk)

    @property
    def behind(self) -> bool:
        """Whether the next result is still to come, and few others wait for it."""
        return not self.waiting[0].done() and len(self.waiting) <= 2 * self._most

    def put(self, result: Any) -> None:
        """Keeps the result of a chunk that stands behind all that were submitted."""
        done: Future[Any] = Future()
        done.set_result(result)
        self.waiting.append(done)

    def next(self) -> Any:
        """The next result, when it is there."""
        return self.waiting.popleft().result()


def _begin(make: Callable[..., Callable[[Any], Any]], arguments: tuple[Any, ...]) -> None:
    global _function  # noqa: PLW0603 - what a process works with, made once as it begins
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the pool
    _function = make(*arguments)
    gc.freeze()
    gc.set_threshold(*_RARELY)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A process that waits for work does not notice when its parent is killed."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(chunk: list[Any]) -> Any:
    return _function(chunk)
