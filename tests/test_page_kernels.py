"""The compiled loops over a page give what those in NumPy give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.pages import array_kernels
from searchsvc.pages.states import ALLOWED, MAY_BEGIN, STATES

compiled_kernels = pytest.importorskip("searchsvc.pages.compiled_kernels", exc_type=ImportError)


def in_order(found):
    order = np.argsort(found[0], kind="stable")
    return [part[order].tolist() for part in found]


@given(st.text("水管道，a", max_size=60))
def test_the_same_bigrams_recur(text):
    codes = np.array(list(map(ord, text)), np.uint32)
    content = codes != ord("，")
    found = [k.recurring(codes, content) for k in (array_kernels, compiled_kernels)]
    assert in_order(found[0]) == in_order(found[1])


@given(st.integers(1, 40), st.integers(0, 30), st.integers(0, 9))
def test_the_same_spans_are_covered(length, spans, seed):
    random = np.random.default_rng(seed)
    gaps = np.unique(random.integers(0, length, size=5))
    begins, ends = random.integers(-1, length + 1, size=(2, 2, spans))
    arguments = (gaps, length, begins[0], ends[0], begins[1], ends[1], random.random(spans))
    for ours, theirs in zip(
        compiled_kernels.covered(*arguments), array_kernels.covered(*arguments), strict=True
    ):
        assert ours == pytest.approx(theirs)


@given(st.integers(1, 8), st.integers(0, 99))
def test_the_same_path_is_best(lines, seed):
    random = np.random.default_rng(seed)
    scores = random.integers(0, 3, size=(lines, len(STATES))).astype(np.float64)
    transitions = np.where(ALLOWED, random.integers(0, 3, size=ALLOWED.shape), -1e9)
    ours = compiled_kernels.best_path(scores, transitions, MAY_BEGIN)
    assert ours.tolist() == array_kernels.best_path(scores, transitions, MAY_BEGIN).tolist()


@given(st.integers(1, 5), st.integers(0, 99))
def test_the_same_scores_are_told(lines, seed):
    random = np.random.default_rng(seed)
    values = random.normal(size=(lines, 7)) * random.integers(0, 2, size=(lines, 7))
    cues = random.normal(size=(7, len(STATES)))
    ours = compiled_kernels.state_scores(values, cues)
    assert ours == pytest.approx(array_kernels.state_scores(values, cues))


@st.composite
def lines_of_ids(draw):
    """Numbers of bigrams, starts of lines, which are running, weights, told, gaps."""
    lengths = draw(st.lists(st.integers(1, 9), min_size=1, max_size=8))
    starts = np.concatenate([[0], np.cumsum(lengths)])
    ids = np.array([draw(st.integers(-1, 6)) for _ in range(starts[-1])], np.int64)
    running = np.array([draw(st.booleans()) for _ in lengths])
    weights = np.array([0.3, 1.0, 1.0, 0.3, 1.0, 1.0, 1.0])
    kept = np.repeat(running, lengths) & (ids >= 0)
    gaps = np.concatenate([[0], np.cumsum(kept)])[starts[:-1]]
    return ids, starts, running, weights, ids[kept], gaps


@given(st.text("水管道，a", max_size=60))
def test_the_same_bigrams_are_numbered(text):
    codes = np.array(list(map(ord, text)), np.uint32)
    content = codes != ord("，")
    told = []
    for kernels in (array_kernels, compiled_kernels):
        ids, keys = kernels.pair_ids(codes, content)
        told.append([int(keys[n]) if n >= 0 else -1 for n in ids])
        assert len(set(keys.tolist())) == len(keys)
    assert told[0] == told[1]


@given(lines_of_ids(), st.integers(1, 9), st.integers(1, 9))
def test_the_same_vocabulary_is_shared(page, back, ahead):
    ids, starts, running, weights, told, gaps = page
    heads = np.flatnonzero(~running)
    for kernel, arguments in (
        ("window_cosines", (told, weights, gaps, back, ahead)),
        ("heading_shares", (ids, starts, heads, told, weights, gaps, back)),
        ("pulls", (ids, starts, running, heads, weights, 3 * back, ahead)),
    ):
        ours = getattr(compiled_kernels, kernel)(*arguments)
        assert ours == pytest.approx(getattr(array_kernels, kernel)(*arguments)), kernel
