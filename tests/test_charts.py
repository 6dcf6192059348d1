"""Scales of the charts: round values from nothing to a little above the highest."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.web.charts import CHART_HEIGHT, heights, lines, scale


@given(st.floats(1e-3, 1e9), st.booleans())
def test_a_scale_is_round_short_and_holds_the_highest(highest, whole):
    highest = math.ceil(highest) if whole else highest
    marks = scale(highest, whole=whole)
    step = marks[1]
    assert marks[0] == 0
    assert 2 <= len(marks) <= 6
    assert marks[-1] >= highest * (1 - 1e-6)
    assert marks[-1] - step < highest
    mantissa = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert min(abs(mantissa - n) for n in (1, 2, 5)) < 1e-6
    assert not whole or all(mark == int(mark) for mark in marks)


@pytest.mark.parametrize(
    ("highest", "whole", "labels"),
    [
        (3, True, ["0", "1", "2", "3"]),
        (1, True, ["0", "1"]),
        (1_159, False, ["0", "500", "1,000", "1,500"]),
        (0.07, False, ["0.00", "0.02", "0.04", "0.06", "0.08"]),
        (0, True, ["0", "1"]),
    ],
)
def test_marks_are_labelled_as_people_write_them(highest, whole, labels):
    marks = scale(highest, whole=whole)
    assert [label for _, label in heights(marks)] == labels


def test_the_highest_value_lies_below_the_top():
    drawn, marks = lines([("古桥", [0, 3, 2]), ("大桥", [1, 0, 0])], whole=True)
    assert marks == [0, 1, 2, 3]
    assert drawn[0].points[0][1] == CHART_HEIGHT
    assert drawn[0].points[1][1] == 0
