"""The merge policy keeps few segments and rewrites each article a few times only."""

from hypothesis import given
from hypothesis import strategies as st

from searchsvc.postings.policy import FACTOR, select_merge


def merged(sizes):
    """The sizes after all merges that are due, and how many documents were rewritten."""
    rewritten = 0
    while chosen := select_merge(sizes, sizes):
        total = sum(sizes[number] for number in chosen)
        rewritten += total
        sizes = [size for number, size in enumerate(sizes) if number not in chosen[1:]]
        sizes[chosen[0]] = total
    return sizes, rewritten


@given(st.lists(st.integers(1, 2_000_000), max_size=60))
def test_merging_ends_and_loses_nothing(sizes):
    left, _ = merged(sizes)
    assert sum(left) == sum(sizes)
    assert len(left) <= 8 * (FACTOR - 1)


def test_a_thousand_commits_leave_few_segments_and_little_rewriting():
    sizes, rewritten = [], 0
    for _ in range(1_000):
        sizes, more = merged([*sizes, 500])
        rewritten += more
        assert len(sizes) <= 15
    assert rewritten <= 7 * 500_000


def test_small_segments_leave_a_large_one_alone():
    assert select_merge([1_000_000, 1, 1, 1, 1], [1_000_000, 1, 1, 1, 1]) == [1, 2, 3, 4]
    assert select_merge([1_000_000, 1, 1, 1], [1_000_000, 1, 1, 1]) == []


def test_a_segment_that_is_half_deleted_is_rewritten():
    assert select_merge([5_000, 40_000], [10_000, 40_000]) == [0]
    assert select_merge([5_001, 40_000], [10_000, 40_000]) == []
    assert select_merge([], []) == []
