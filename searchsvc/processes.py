"""Work on a stream in several processes: results in order, memory bounded.

Takes a function, made in each process by a factory, and items; gives the results in the items'
order. Called by the indexer, whose analysis costs more than its reading and writing.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

CHUNK_ITEMS = 200
FIRST_ITEMS = 2_000
"""Fewer items than these are worked on at once, sooner than a process would have started."""

_function: Callable[[Any], Any]


def ordered_map(
    make: Callable[..., Callable[[Item], Result]],
    arguments: tuple[Any, ...],
    items: Iterable[Item],
    processes: int | None = None,
) -> Iterator[Result]:
    """``make(*arguments)(item)`` for every item, in order; ``processes`` None: a core each but one.

    ``make``, its arguments, items and results are pickled. An exception of the function is raised
    here. The processes end with the iterator, and also when this process is killed.
    """
    function = make(*arguments)
    remaining = iter(items)
    first = list(islice(remaining, FIRST_ITEMS))
    yield from map(function, first)
    count = max(1, (os.cpu_count() or 1) - 1) if processes is None else processes
    following = next(remaining, None)
    if following is None:
        return
    yield from _pooled(make, arguments, chain((following,), remaining), count)


def _pooled(
    make: Callable[..., Callable[[Item], Result]],
    arguments: tuple[Any, ...],
    items: Iterable[Item],
    count: int,
) -> Iterator[Result]:
    pool = ProcessPoolExecutor(count, get_context("spawn"), _begin, (make, arguments))
    waiting: deque[Future[list[Result]]] = deque()
    remaining = iter(items)
    try:
        for chunk in iter(lambda: list(islice(remaining, CHUNK_ITEMS)), []):
            waiting.append(pool.submit(_work, chunk))
            if len(waiting) > 2 * count + 1:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(make: Callable[..., Callable[[Any], Any]], arguments: tuple[Any, ...]) -> None:
    global _function  # noqa: PLW0603 - what a process works with, made once as it begins
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends the pool
    _function = make(*arguments)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A process that waits for work does not notice when its parent is killed."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(chunk: list[Any]) -> list[Any]:
    return [_function(item) for item in chunk]
