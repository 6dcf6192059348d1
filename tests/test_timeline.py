"""Buckets of time against plain counting."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.errors import CallerError
from searchsvc.timeline import INTERVALS, NO_DAYS, Bucket, Days, buckets, fitting_interval, spread

DAYS = st.dates(date(1995, 1, 1), date(2004, 12, 31))
COUNTS = st.dictionaries(DAYS, st.integers(1, 1_000), max_size=30)


@given(counts=COUNTS, interval=st.sampled_from(INTERVALS))
def test_buckets_hold_every_day_once_and_leave_no_gap(counts, interval):
    made = buckets(Days.of(counts), interval)
    assert sum(b.count for b in made) == sum(counts.values())
    for one, following in pairwise(made):
        assert one.end + timedelta(1) == following.start
    length = {"year": 4, "month": 7, "day": 10}[interval]
    wanted = Counter()
    for day, count in counts.items():
        wanted[day.isoformat()[:length]] += count
    assert {b.label: b.count for b in made if b.count} == wanted


@given(counts=COUNTS, asked=DAYS)
def test_days_are_a_mapping_in_order(counts, asked):
    days = Days.of(counts)
    assert list(days.items()) == sorted(counts.items())
    assert days.get(asked) == counts.get(asked)
    if counts:
        assert (days.first, days.last) == (min(counts), max(counts))


def test_nothing_has_no_buckets():
    assert buckets(NO_DAYS, "year") == ()


def test_a_spread_leaves_out_what_is_outside():
    counts = {date(2017, 12, 31): 1, date(2018, 2, 3): 2, date(2018, 4, 1): 4}
    made = spread(Days.of(counts), "month", date(2018, 1, 15), date(2018, 3, 1))
    assert [(b.label, b.count) for b in made] == [("2018-01", 0), ("2018-02", 2), ("2018-03", 0)]
    assert made[1] == Bucket(date(2018, 2, 1), date(2018, 2, 28), 2)


def test_the_last_day_of_the_calendar():
    assert [b.label for b in buckets(Days.of({date.max: 1}), "month")] == ["9999-12"]


def test_too_many_buckets_are_refused():
    with pytest.raises(CallerError) as caught:
        buckets(Days.of({date(1900, 1, 1): 1, date(2020, 1, 1): 1}), "day")
    assert caught.value.code == "request.too_many_buckets"


def test_the_interval_fits_the_span():
    first = date(2018, 1, 1)
    assert fitting_interval(first, first) == "day"
    assert fitting_interval(first, date(2018, 12, 31)) == "month"
    assert fitting_interval(first, date(2030, 1, 1)) == "year"
