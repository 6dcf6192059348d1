"""Random trees over random documents: as the brute force has it, and as Whoosh where that agrees.

``scripts/fuzz-evaluation`` checks as many more as one likes.
"""

import pytest
from evaluation_checks import Archive
from tree_generator import LEAVES, NODES, Generator

TREES = 100
"""Trees for each archive: what a few seconds allow."""


@pytest.mark.parametrize(
    ("seed", "sizes"), [(1, (120, 80, 40)), (2, (300,)), (3, (30, 1, 1, 20, 5))]
)
def test_every_tree_is_evaluated_as_by_brute_force(seed, sizes):
    archive = Archive(seed, sizes)
    for _ in range(TREES):
        archive.check(archive.generator.tree())
    assert archive.witnessed["agrees"] > TREES // 5


def test_every_kind_of_node_is_evaluated_as_by_brute_force():
    archive = Archive(4, (60, 40))
    for make in dict.fromkeys(LEAVES):
        archive.check(make(archive.generator))
    for make in dict.fromkeys(NODES):
        archive.check(make(archive.generator, 3))


def test_the_generator_repeats_itself():
    first, second = (repr([Generator(7).tree() for _ in range(20)]) for _ in range(2))
    assert first == second


def test_documents_have_what_makes_evaluation_hard():
    segments, deleted = Generator(1).segments((120, 80, 40))
    assert all(deleted[:2])
    assert not deleted[2]
    assert any(d["body"].count(d["body"][-1]) > 255 for own in segments for d in own)
