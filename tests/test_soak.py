"""Readers of two workers while the index is rebuilt and updated; scripts/soak does so for minutes."""

from soak import soak


def test_readers_get_the_answers_of_a_state_that_was_current():
    soaked = soak(minutes=0.3, articles=60)
    assert soaked.errors == []
    assert soaked.wrong == []
    assert soaked.answers > 20
    assert soaked.changes >= 2
    assert soaked.more_files <= 8
