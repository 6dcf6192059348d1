"""Writing Whoosh segments a term at a time instead of a posting at a time.

Whoosh's own path makes a tuple of every posting, sorts and pickles them, and calls three methods
for each. Here postings gather in one array per term and go to Whoosh's posting writer by blocks.
What lies on the disk is an ordinary Whoosh 2.7.4 segment. The private names used are those of that
pinned version.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from whoosh.codec.whoosh3 import W3Codec
from whoosh.index import FileIndex
from whoosh.writing import SegmentWriter

BLOCK_POSTINGS = 2_048
"""Postings in a block: whole lists are read at a time, so that few large blocks are best."""


class TermPool:
    """The postings of a segment in the making: for each field and term, documents and frequencies.

    ``add`` and ``cleanup`` are what Whoosh calls on its pool when it merges segments.
    """

    def __init__(self) -> None:
        self._fields: defaultdict[str, defaultdict[bytes, array[int]]] = defaultdict(
            lambda: defaultdict(lambda: array("I"))
        )

    def add(self, posting: tuple[str, bytes, int, float, bytes]) -> None:
        """Takes one posting in Whoosh's form; documents of a term must come in order."""
        field, term, document, weight, _ = posting
        self._fields[field][term].extend((document, int(weight)))

    def add_counts(self, field: str, document: int, counts: Mapping[str, int]) -> None:
        """Takes all postings of one document and field."""
        terms = self._fields[field]
        for term, count in counts.items():
            terms[term.encode()].extend((document, count))

    def fields(self) -> Iterator[tuple[str, Iterator[tuple[bytes, array[int], array[int]]]]]:
        """Fields in order, each with its terms in byte order: term, documents, frequencies."""
        for field in sorted(self._fields):
            terms = self._fields[field]
            yield field, ((term, terms[term][::2], terms[term][1::2]) for term in sorted(terms))

    def cleanup(self) -> None:
        """Frees the memory."""
        self._fields.clear()


class BatchWriter(SegmentWriter):  # type: ignore[misc]
    """Whoosh's segment writer with the posting path replaced."""

    def __init__(self, index: FileIndex) -> None:
        """Raises whoosh.writing.LockError if another writer has this index open."""
        codec = W3Codec(blocklimit=BLOCK_POSTINGS, compression=1)
        super().__init__(index, codec=codec, compound=False)
        self.pool = TermPool()

    def add_document(self, **fields: Any) -> None:
        """Adds a document whose indexed fields are ``{term: frequency}``."""
        documents = self.perdocwriter
        documents.start_doc(self.docnum)
        for name in sorted(fields):
            field, value = self.schema[name], fields[name]
            if field.indexed:
                self.pool.add_counts(name, self.docnum, value)
            documents.add_field(name, field, value if field.stored else None, 0)
            if field.column_type:
                documents.add_column_value(name, field.column_type, value)
        documents.finish_doc()
        self._added = True
        self.docnum += 1

    def _flush_segment(self) -> None:
        self.perdocwriter.close()
        writer = self.fieldwriter
        for name, terms in self.pool.fields():
            writer.start_field(name, self.schema[name])
            for term, documents, frequencies in terms:
                writer.start_term(term)
                self._write_postings(documents, array("f", frequencies))
                writer.finish_term()
            writer.finish_field()
        writer.close()

    def _write_postings(self, documents: array[int], weights: array[float]) -> None:
        """Hands a term's postings to Whoosh's writer; ``finish_term`` writes the last block."""
        blocks = self.fieldwriter._postwriter
        for start in range(0, len(documents), BLOCK_POSTINGS):
            if start:
                blocks._write_block()
            blocks._ids = documents[start : start + BLOCK_POSTINGS]
            blocks._weights = weights[start : start + BLOCK_POSTINGS]
            blocks._maxweight = max(blocks._weights)
