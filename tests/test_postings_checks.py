"""What is read of an index is made sure of first, and nothing else is: a byte may be flipped anywhere."""

import os

import numpy as np
import postings_model as model
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import query
from whoosh.sorting import FieldFacet

from searchsvc.errors import IndexDamagedError
from searchsvc.evaluation import ArraySearcher
from searchsvc.evaluation.queries import CharacterPhrase, CombinedTerm
from searchsvc.postings import checksums, container
from searchsvc.postings.checksums import BLOCK, CHECKED, WANTED, ChecksumWriter
from searchsvc.postings.container import Container, ContainerWriter
from searchsvc.postings.index import open_index
from searchsvc.postings.runs import Tokens
from searchsvc.postings.writer import BatchWriter

N_DOCUMENTS = 20_000


def documents():
    """So many that every array that grows takes several blocks."""
    rng = np.random.default_rng(7)
    for n in range(N_DOCUMENTS):
        characters = "".join(rng.choice(list("abcdefgh马"), 8))
        pairs = [characters[place : place + 2] for place in range(7)]
        yield {
            "words": {f"w{n % 7}": 1 + n % 3, f"own {n:05}": 1, f"r{n // 40}": 2},
            "pairs": Tokens(pairs, np.arange(7)),
            "tag": {f"t{n % 9}": 1, "all": 1},
            "year": {str(2012 + n % 4): 1},
            "date": int(n * 7919 % N_DOCUMENTS),
            "record": rng.bytes(40),
        }


QUERIES = {
    "rare": query.Term("words", "own 00777"),
    "none": query.Term("words", "own 00777 x"),
    "some": query.Term("words", "r21"),
    "common": query.Term("words", "w3"),
    "and": query.And([query.Term("words", "w3"), query.Term("words", "r30")]),
    "or": query.Or(
        [query.Term("words", "w1"), query.Term("words", "r30"), query.Term("pairs", "ab")]
    ),
    "not": query.AndNot(query.Term("words", "r30"), query.Term("words", "w3")),
    "phrase": CharacterPhrase("abcd", ["pairs"]),
    "filtered": query.And([query.Term("words", "w3"), query.Term("tag", "t4")]),
    "prefix": query.Prefix("words", "r12"),
    "combined": CombinedTerm("w3", {"words": (1.0, 0.4), "pairs": (2.0, 0.5)}),
    "every": query.Every(),
}
"""Rare and common terms, phrases, ranges, prefixes: compiled where they are asked for with a limit."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checks")
    index = model.create(folder)
    writer = BatchWriter(index)
    for document in model.numbered(list(documents())):
        writer.add_document(**document)
    writer.commit()
    writer = BatchWriter(index)
    for document in model.numbered(list(documents())[:300], N_DOCUMENTS):
        writer.add_document(**document)
    writer.delete_by_term("id", "a5")
    writer.commit(merge=False)
    return folder


def answers(folder):
    """What each query answers, with a limit, and to the last; an error in the place of an answer."""
    found = {}
    try:
        searcher = opened(folder)
    except IndexDamagedError as error:
        return {"open": error}
    for name, asked in QUERIES.items():
        for limit in (10, None):
            try:
                results = searcher.search(asked, limit=limit, groupedby=FieldFacet("year"))
                hits = [(hit.docnum, hit.score) for hit in results]
                records = [searcher.stored_fields(docnum) for docnum, _ in hits[:30]]
                found[name, limit] = len(results), hits, records, results.groups()
            except IndexDamagedError as error:
                found[name, limit] = error
    return found


def opened(folder):
    index = open_index(folder, model.schema())
    return ArraySearcher(index.reader(), fromindex=index)


def test_a_flipped_byte_gives_the_right_answer_or_an_error(folder):
    right = answers(folder)
    assert not any(isinstance(answer, Exception) for answer in right.values())
    files = [path for path in sorted(folder.iterdir()) if path.stat().st_size]
    whole = refused = 0

    @settings(max_examples=80)
    @given(st.sampled_from(files), st.floats(0, 1, exclude_max=True), st.integers(1, 255))
    def check(path, share, flip):
        nonlocal whole, refused
        content = path.read_bytes()
        altered = bytearray(content)
        altered[int(share * len(content))] ^= flip
        path.write_bytes(altered)
        try:
            for name, answer in answers(folder).items():
                if isinstance(answer, IndexDamagedError):
                    refused += 1
                else:
                    whole += 1
                    assert answer == right[name], (path.name, name)
        finally:
            path.write_bytes(content)

    check()
    assert whole
    assert refused


@pytest.mark.parametrize("name", ["rare", "none", "some"])
def test_a_rare_term_is_found_without_reading_more_than_a_few_blocks(folder, name, monkeypatch):
    monkeypatch.setattr(container, "_marks", type(container._marks)())
    monkeypatch.setattr(checksums.CheckedBlocks, "_check_rest", lambda _: None)
    searcher = opened(folder)
    results = searcher.search(QUERIES[name], limit=10)
    assert len(results) == {"rare": 1, "none": 0, "some": 40}[name]
    arrays = searcher.segments[0].arrays
    if searcher.flat is not None:
        assert np.count_nonzero(arrays.marks) < len(arrays.marks) // 2
    assert (arrays.marks <= CHECKED).all()


@given(st.lists(st.integers(0, 3 * BLOCK), max_size=4))
@settings(max_examples=20)
def test_checksums_do_not_depend_on_how_bytes_come(sizes):
    content = np.random.default_rng(1).bytes(sum(sizes))
    by_parts, at_once, place = ChecksumWriter(), ChecksumWriter(), 0
    for size in sizes:
        by_parts.add(content[place : place + size])
        place += size
    at_once.add(memoryview(content))
    assert by_parts.table().tolist() == at_once.table().tolist()
    assert len(at_once.table()) == -(-len(content) // BLOCK)


def test_a_slice_is_made_sure_of_and_what_lies_elsewhere_is_not_read(tmp_path):
    writer = ContainerWriter(tmp_path / "c")
    writer.add("numbers", np.arange(100_000, dtype=np.uint32))
    writer.close({})
    content = bytearray((tmp_path / "c").read_bytes())
    content[64 + 4 * 50_000] ^= 1
    (tmp_path / "c").write_bytes(content)
    part = container.Part(Container(tmp_path / "c"), "numbers")
    assert part.slice(0, 1_000).tolist() == list(range(1_000))
    assert part.slice(99_000, 100_000)[-1] == 99_999
    for start, stop in ((50_000, 50_001), (40_000, 60_000), (0, 100_000)):
        with pytest.raises(IndexDamagedError, match="numbers"):
            part.slice(start, stop)


def test_the_rest_is_checked_in_a_thread_and_a_damaged_block_harms_nobody(tmp_path):
    path = tmp_path / "c"
    writer = ContainerWriter(path)
    writer.add("numbers", np.arange(3_000 * BLOCK // 4, dtype=np.uint32))
    writer.close({})
    content = bytearray(path.read_bytes())
    content[95 * BLOCK] ^= 1
    path.write_bytes(content)  # it is in memory now
    opened = Container(path)
    opened.marks[90] = WANTED
    opened.hold_wanted()
    opened._blocks.rest.join()
    assert np.flatnonzero(opened.marks != CHECKED).tolist() == [95]
    opened.marks[95] = WANTED
    with pytest.raises(IndexDamagedError, match="numbers"):
        opened.hold_wanted()


def test_what_is_not_in_memory_is_left_alone(tmp_path, monkeypatch):
    path = tmp_path / "c"
    writer = ContainerWriter(path)
    writer.add("numbers", np.arange(100 * BLOCK // 4, dtype=np.uint32))
    writer.close({})
    opened = Container(path)
    monkeypatch.setattr(
        opened._blocks, "_are_resident", lambda first, stop: np.arange(first, stop) < 50
    )
    opened.marks[0] = WANTED
    opened.hold_wanted()
    opened._blocks.rest.join()
    assert np.flatnonzero(opened.marks == CHECKED).tolist() == list(range(50))


def test_what_was_found_whole_is_not_checked_again_while_the_file_is_the_same(tmp_path):
    path = tmp_path / "c"
    writer = ContainerWriter(path)
    writer.add("numbers", np.arange(100_000, dtype=np.uint32))
    writer.close({})
    container.Part(Container(path), "numbers").slice(0, 10)
    assert Container(path).marks.tolist()[:2] == [CHECKED, 0]
    os.utime(path, ns=(0, 0))
    assert not Container(path).marks.any()
    Container(path).verify()
    assert (Container(path).marks == CHECKED).all()
