"""SegmentArrays over plain dictionaries, and a Whoosh index in memory whose readers carry them.

The postings that evaluation reads and those that Whoosh's own matchers read come from the same
documents but by different ways; lengths are exact in both, so that Whoosh is a second witness.
"""

from datetime import datetime
from functools import cache
from tempfile import TemporaryDirectory

import numpy as np
from whoosh import fields
from whoosh.analysis import SpaceSeparatedTokenizer, Tokenizer
from whoosh.analysis.acore import Token
from whoosh.filedb.filestore import FileStorage
from whoosh.query import Term

START = datetime(2000, 1, 1)


class BigramTokenizer(Tokenizer):
    """Every character that is no line end with the next one, at its place."""

    def __eq__(self, other):
        return type(self) is type(other)

    __hash__ = Tokenizer.__hash__

    def __call__(self, value, **_):
        token = Token(positions=True)
        for position, pair in bigram_positions(value):
            token.text, token.pos, token.boost, token.stopped = pair, position, 1.0, False
            yield token


def bigram_positions(text):
    """(position, pair) as the bigram fields hold them; ``text`` is folded and compact."""
    text += "\n"
    return [(p, text[p : p + 2]) for p in range(len(text) - 1) if text[p] != "\n"]


def bigram_length(text):
    """How many pairs ranking counts: those of two letters, digits or Han characters."""
    return sum(pair.isalnum() for _, pair in bigram_positions(text))


SCHEMA = fields.Schema(
    id=fields.ID(stored=True, unique=True),
    title=fields.TEXT(analyzer=SpaceSeparatedTokenizer()),
    body=fields.TEXT(analyzer=SpaceSeparatedTokenizer()),
    chars=fields.TEXT(analyzer=BigramTokenizer()),
    chars2=fields.TEXT(analyzer=BigramTokenizer()),
    number=fields.NUMERIC(int, sortable=True),
    plain=fields.NUMERIC(int),
    date=fields.DATETIME(sortable=True),
    section=fields.ID(sortable=True),
    tags=fields.KEYWORD(commas=True, sortable=True),
)
WORD_FIELDS = ("title", "body")
BIGRAM_FIELDS = ("chars", "chars2")


class MemoryField:
    """One inverted field; ``postings`` is ``{term: {document: positions}}``."""

    def __init__(self, postings, n_documents, sizes=None, lengths=None):
        self._terms = sorted(postings)
        self._ordinals = {term: n for n, term in enumerate(self._terms)}
        self._postings = [postings[term] for term in self._terms]
        self.n_terms = len(self._terms)
        self.lengths = None if lengths is None else np.array(lengths, np.uint32)
        own = [0] if lengths is None else [0, *map(int, lengths)]
        self.n_tokens, self.longest, self.n_having = sum(own), max(own), np.count_nonzero(own)
        self.has_positions = sizes is not None
        self.position_starts = None
        if sizes is not None:
            starts = np.concatenate([[0], np.cumsum(np.array(sizes, np.int64) + 1)])
            self.position_starts = starts.astype(np.uint32)
        self._all_once = all(len(p) == 1 for own in self._postings for p in own.values())

    def find(self, term):
        return self._ordinals.get(term, -1)

    def term(self, ordinal):
        return self._terms[ordinal]

    def range(self, low, high):
        chosen = [
            n for n, term in enumerate(self._terms) if term >= low and (high is None or term < high)
        ]
        return (chosen[0], chosen[-1] + 1) if chosen else (0, 0)

    def document_frequency(self, ordinal):
        return len(self._postings[ordinal])

    def collection_frequency(self, ordinal):
        return sum(map(len, self._postings[ordinal].values()))

    @cache  # noqa: B019 - as long as the field lives
    def documents(self, ordinal):
        return read_only(np.array(sorted(self._postings[ordinal]), np.uint32))

    @cache  # noqa: B019
    def frequencies(self, ordinal):
        if self._all_once:
            return None
        own = self._postings[ordinal]
        return read_only(np.array([len(own[d]) for d in sorted(own)], np.uint32))

    def mark(self, start, stop, marks):
        for ordinal in range(start, stop):
            marks[self.documents(ordinal)] = True

    def ranks(self, ordinal, candidates):
        rank = {int(d): n for n, d in enumerate(self.documents(ordinal))}
        return np.array([rank.get(int(c), -1) for c in candidates], np.int64)

    def frequencies_at(self, ordinal, ranks):
        frequencies = self.frequencies(ordinal)
        return None if frequencies is None else frequencies[ranks]

    def positions_at(self, ordinal, ranks):
        if self.position_starts is None:
            return None
        own = self._postings[ordinal]
        chosen = self.documents(ordinal)[ranks].tolist()
        places = [int(self.position_starts[d]) + p for d in chosen for p in own[d]]
        return np.array(places, np.uint32)

    @cache  # noqa: B019
    def positions(self, ordinal):
        if self.position_starts is None:
            return None
        own = self._postings[ordinal]
        places = [int(self.position_starts[d]) + p for d in sorted(own) for p in own[d]]
        return read_only(np.array(places, np.uint32))


class MemorySegment:
    """One segment of documents as ``tree_generator.make_document`` gives them."""

    def __init__(self, documents, deleted):
        self.n_documents = len(documents)
        self.file = None
        self.live = None
        if deleted:
            self.live = read_only(~np.isin(np.arange(len(documents)), list(deleted)))
        self._documents = documents
        self._fields = {}
        self._columns = {}

    def field(self, name):
        if name not in self._fields:
            self._fields[name] = self._make_field(name)
        return self._fields[name]

    def _make_field(self, name):
        postings, sizes, lengths = {}, [], []
        for number, document in enumerate(self._documents):
            tokens = field_tokens(name, document)
            sizes.append(max((p for p, _ in tokens), default=-1) + 1)
            bigram = name in BIGRAM_FIELDS
            lengths.append(bigram_length(document.get(name, "")) if bigram else len(tokens))
            for position, term in tokens:
                postings.setdefault(term, {}).setdefault(number, []).append(position)
        if not postings:
            return None
        if name in WORD_FIELDS + BIGRAM_FIELDS:
            return MemoryField(postings, len(self._documents), sizes, lengths)
        return MemoryField(postings, len(self._documents))

    def column(self, name):
        if name not in self._columns:
            self._columns[name] = self._make_column(name)
        return self._columns[name]

    def _make_column(self, name):
        if name in ("number", "date"):
            field = SCHEMA[name]
            default = field.column_type.default_value()
            values = [
                field.to_column_value(d[name]) if name in d else default for d in self._documents
            ]
            return read_only(np.array(values, np.uint64 if name == "date" else np.uint32))
        if name == "section":
            values = self.column_values(name)
            ordinals = [values.index(d[name]) if name in d else -1 for d in self._documents]
            return read_only(np.array(ordinals, np.int32))
        return None

    def column_values(self, name):
        if name == "section":
            return sorted({d[name] for d in self._documents if name in d}, key=str.encode)
        if name == "tags":
            found = {tag for d in self._documents for tag in d.get("tags", ())}
            return sorted(found, key=str.encode)
        return []

    def column_entries(self, name):
        if name not in ("tags", "section"):
            return None
        values = self.column_values(name)
        entries = [
            (n, values.index(value))
            for n, d in enumerate(self._documents)
            for value in sorted(keyword_values(name, d), key=str.encode)
        ]
        owners = np.array([n for n, _ in entries], np.uint32)
        return owners, np.array([o for _, o in entries], np.uint32)

    def stored(self, document):
        return self._documents[document]["id"].encode()


def keyword_values(name, document):
    """The values of a keyword field in a document."""
    if name not in document:
        return []
    return [document[name]] if isinstance(document[name], str) else document[name]


def field_tokens(name, document):
    """(position, term as bytes) of one field of a document."""
    if name not in document:
        return []
    value = document[name]
    if name in WORD_FIELDS:
        return [(p, word.encode()) for p, word in enumerate(value)]
    if name in BIGRAM_FIELDS:
        return [(p, pair.encode()) for p, pair in bigram_positions(value)]
    if name in ("number", "plain", "date"):
        return [(0, term) for term, *_ in SCHEMA[name].index(value)]
    return [(0, term.encode()) for term in dict.fromkeys(keyword_values(name, document))]


def read_only(array):
    array.flags.writeable = False
    return array


class MemoryIndex:
    """Segments of documents, and a Whoosh reader over them that carries the arrays."""

    def __init__(self, segments, deleted):
        self.segments = segments
        self.deleted = deleted
        self._folder = TemporaryDirectory()  # RamStorage shares one folder of all processes
        self.index = FileStorage(self._folder.name).create_index(SCHEMA)
        for documents in segments:
            writer = self.index.writer()
            for document in documents:
                writer.add_document(**whoosh_values(document))
            writer.commit(merge=False)
        gone = [segments[s][d]["id"] for s, own in enumerate(deleted) for d in own]
        if gone:
            writer = self.index.writer()
            for identity in gone:
                writer.delete_by_query(Term("id", identity))
            writer.commit(merge=False)

    def close(self):
        """Removes the folder."""
        self._folder.cleanup()

    def reader(self):
        """A new reader; each of its leaves has ``arrays`` and gives exact lengths."""
        reader = self.index.reader()
        if not self.segments:
            return reader
        for (leaf, _), documents, deleted in zip(
            reader.leaf_readers(), self.segments, self.deleted, strict=True
        ):
            leaf.arrays = MemorySegment(documents, deleted)
            leaf.doc_field_length = exact_length(documents)
        return reader


def exact_length(documents):
    """A reader's ``doc_field_length`` without Whoosh's rounding to a byte."""

    def doc_field_length(number, name, default=0):
        return len(field_tokens(name, documents[number])) or default

    return doc_field_length


def whoosh_values(document):
    """The document as Whoosh's writer takes it."""
    values = dict(document)
    for name in WORD_FIELDS:
        if name in values:
            values[name] = " ".join(values[name])
    if "tags" in values:
        values["tags"] = ",".join(values["tags"])
    return values
