"""What the batch writer writes and merges is what went in, by plain dictionaries."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import postings_model as model
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh.writing import IndexingError, LockError

from searchsvc.postings import assembly
from searchsvc.postings.batches import Batch, PairCountsColumn, counts_column
from searchsvc.postings.pairs import CharacterPairs
from searchsvc.postings.runs import Tokens
from searchsvc.postings.writer import BatchWriter

STEPS = st.sampled_from([(1, 1), (7, 2), (assembly.STEP, assembly.SAMPLE)])
"""Postings a range of terms, and terms between two places where a range may end."""


@contextmanager
def steps(step, sample):
    """Makes assembly go by ranges as small as tests need."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(assembly, "STEP", step)
        patch.setattr(assembly, "SAMPLE", sample)
        yield


@settings(max_examples=40)
@given(model.documents(), st.sampled_from([1, 5, 1_000]), STEPS)
def test_a_segment_holds_what_was_added(found, run_size, step):
    found = model.numbered(found)
    with tempfile.TemporaryDirectory() as folder, steps(*step):
        index = model.create(Path(folder))
        model.add(index, found, run_size)
        opened = model.segments(index)
        assert len(opened) == bool(found)
        for segment in opened:
            model.check_segment(segment, found)
            segment.container.verify()


@settings(max_examples=40)
@given(st.lists(model.documents(6), min_size=1, max_size=4), STEPS, st.data())
def test_a_merge_drops_deleted_documents_and_nothing_else(batches, step, data):
    with tempfile.TemporaryDirectory() as folder, steps(*step):
        index = model.create(Path(folder))
        every = []
        for batch in batches:
            batch = model.numbered(batch, len(every))
            every += batch
            model.add(index, batch, merge=False)
        deleted = data.draw(st.sets(st.sampled_from(range(len(every))))) if every else set()
        writer = BatchWriter(index)
        for number in deleted:
            writer.delete_document(number)
        writer.commit(merge=False)
        left = [document for number, document in enumerate(every) if number not in deleted]
        with index.reader() as reader:
            assert reader.doc_count() == len(left)
        BatchWriter(index).commit(optimize=True)
        opened = model.segments(index)
        assert len(opened) == bool(left)
        for segment in opened:
            assert segment.live is None
            model.check_segment(segment, left)


def test_document_0_can_be_deleted_and_merged_away(tmp_path):
    found = model.numbered([{"record": b"x", "words": {"a": 1}}, {"record": b"y"}])
    index = model.create(tmp_path)
    model.add(index, found)
    writer = BatchWriter(index)
    writer.delete_document(0)
    writer.commit(optimize=True)
    (segment,) = model.segments(index)
    model.check_segment(segment, found[1:])


@pytest.mark.parametrize("given_id", ["a0", {"a0": 1}])
def test_an_update_replaces_the_committed_document(tmp_path, given_id):
    index = model.create(tmp_path)
    model.add(index, model.numbered([{"record": b"old"}, {"record": b"other"}]))
    writer = BatchWriter(index)
    writer.update_document(id=given_id, record=b"new")
    writer.commit(merge=False)
    with index.searcher() as searcher:
        assert searcher.document(id="a0") == {"record": b"new"}
        assert searcher.doc_count() == 2


def test_a_delete_leaves_the_container_alone(tmp_path):
    index = model.create(tmp_path)
    model.add(index, model.numbered([{"record": b"x"}] * 5))
    (container,) = tmp_path.glob("*.svc")
    before = container.stat()
    for number in (1, 3):
        writer = BatchWriter(index)
        assert writer.delete_by_term("id", f"a{number}") == 1
        assert writer.delete_by_term("id", f"a{number}") == 0
        writer.commit(merge=False)
    assert container.stat() == before
    assert len(list(tmp_path.glob("*.deletes*"))) == 1
    (segment,) = model.segments(index)
    assert segment.live.tolist() == [True, False, True, False, True]


def test_a_cancelled_writer_leaves_nothing(tmp_path):
    index = model.create(tmp_path)
    model.add(index, model.numbered([{"record": b"x"}] * 3))
    before = {path.name for path in tmp_path.iterdir()}
    writer = BatchWriter(index, run_size=1)
    writer.delete_document(0)
    writer.add_document(id={"b": 1}, words={"a": 1, "b": 2}, record=b"y")
    writer.cancel()
    assert {path.name for path in tmp_path.iterdir()} == before
    with index.reader() as reader:
        assert reader.doc_count() == 3
    with pytest.raises(IndexingError):
        writer.commit()


def test_there_is_one_writer_at_a_time(tmp_path):
    index = model.create(tmp_path)
    writer = BatchWriter(index)
    with pytest.raises(LockError):
        BatchWriter(index)
    writer.cancel()
    BatchWriter(index).cancel()


def test_many_small_commits_leave_few_segments(tmp_path):
    index = model.create(tmp_path)
    for number in range(40):
        model.add(index, model.numbered([{"record": b"x", "words": {"a": 2}}], number))
        assert len(model.segments(index)) < 4
    with index.searcher() as searcher:
        assert searcher.doc_count() == 40
        assert searcher.frequency("words", "a") == 80


@settings(max_examples=40)
@given(st.lists(st.text(model.CHARACTERS + "b\n", max_size=12), max_size=8), st.data())
def test_pairs_of_characters_are_indexed_like_tokens(texts, data):
    given_tokens, given_pairs = [], []
    for text in texts:
        places = [p for p in range(len(text) - 1) if text[p] != "\n"]
        tokens = Tokens([text[p : p + 2] for p in places], places, len(text))
        given_tokens.append({"pairs": tokens, "record": b"x"})
        given_pairs.append({"pairs": CharacterPairs(text, places, len(text)), "record": b"x"})
    run_size = data.draw(st.sampled_from([4, 1_000]))
    with tempfile.TemporaryDirectory() as folder:
        opened = []
        for number, found in enumerate((given_tokens, given_pairs)):
            index = model.create(Path(folder, str(number)))
            model.add(index, found, run_size)
            opened += model.segments(index)
        if not texts:
            return
        fields = [segment.field("pairs") for segment in opened]
        by_tokens, by_pairs = fields
        if by_tokens is None:
            assert by_pairs is None
            return
        assert by_pairs.n_terms == by_tokens.n_terms
        assert by_pairs.position_starts.tolist() == by_tokens.position_starts.tolist()
        assert by_pairs.lengths.tolist() == [len(text) for text in texts]
        for n in range(by_tokens.n_terms):
            assert by_pairs.term(n) == by_tokens.term(n)
            assert by_pairs.positions(n).tolist() == by_tokens.positions(n).tolist()


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("words", Tokens(["a"], [0]), TypeError),
        ("pairs", {"a": 1}, TypeError),
        ("pairs", Tokens(["a", "b"], [3, 1]), ValueError),
        ("pairs", Tokens(["a", "b"], [3]), ValueError),
        ("pairs", CharacterPairs("ab", [1]), ValueError),
        ("pairs", CharacterPairs("abc", [1, 0]), ValueError),
        ("record", "text", TypeError),
        ("unknown", "x", KeyError),
    ],
)
def test_a_value_that_a_field_cannot_take_is_refused(tmp_path, name, value, error):
    writer = BatchWriter(model.create(tmp_path))
    with pytest.raises(error):
        writer.add_document(**{name: value})
        writer.commit()
    writer.cancel()
    assert list(tmp_path.glob("*.svc")) == []


def test_tokens_and_pairs_do_not_mix_in_a_segment(tmp_path):
    writer = BatchWriter(model.create(tmp_path))
    writer.add_document(pairs=CharacterPairs("ab", [0]), record=b"x")
    with pytest.raises(TypeError):
        writer.add_document(pairs=Tokens(["ab"], [0]), record=b"x")
    writer.cancel()


@settings(max_examples=40)
@given(model.documents(), st.integers(0, 12), st.sampled_from([1, 5, 1_000]))
def test_a_batch_is_indexed_like_its_documents(found, before, run_size):
    found = model.numbered(found)
    for document in found:
        if "pairs" in document:
            text = "".join(map(str, document.pop("pairs").terms)) + "\n"
            document["pairs"] = CharacterPairs(text, range(len(text) - 1))
    with tempfile.TemporaryDirectory() as folder:
        index = model.create(Path(folder))
        writer = BatchWriter(index, run_size)
        for document in found[:before]:
            writer.add_document(**document)
        writer.add_batch(model.batch(found[before:]))
        writer.commit()
        for document in found:
            if "pairs" in document:
                text = document["pairs"].text
                pairs = [text[p : p + 2] for p in range(len(text) - 1)]
                document["pairs"] = Tokens(pairs, range(len(pairs)))
        for segment in model.segments(index):
            model.check_segment(segment, found)


@settings(max_examples=40)
@given(
    st.lists(st.dictionaries(st.text("ab中𠮷", min_size=2, max_size=2), st.integers(1, 9))),
    st.sampled_from([1, 5, 1_000]),
)
def test_counted_pairs_are_indexed_like_terms(counts, run_size):
    documents = np.array([n for n, pairs in enumerate(counts) if pairs], np.uint32)
    postings = [(ord(a) << 32 | ord(b), n) for found in counts for (a, b), n in found.items()]
    column = PairCountsColumn(
        documents,
        np.array([len(counts[n]) for n in documents], np.uint32),
        np.array([pair for pair, _ in postings], np.uint64),
        np.array([n for _, n in postings], np.uint32),
    )
    with tempfile.TemporaryDirectory() as folder:
        opened = []
        for number, of_words in enumerate(
            (column, counts_column(documents.tolist(), [counts[n] for n in documents]))
        ):
            Path(folder, str(number)).mkdir()
            index = model.create(Path(folder, str(number)))
            writer = BatchWriter(index, run_size)
            for _ in range(2):
                writer.add_batch(Batch([b"x"] * len(counts), [("words", of_words)]))
            writer.commit()
            opened += [segment.field("words") for segment in model.segments(index)]
        if not postings:
            return
        by_pairs, by_terms = opened
        assert list(by_pairs.terms(0, by_pairs.n_terms)) == list(
            by_terms.terms(0, by_terms.n_terms)
        )
        assert by_pairs.lengths.tolist() == by_terms.lengths.tolist()
        one, other = (field.lists(0, field.n_terms) for field in opened)
        assert one.counts.tolist() == other.counts.tolist()
        assert one.documents.tolist() == other.documents.tolist()
        assert one.frequencies.tolist() == other.frequencies.tolist()


def test_what_a_killed_writer_left_goes_with_the_next_commit(tmp_path):
    index = model.create(tmp_path)
    model.add(index, model.numbered([{"record": b"x"}]))
    for name in ("MAIN_0killed0.svc", "MAIN_0killed0.run0", "commit.9.json.new"):
        (tmp_path / name).write_bytes(b"half a file")
    model.add(index, model.numbered([{"record": b"y"}], 1))
    assert [path for path in tmp_path.rglob("*") if "killed" in path.name] == []
    assert sorted(s.n_documents for s in model.segments(index)) == [1, 1]


def test_an_open_reader_goes_on_reading_what_later_commits_removed(tmp_path):
    index = model.create(tmp_path)
    found = model.numbered([{"words": {"马": n + 1}, "record": str(n).encode()} for n in range(9)])
    model.add(index, found)
    (segment,) = model.segments(index)
    writer = BatchWriter(index)
    writer.delete_document(4)
    writer.commit(optimize=True)
    assert not segment.container.path.exists()
    model.check_segment(segment, found)
    assert segment.live is None
