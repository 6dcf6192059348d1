"""Time limits: they nest, belong to one thread, and end everything that a request does."""

import threading

import pytest

from searchsvc.deadlines import check, end_within, left_s, time_limit
from searchsvc.errors import QueryCostError
from searchsvc.evaluation.deadline import Deadline


def test_without_a_limit_nothing_ends():
    check()
    assert left_s() is None
    Deadline().check()


def test_a_limit_that_is_over_stops_the_next_step():
    with time_limit(5, since=-1e9):
        with pytest.raises(QueryCostError) as stopped:
            check()
        with pytest.raises(QueryCostError):
            Deadline(60).check()
        assert left_s() == 0
    assert stopped.value.params["timeout_s"] == 5
    check()


def test_what_is_inside_never_has_more_time():
    with time_limit(1):
        with time_limit(1_000):
            assert left_s() <= 1
        assert end_within(1_000)[1] == 1
        with time_limit(1e-3):
            assert left_s() <= 1e-3
        assert end_within(1e-3)[1] == 1e-3


def test_a_limit_holds_in_its_own_thread():
    seen = []
    with time_limit(5, since=-1e9):
        other = threading.Thread(target=lambda: seen.append(left_s()))
        other.start()
        other.join()
    assert seen == [None]
