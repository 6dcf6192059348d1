"""Lexical cohesion: sums over chains against the plain definition."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.pages.characters import BIT, Characters
from searchsvc.pages.cohesion import (
    MEMORY_CHARS,
    PRIOR_SHARE,
    PRIOR_WEIGHT,
    chains,
    content_pairs,
    depths,
)


def chains_of(text):
    told = Characters((text,), np.array([len(text)]))
    return chains(told.codes, (told.bits & BIT["content"]).astype(np.bool_))


TEXTS = st.text("水管道供桥石的，a", min_size=2, max_size=60)


def plain(text, gap, window, backwards):
    """The share by its definition, over all bigrams of content characters."""
    pairs = [(n, text[n : n + 2]) for n in range(len(text) - 1) if content_pairs(text[n : n + 2])]
    counts = {pair: sum(other == pair for _, other in pairs) for _, pair in pairs}
    before = {p for n, p in pairs if gap - MEMORY_CHARS <= n < gap and counts[p] > 1}
    after = {p for n, p in pairs if gap <= n < gap + window and counts[p] > 1}
    asked, other = (before, after) if backwards else (after, before)
    weight = {pair: log(1 + 300 / count) for pair, count in counts.items()}
    held = sum(weight[p] for p in asked & other)
    return (held + PRIOR_SHARE * PRIOR_WEIGHT) / (sum(weight[p] for p in asked) + PRIOR_WEIGHT)


@given(TEXTS, st.integers(1, 30))
def test_shares_are_those_of_the_definition(text, window):
    gaps = np.arange(len(text))
    found = chains_of(text)
    after, before = found.share_after(gaps, window), found.share_before(gaps, window)
    for gap in gaps.tolist():
        assert after[gap] == pytest.approx(plain(text, gap, window, False))
        assert before[gap] == pytest.approx(plain(text, gap, window, True))


def test_little_to_judge_by_gives_the_prior():
    for text in ("水", "没有重复"):
        gaps = np.zeros(1, np.int64)
        assert chains_of(text).share_after(gaps, 100) == pytest.approx(PRIOR_SHARE)


def test_a_valley_is_as_deep_as_the_peaks_beside_it():
    assert depths(np.array([0.5, 0.2, 0.6, 0.6])) == pytest.approx([0, 0.7, 0, 0])
    assert len(depths(np.zeros(0))) == 0
