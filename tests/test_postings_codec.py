"""Whoosh's own reader, matchers and searcher find the same through our codec and through W3."""

import tempfile
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import postings_model as model
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whoosh import columns, fields, qparser, query, sorting
from whoosh.query import spans
from whoosh.reading import TermNotFound
from whoosh.util.numeric import byte_to_length, length_to_byte

from searchsvc.postings.arrays import segment_arrays
from searchsvc.postings.runs import Tokens
from searchsvc.postings.writer import BatchWriter


def plain_schema():
    """What both codecs can hold."""
    return fields.Schema(
        id=fields.ID(unique=True),
        words=model.Counts(),
        pairs=model.Counts(positions=True),
        record=fields.STORED(),
        date=fields.COLUMN(columns.NumericColumn("I")),
    )


@contextmanager
def both(batches, deleted=()):
    """The same commits in an index of ours and in one of Whoosh's."""
    with tempfile.TemporaryDirectory() as folder:
        ours = model.create(Path(folder, "ours"), plain_schema())
        theirs = model.create_plain(Path(folder, "theirs"), plain_schema())
        start = 0
        for batch in batches:
            for writer, how in ((BatchWriter(ours), model.numbered), (theirs.writer(), given_ids)):
                for document in how(batch, start):
                    writer.add_document(**document)
                writer.commit(merge=False)
            start += len(batch)
        for writer in (BatchWriter(ours), theirs.writer()):
            for number in deleted:
                writer.delete_document(number)
            writer.commit(merge=False)
        yield ours, theirs


def given_ids(batch, start):
    return [{**d, "id": f"a{start + n}"} for n, d in enumerate(batch)]


@st.composite
def histories(draw):
    batches = draw(st.lists(model.documents(6), min_size=1, max_size=3))
    for batch in batches:
        for document in batch:
            for name in ("tag", "year"):
                document.pop(name, None)
    deleted, start = set(), 0
    for batch in batches:  # one of each batch stays: we drop a segment without documents, W3 not
        deletable = range(start + 1, start + len(batch))
        deleted |= draw(st.sets(st.sampled_from(deletable), max_size=2)) if deletable else set()
        start += len(batch)
    return batches, deleted


def walked(reader):
    """Everything the reader's matchers say, term by term."""
    for field, text in reader.all_terms():
        matcher = reader.postings(field, text)
        while matcher.is_active():
            positions = matcher.value_as("positions") if field == "pairs" else None
            yield field, text, matcher.id(), matcher.weight(), positions
            matcher.next()


@settings(max_examples=20)
@given(histories())
def test_whooshs_reader_reads_the_same_postings_through_both_codecs(history):
    with both(*history) as (ours, theirs), ours.reader() as mine, theirs.reader() as other:
        assert mine.doc_count() == other.doc_count()
        assert mine.doc_count_all() == other.doc_count_all()
        assert list(mine.all_doc_ids()) == list(other.all_doc_ids())
        assert list(mine.all_terms()) == list(other.all_terms())
        assert list(walked(mine)) == list(walked(other))
        stored = [values for values in other.all_stored_fields() if values["record"]]
        assert [values for values in mine.all_stored_fields() if values] == stored
        for field, text in other.all_terms():
            assert mine.doc_frequency(field, text) == other.doc_frequency(field, text)
            assert mine.frequency(field, text) == other.frequency(field, text)
            info, expected = mine.term_info(field, text), other.term_info(field, text)
            assert info.max_weight() == expected.max_weight()
            assert info.min_id() == expected.min_id()
            assert info.max_id() == expected.max_id()
        for number in mine.all_doc_ids():
            for field in ("words", "pairs"):
                exact = mine.doc_field_length(number, field)
                rounded = other.doc_field_length(number, field) or 0
                assert byte_to_length(length_to_byte(exact)) == rounded
        if all(leaf.has_column("date") for leaf, _ in other.leaf_readers()):
            assert list(mine.column_reader("date")) == list(other.column_reader("date"))


QUERIES = [
    query.Term("words", "a"),
    query.Or([query.Term("words", "a"), query.Term("words", "马"), query.Term("pairs", "ab")]),
    query.And([query.Term("pairs", "ab"), query.Term("pairs", "马a")]),
    query.AndNot(query.Every(), query.Term("pairs", "ab")),
    query.Phrase("pairs", ["马a", "ab"]),
    query.Phrase("pairs", ["ab", "ab"], slop=3),
    query.Prefix("words", "a"),
    query.Prefix("words", "马a"),
    query.TermRange("words", "a", "马"),
    query.FuzzyTerm("words", "ab"),
    spans.SpanFirst(query.Term("pairs", "ab"), limit=2),
]


@settings(max_examples=20)
@given(histories(), st.sampled_from(QUERIES))
def test_whooshs_searcher_finds_the_same_through_both_codecs(history, asked):
    with both(*history) as (ours, theirs), ours.searcher() as mine, theirs.searcher() as other:
        expected = {hit.docnum for hit in other.search(asked, limit=None, scored=False)}
        assert {hit.docnum for hit in mine.search(asked, limit=None, scored=False)} == expected
        scored = mine.search(asked, limit=None, optimize=False)
        assert {hit.docnum for hit in scored} == expected


def test_all_of_whooshs_own_field_types_that_can_be_stored_work(tmp_path):
    schema = fields.Schema(
        path=fields.ID(stored=True, unique=True),
        body=fields.TEXT(stored=True),
        tag=fields.KEYWORD(commas=True, sortable=True, stored=True),
        size=fields.NUMERIC(sortable=True, stored=True),
        day=fields.DATETIME(sortable=True, stored=True),
    )
    index = model.create(tmp_path, schema)
    writer = BatchWriter(index)
    for number, body in enumerate(("the quick brown fox", "quick quick dogs", "brown dogs")):
        writer.update_document(
            path=f"/{number}",
            body=body,
            tag="b,a" if number else "c",
            size=7 - number,
            day=datetime(2018, 7, 31 - number),
        )
    writer.commit()
    with index.searcher() as searcher:

        def found(text, **how):
            parsed = qparser.QueryParser("body", schema).parse(text)
            return [hit["path"] for hit in searcher.search(parsed, **how)]

        assert found("quick") == ["/1", "/0"]
        assert found('"quick brown"') == ["/0"]
        assert found("size:[6 to]", sortedby="size") == ["/1", "/0"]
        assert found("dogs", sortedby=sorting.FieldFacet("size", reverse=True)) == ["/1", "/2"]
        assert found("day:2018-07-31") == ["/0"]
        assert found("tag:a") == ["/1", "/2"]
        assert found("*", sortedby="tag") == ["/1", "/2", "/0"]
        assert sorted(found("qui*")) == ["/0", "/1"]
        stored = searcher.document(path="/1")
        assert stored["day"] == datetime(2018, 7, 30)
        assert stored["size"] == 6
        groups = searcher.search(query.Every(), groupedby="tag").groups("tag")
        assert {name: list(numbers) for name, numbers in groups.items()} == {"c": [0], "a": [1, 2]}


def test_a_matcher_skips_copies_and_ends(tmp_path):
    index = model.create(tmp_path)
    model.add(index, model.numbered([{"words": {"a": n + 1}, "record": b""} for n in range(300)]))
    with index.reader() as reader:
        matcher = reader.postings("words", "a")
        matcher.skip_to(255)
        copied = matcher.copy()
        assert (matcher.id(), matcher.weight()) == (255, 256.0)
        assert matcher.value_as("frequency") == 256
        matcher.skip_to(299)
        matcher.next()
        assert not matcher.is_active()
        assert copied.id() == 255
        with pytest.raises(TermNotFound):
            reader.postings("words", "b")
        with pytest.raises(TermNotFound):
            reader.term_info("tag", "b")


def test_evaluation_finds_the_arrays_behind_a_reader(tmp_path):
    index = model.create(tmp_path)
    model.add(index, model.numbered([{"words": {"a": 1}, "record": b""}]))
    with index.reader() as reader:
        (leaf,) = [leaf for leaf, _ in reader.leaf_readers()]
        assert segment_arrays(leaf).n_documents == 1
        assert segment_arrays(object()) is None


def test_documents_beyond_65536_and_frequencies_beyond_255_are_kept(tmp_path):
    index = model.create(tmp_path)
    writer = BatchWriter(index, run_size=50_000)
    for number in range(70_000):
        writer.add_document(
            words={"a": 1 + number % 300, "b" if number % 7 else "c": 1},
            pairs=Tokens(["ab"], [number % 1_000]),
            record=str(number).encode(),
        )
    writer.commit()
    (segment,) = model.segments(index)
    field = segment.field("words")
    ordinal = field.find(b"a")
    assert field.documents(ordinal).tolist() == list(range(70_000))
    assert field.frequencies(ordinal).tolist() == [1 + n % 300 for n in range(70_000)]
    assert field.documents(field.find(b"c")).tolist() == list(range(0, 70_000, 7))
    pairs = segment.field("pairs")
    within = pairs.positions(0) - pairs.position_starts[:-1]
    assert within.tolist() == [n % 1_000 for n in range(70_000)]
    assert segment.stored(69_999) == b"69999"
    with index.searcher() as searcher:
        assert searcher.search(query.Term("words", "b"), limit=1).estimated_length() == 60_000
