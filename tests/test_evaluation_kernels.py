"""The compiled kernels and their NumPy twins give the same; one of them is what is used."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.evaluation import array_kernels

compiled_kernels = pytest.importorskip(
    "searchsvc.evaluation.compiled_kernels", exc_type=ImportError
)

SIZE = 20_000


def ascending(most=SIZE, dtype=np.uint32):
    """Ascending numbers below SIZE: a few, or very many."""

    def made(seed, count):
        rng = np.random.default_rng(seed)
        return np.sort(rng.choice(SIZE, min(count, most), replace=False)).astype(dtype)

    counts = st.one_of(st.integers(0, 5), st.integers(0, 300), st.just(SIZE // 3))
    return st.builds(made, st.integers(0, 2**32), counts)


@given(ascending(), ascending())
def test_sets_are_the_same(first, second):
    for kernel in ("members", "merge", "common_positions"):
        extra = (SIZE,) if kernel == "members" else ()
        a, b = first, second
        if kernel == "common_positions":
            a, b = a.astype(np.int64), b.astype(np.int64)
        plain = getattr(array_kernels, kernel)(a, b, *extra)
        compiled = getattr(compiled_kernels, kernel)(a, b, *extra)
        assert plain.tolist() == compiled.tolist()
    for kernels in (array_kernels, compiled_kernels):
        hits, where = kernels.common_places(first, second)
        assert second[hits].tolist() == first[where].tolist()
        assert first[where].tolist() == np.intersect1d(first, second).tolist()
    members = array_kernels.members(first, second, SIZE)
    assert set(first[members].tolist()) == set(first.tolist()) & set(second.tolist())


@given(ascending(), st.booleans(), st.integers(0, 2**32))
def test_scores_are_the_same(documents, repeated, seed):
    rng = np.random.default_rng(seed)
    frequencies = rng.integers(1, 300, documents.size).astype(np.uint32) if repeated else None
    lengths = rng.integers(0, 500, SIZE).astype(np.uint32)
    saturation = rng.random(500) + 0.1
    postings = (documents, frequencies, lengths, saturation, 3.3)
    plain, compiled = (k.bm25(*postings) for k in (array_kernels, compiled_kernels))
    assert plain.tolist() == compiled.tolist()
    totals = [rng.random(SIZE)] * 2
    totals = [totals[0].copy(), totals[1].copy()]
    array_kernels.add_bm25(*postings, totals[0])
    compiled_kernels.add_bm25(*postings, totals[1])
    assert totals[0].tolist() == totals[1].tolist()


@given(ascending(), st.sampled_from([1, 3, 10, 300]), st.integers(1, 2_000), st.integers(0, 2**32))
def test_the_best_are_the_same(documents, count, values, seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(1, values + 1, documents.size) / 7
    order = np.lexsort((documents, -scores))[:count]
    expected = documents[order].tolist(), scores[order].tolist()
    totals = np.zeros(SIZE)
    totals[documents.astype(np.intp)] = scores
    for kernels in (array_kernels, compiled_kernels):
        best = kernels.best(documents, scores, count)
        assert tuple(part.tolist() for part in best) == expected
        *best, matches = kernels.best_of_all(totals, count)
        assert tuple(part.tolist() for part in best) == expected
        assert matches == documents.size
        assert kernels.matching(totals, matches).tolist() == documents.tolist()


def test_numba_is_not_needed():
    script = (
        "import sys; sys.modules['numba'] = None; "
        "from searchsvc.evaluation import kernels; print(kernels.chosen.__name__)"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert found.stdout.decode().strip() == "searchsvc.evaluation.array_kernels"


@given(
    st.integers(0, 2**32),
    st.integers(1, 500),
    st.integers(1, 250),
    st.sampled_from(["i4", "i8", "u4", "f8", "i2"]),
    st.sampled_from([1, -1, 0]),
)
def test_the_lowest_are_the_same(seed, size, count, dtype, order):
    """Of values that rise, fall or do neither."""
    values = np.random.default_rng(seed).integers(0, 100, size).astype(dtype)
    values = np.sort(values)[::order] if order else values
    plain = array_kernels.lowest(values.copy(), count)
    assert compiled_kernels.lowest(values.copy(), count).tolist() == plain.tolist()
