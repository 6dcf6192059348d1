"""Work in several processes: in order, whole, and gone when its parent is."""

import os
import signal
import subprocess
import sys
import time
from itertools import chain, count, islice
from pathlib import Path

import pytest

from searchsvc.processes import CHUNK_ITEMS, CHUNK_SIZE, FIRST_ITEMS, ordered_map


def make_square(offset):
    def square(numbers):
        if min(numbers) < 0:
            raise ValueError(min(numbers))
        return [number * number + offset for number in numbers]

    return square


def make_count():
    return len


def flat(results):
    return chain.from_iterable(results)


def make_pid():
    return lambda items: [os.getpid()] * len(items)


@pytest.mark.parametrize("size", [0, 1, FIRST_ITEMS, FIRST_ITEMS + 1, FIRST_ITEMS + 1_234])
def test_results_come_in_order(size):
    found = list(flat(ordered_map(make_square, (7,), range(size), processes=2)))
    assert found == [n * n + 7 for n in range(size)]


def test_few_items_need_no_process_and_many_have_some():
    pids = list(flat(ordered_map(make_pid, (), range(FIRST_ITEMS + 20_000), processes=2)))
    assert set(pids[:FIRST_ITEMS]) == {os.getpid()}
    assert len(pids) == FIRST_ITEMS + 20_000
    assert set(pids[FIRST_ITEMS:]) - {os.getpid()}


def test_an_endless_stream_is_not_read_ahead_without_bound():
    read = []
    results = ordered_map(make_square, (0,), (read.append(n) or n for n in count()), processes=2)
    assert list(islice(flat(results), FIRST_ITEMS + 1))[-1] == FIRST_ITEMS**2
    results.close()
    assert len(read) < FIRST_ITEMS + 25 * CHUNK_ITEMS


def test_what_waits_for_a_slow_reader_is_bounded():
    read, taken = [], 0
    results = ordered_map(make_square, (0,), (read.append(n) or n for n in count()), processes=2)
    ahead = []
    for numbers in islice(results, 40):
        time.sleep(0.03)  # the processes are done with everything they were given
        taken += len(numbers)
        ahead.append(len(read) - taken)
    results.close()
    assert max(ahead) < 15 * CHUNK_ITEMS


def test_large_items_make_short_lists():
    size = CHUNK_SIZE // 3 + 1
    sizes = list(ordered_map(make_count, (), range(10), processes=1, size=lambda _: size))
    assert sizes == [3, 3, 3, 1]


@pytest.mark.parametrize("place", [10, FIRST_ITEMS + 300])
def test_an_error_is_raised_where_it_belongs(place):
    items = [-1 if n == place else n for n in range(FIRST_ITEMS + 1_000)]
    seen = []
    with pytest.raises(ValueError, match="-1"):
        seen.extend(flat(ordered_map(make_square, (0,), items, processes=2)))


PROGRAM = """
import os, sys, time
sys.path.insert(0, {folder!r})
from test_processes import make_pid
from searchsvc.processes import ordered_map
if __name__ == "__main__":
    for pids in ordered_map(make_pid, (), range(10**9), processes=2):
        if pids[0] != os.getpid():
            print(pids[0], flush=True)
            time.sleep(60)
"""


def test_processes_end_when_their_parent_is_killed(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(folder=str(Path(__file__).parent)), encoding="utf-8")
    parent = subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    end = time.monotonic() + 120
    while Path(f"/proc/{child}").exists() and state(child) != "Z":
        assert time.monotonic() < end, "the process is still there"
        time.sleep(0.05)


def state(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"
