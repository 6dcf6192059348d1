"""A segment store as plain Python dictionaries, and what the tests of postings share."""

from collections import Counter

import numpy as np
from hypothesis import strategies as st
from whoosh import columns, fields, formats
from whoosh.filedb.filestore import FileStorage
from whoosh.system import pack_uint

from searchsvc.postings.batches import Batch, NumbersColumn, counts_column
from searchsvc.postings.index import create_index, read_commit
from searchsvc.postings.pairs import pairs_column
from searchsvc.postings.runs import Tokens
from searchsvc.postings.writer import BatchWriter

CHARACTERS = "aé马𠮷\0b"
"""Of one, two, three and four bytes, and the zero byte."""

WORDS = st.text(CHARACTERS, min_size=1, max_size=4) | st.text("马ab", min_size=7, max_size=12)


class Counts(fields.FieldType):
    """A field that is given counts (or tokens), for Whoosh's own writer too."""

    def __init__(self, *, positions=False):
        format_ = formats.Positions() if positions else formats.Frequency()
        super().__init__(format=format_, analyzer=None, scorable=True)

    def index(self, value, **_):
        if isinstance(value, Tokens):
            places = {}
            for term, position in zip(value.terms, value.positions, strict=True):
                places.setdefault(term, []).append(position)
            for term, found in places.items():
                yield term.encode(), len(found), float(len(found)), self.format.encode(found)
        else:
            for term, count in value.items():
                yield term.encode(), count, float(count), pack_uint(count)


def schema():
    return fields.Schema(
        id=fields.ID(unique=True),
        words=Counts(),
        pairs=Counts(positions=True),
        tag=fields.KEYWORD(sortable=True),
        year=fields.KEYWORD(sortable=True),
        date=fields.COLUMN(columns.NumericColumn("I")),
        record=fields.STORED(),
    )


@st.composite
def documents(draw, max_size=12):
    """Documents as the writer takes them, without ids."""
    found = []
    for _ in range(draw(st.integers(0, max_size))):
        document = {"record": draw(st.binary(max_size=20) | st.text(max_size=20).map(str.encode))}
        if draw(st.booleans()):
            count = st.integers(1, 3) | st.sampled_from([255, 256, 70_000])
            document["words"] = draw(st.dictionaries(WORDS, count, max_size=6))
        if draw(st.booleans()):
            terms = draw(st.lists(st.sampled_from(["马a", "ab", "𠮷马", "b\0"]), max_size=8))
            gaps = draw(st.lists(st.integers(0, 9), min_size=len(terms), max_size=len(terms)))
            positions, place = [], 0
            for gap in gaps:
                place += gap
                positions.append(place)
                place += 1
            document["pairs"] = Tokens(terms, positions)
        if draw(st.booleans()):
            document["tag"] = dict.fromkeys(draw(st.sets(WORDS, max_size=3)), 1)
        if draw(st.booleans()):
            document["year"] = {draw(st.sampled_from(["2012", "2018", "2024"])): 1}
        if draw(st.booleans()):
            document["date"] = draw(st.integers(0, 2**32 - 1))
        found.append(document)
    return found


def numbered(found, start=0):
    """The documents with an id each."""
    return [{**d, "id": {f"a{start + n}": 1}} for n, d in enumerate(found)]


def create(folder, of=None):
    folder.mkdir(parents=True, exist_ok=True)
    return create_index(folder, of or schema())


def create_plain(folder, of):
    """An index of Whoosh's own codec."""
    folder.mkdir(parents=True, exist_ok=True)
    return FileStorage(str(folder)).create_index(of)


def add(index, found, run_size=6, **commit):
    writer = BatchWriter(index, run_size=run_size)
    for document in found:
        writer.add_document(**document)
    writer.commit(**commit)


def batch(found):
    """Documents with counts, pairs of characters, dates and records as a batch of columns."""
    columns = []
    for name in ("id", "words", "tag", "year", "pairs", "date"):
        having = [n for n, document in enumerate(found) if name in document]
        values = [found[n][name] for n in having]
        documents = np.array(having, np.uint32)
        if not having:
            continue
        if name == "pairs":
            columns.append((name, pairs_column(documents, values)))
        elif name == "date":
            columns.append((name, NumbersColumn(documents, np.array(values, np.uint32))))
        else:
            columns.append((name, counts_column(having, values)))
    return Batch([document["record"] for document in found], columns)


def segments(index):
    """The open segments of the newest commit."""
    return [
        segment.open(index.folder) for segment in read_commit(index.folder, index.schema).segments
    ]


def counts_of(value):
    return Counter(value.terms) if isinstance(value, Tokens) else value


def postings(found, name):
    """``{term: {document: frequency}}`` of a field, terms in byte order."""
    lists = {}
    for number, document in enumerate(found):
        for term, count in counts_of(document.get(name, {})).items():
            lists.setdefault(term.encode(), {})[number] = count
    return dict(sorted(lists.items()))


def positions(found, name, term):
    """``[(document, position)]`` of a term."""
    return [
        (number, int(position))
        for number, document in enumerate(found)
        if name in document
        for of_term, position in zip(document[name].terms, document[name].positions, strict=True)
        if of_term.encode() == term
    ]


def check_segment(segment, found):
    """Holds everything an open segment says against the documents it was made of."""
    assert segment.n_documents == len(found)
    for name in ("id", "words", "pairs", "tag", "year"):
        _check_field(segment, found, name)
    for name in ("tag", "year"):
        _check_keywords(segment, found, name)
    dates = [document.get("date", 0) for document in found]
    column = segment.column("date")
    assert (column.tolist() if column is not None else [0] * len(found)) == dates
    assert [segment.stored(n) for n in range(len(found))] == [d["record"] for d in found]
    assert list(segment.records()) == [d["record"] for d in found]


def _check_field(segment, found, name):
    expected = postings(found, name)
    field = segment.field(name)
    if field is None:
        assert expected == {}
        return
    terms = list(expected)
    assert [field.term(n) for n in range(field.n_terms)] == terms
    starts = field.position_starts
    for ordinal, (term, frequencies) in enumerate(expected.items()):
        assert field.find(term) == ordinal
        assert field.find(term + b"\x00zz") == -1
        assert field.documents(ordinal).tolist() == list(frequencies)
        assert field.document_frequency(ordinal) == len(frequencies)
        assert field.collection_frequency(ordinal) == sum(frequencies.values())
        given = field.frequencies(ordinal)
        assert (given is None) == all(f == 1 for f in frequencies.values())
        assert given is None or given.tolist() == list(frequencies.values())
        if name == "pairs":
            places = [int(starts[n]) + p for n, p in positions(found, name, term)]
            assert field.positions(ordinal).tolist() == places
        assert field.range(term, None) == (ordinal, len(terms))
        assert field.range(b"", term) == (0, ordinal)
    if field.lengths is not None:
        lengths = [sum(counts_of(document.get(name, {})).values()) for document in found]
        assert field.lengths.tolist() == lengths


def _check_keywords(segment, found, name):
    values = list(segment.column_values(name))
    entries = segment.column_entries(name)
    pairs = [] if entries is None else [(int(d), values[o]) for d, o in zip(*entries, strict=True)]
    assert pairs == [
        (number, value)
        for number, document in enumerate(found)
        for value in sorted(document.get(name, {}), key=str.encode)
    ]
