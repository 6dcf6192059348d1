"""tantivy, through tantivy-py.

As its documentation advises for speed: one writer thread with a large heap, so that a corpus is one
segment or few; numbers and dates as fast fields; queries built as objects, not parsed. Words come
cut, separated by spaces, through the ``whitespace`` tokenizer.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import tantivy
from tantivy import FieldType, Occur, Order

from benchmark.documents import Document
from benchmark.engines import TITLE_WEIGHT, TOP, Answer
from benchmark.queries import Query

HEAP_BYTES = 1_000_000_000
_PUNCTUATION = set(r"\.+*?()|[]{}^$#&-~")


class TantivyEngine:
    """See ``benchmark.engines.Engine``. BM25's k1 = 1.2 and b = 0.75 are tantivy's own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def build(self, documents: Iterable[Document]) -> None:
        """Writes all documents and waits for the merges."""
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("number", fast=True)
        builder.add_integer_field("day", fast=True)
        builder.add_unsigned_field("year", fast=True)
        for name in ("title", "body"):
            builder.add_text_field(name, tokenizer_name="words", index_option="position")
            builder.add_bytes_field(f"{name}_text", stored=True)
        index = tantivy.Index(builder.build(), path=str(self._folder))
        _register(index)
        writer = index.writer(heap_size=HEAP_BYTES, num_threads=1)
        for document in documents:
            article = tantivy.Document()
            article.add_unsigned("number", document.number)
            article.add_integer("day", document.day)
            article.add_unsigned("year", document.year)
            article.add_text("title", " ".join(document.title_words))
            article.add_text("body", " ".join(document.body_words))
            article.add_bytes("title_text", document.title.encode())
            article.add_bytes("body_text", document.body.encode())
            writer.add_document(article)
        writer.commit()
        writer.wait_merging_threads()

    def open(self) -> str:
        """Opens the newest commit."""
        index = tantivy.Index.open(str(self._folder))
        _register(index)
        self._schema = index.schema
        self._searcher = index.searcher()
        return f"{tantivy.__version__}, {self._searcher.num_segments} segments"

    def search(self, query: Query) -> Answer:
        """Top documents with count; a second pass for the years, as tantivy-py has it."""
        tree = self._tree(query)
        searcher = self._searcher
        if query.newest_first:
            found = searcher.search(tree, TOP, order_by_field="day", order=Order.Desc)
        else:
            found = searcher.search(tree, TOP)
        top = searcher.fast_field_values("number", [address for _, address in found.hits])
        answer = Answer(found.count, [int(n) for n in top if n is not None])
        if query.by_year:
            asked = {"years": {"terms": {"field": "year", "size": 1_000}}}
            for bucket in searcher.aggregate(tree, asked)["years"]["buckets"]:
                answer.years[int(bucket["key"])] = int(bucket["doc_count"])
        return answer

    def _tree(self, query: Query) -> tantivy.Query:
        schema, words = self._schema, list(query.words)
        if query.match == "phrase":
            main = tantivy.Query.phrase_query(schema, "body", words)
        elif query.match == "prefix":
            main = tantivy.Query.regex_query(schema, "body", _escaped(words[0]) + ".*")
        elif len(words) == 1:
            main = self._word(query, words[0])
        else:
            occur = Occur.Must if query.match == "all" else Occur.Should
            main = tantivy.Query.boolean_query([(occur, self._word(query, w)) for w in words])
        parts = [(Occur.Must, main)]
        if query.without:
            word = tantivy.Query.term_query(schema, "body", query.without, "basic")
            parts.append((Occur.MustNot, word))
        if query.days:
            low, high = query.days
            days = tantivy.Query.range_query(schema, "day", FieldType.Integer, low, high)
            parts.append((Occur.Must, days))
        return tantivy.Query.boolean_query(parts) if len(parts) > 1 else main

    def _word(self, query: Query, word: str) -> tantivy.Query:
        body = tantivy.Query.term_query(self._schema, "body", word, "freq")
        if not query.with_title:
            return body
        title = tantivy.Query.term_query(self._schema, "title", word, "freq")
        title = tantivy.Query.boost_query(title, TITLE_WEIGHT)
        return tantivy.Query.boolean_query([(Occur.Should, title), (Occur.Should, body)])


def _register(index: tantivy.Index) -> None:
    words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("words", words)


def _escaped(text: str) -> str:
    return "".join("\\" + c if c in _PUNCTUATION else c for c in text)


def create(folder: Path) -> TantivyEngine:
    """The engine on a folder."""
    return TantivyEngine(folder)
