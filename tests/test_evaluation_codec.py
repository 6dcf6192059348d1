"""The checks of test_evaluation_fuzz.py over segments that our own codec wrote and reads."""

import subprocess
import sys
from pathlib import Path

import pytest
from codec_index import CodecIndex
from evaluation_checks import Archive
from whoosh import query as wq
from whoosh import sorting

from searchsvc.evaluation import ArraySearcher
from searchsvc.postings.index import create_index
from searchsvc.postings.writer import BatchWriter

TREES = 25


@pytest.mark.parametrize(("seed", "sizes"), [(31, (120, 80, 40)), (32, (300,)), (33, (9, 1, 1))])
def test_every_tree_is_evaluated_as_by_brute_force(seed, sizes):
    archive = Archive(seed, sizes, CodecIndex)
    for _ in range(TREES):
        archive.check(archive.generator.tree())
    archive.index.close()


def test_merged_segments_are_evaluated_as_by_brute_force():
    archive = Archive(34, (60, 40, 30), CodecIndex)
    BatchWriter(archive.index.index).commit(optimize=True)
    merged = ArraySearcher(archive.index.reader())
    assert len(merged.segments) == 1
    assert merged.doc_count_all() == len(archive.brute_force.live)
    numbers = {n: place for place, n in enumerate(archive.brute_force.live)}
    for _ in range(TREES):
        query = archive.generator.tree()
        hits = {n for _, n in merged.search(query, limit=None).top_n}
        assert hits == {numbers[n] for n in archive.brute_force.scores(query)}, query
    archive.index.close()


def test_plain_numpy_passes_too():
    tests = str(Path(__file__).parent)
    script = (
        "import sys; sys.modules['numba'] = None; sys.path.insert(0, sys.argv[1])\n"
        "from codec_index import CodecIndex; from evaluation_checks import Archive\n"
        "archive = Archive(35, (60, 40), CodecIndex)\n"
        "for _ in range(15): archive.check(archive.generator.tree())\n"
    )
    subprocess.run([sys.executable, "-c", script, tests], check=True)


def test_columns_may_be_missing_from_a_segment(tmp_path):
    archive = Archive(36, (5,), CodecIndex)
    index = create_index(tmp_path, archive.index.index.schema)
    for documents in ([{"id": "a", "body": "词"}], [{"id": "b", "body": "词", "section": "要闻"}]):
        writer = BatchWriter(index)
        for document in documents:
            writer.add_document(**document)
        writer.commit(merge=False)
    searcher = ArraySearcher(index.reader())
    query = wq.Term("body", "词")
    groups = searcher.search(query, groupedby="section", maptype=sorting.Count).groups()
    assert groups == {None: 1, "要闻": 1}
    assert [n for _, n in searcher.search(query, sortedby="section").top_n] == [0, 1]
    newest = sorting.FieldFacet("section", reverse=True)
    assert [n for _, n in searcher.search(query, sortedby=newest).top_n] == [1, 0]
    archive.index.close()


def test_an_empty_index_has_no_segments(tmp_path):
    archive = Archive(37, (5,), CodecIndex)
    index = create_index(tmp_path, archive.index.index.schema)
    searcher = ArraySearcher(index.reader())
    assert searcher.has_arrays
    assert searcher.segments == []
    results = searcher.search(wq.Every(), groupedby="section", sortedby="number")
    assert (len(results), results.groups()) == (0, {})
    archive.index.close()
