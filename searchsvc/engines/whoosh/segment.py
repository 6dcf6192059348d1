"""One Whoosh segment as arrays: postings, document infos, live documents, facet values.

Called by the evaluator, which works on whole arrays and masks of a segment's documents rather than
on Whoosh's matchers, one Python call per posting. Everything a search reads is opened with the
segment, so that files which a later commit deletes stay readable.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.reading import SegmentReader, TermNotFound

from searchsvc.articles import Article
from searchsvc.engines.whoosh.layout import INFO_COLUMN, INFO_DTYPE, RECORD_FIELD, decode
from searchsvc.text import fold_text

Documents = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Postings(NamedTuple):
    """Documents of a term, ascending, and its frequency in each; deleted documents left out."""

    documents: Documents
    frequencies: NDArray[np.float64]


class FacetValues(NamedTuple):
    """Values of a keyword field: ``documents[i]`` has ``names[ordinals[i]]``."""

    names: list[str]
    documents: Documents
    ordinals: NDArray[np.int64]


EMPTY = Postings(np.empty(0, np.int64), np.empty(0, np.float64))


class Segment:
    """A segment of ``size`` documents, deleted ones included; numbers are local to it."""

    def __init__(self, reader: SegmentReader) -> None:
        self._reader = reader
        self.size: int = reader.doc_count_all()
        self.live: Mask = np.ones(self.size, np.bool_)
        self.live[list(reader.segment().deleted_docs())] = False
        self.info = self._read_info()
        self._facets: dict[str, FacetValues] = {}
        if self.size:
            reader.stored_fields(0)

    def _read_info(self) -> NDArray[np.void]:
        info = np.zeros(self.size, INFO_DTYPE)
        if self.size and self._reader.has_column(INFO_COLUMN):
            column = self._reader.column_reader(INFO_COLUMN, translate=False)
            count = min(column._count, self.size)
            raw = column._dbfile.get(column._basepos, count * INFO_DTYPE.itemsize)
            info[:count] = np.frombuffer(raw, INFO_DTYPE)
        return info

    @cached_property
    def field_totals(self) -> dict[str, tuple[int, int]]:
        """For each length: its sum over live documents, and how many of them are not empty."""
        lengths = {name: self.info[name][self.live] for name in INFO_DTYPE.names or ()}
        return {name: (int(a.sum()), int(np.count_nonzero(a))) for name, a in lengths.items()}

    def postings(self, field: str, term: str) -> Postings:
        """The live postings of a term; empty where the segment lacks it."""
        try:
            matcher = self._reader._terms.matcher(
                field, term.encode(), self._reader.schema[field].format
            )
        except TermNotFound:
            return EMPTY
        documents, frequencies = [], []
        while True:
            matcher._read_data()
            deltas, weights, _ = matcher._data
            ids = np.cumsum(np.array(deltas, np.int64))
            documents.append(ids)
            frequencies.append(np.full(len(ids), 1.0 if weights is None else weights, np.float64))
            if matcher._lastblock:
                break
            matcher._next_block()
        all_documents, all_frequencies = np.concatenate(documents), np.concatenate(frequencies)
        alive = self.live[all_documents]
        return Postings(all_documents[alive], all_frequencies[alive])

    def mask(self, field: str, term: str) -> Mask:
        """Which documents hold the term."""
        mask = np.zeros(self.size, np.bool_)
        mask[self.postings(field, term).documents] = True
        return mask

    def facet(self, field: str) -> FacetValues:
        """All values of a keyword field; read once, then kept."""
        if field not in self._facets:
            names = [term.decode() for term in self._reader.lexicon(field)]
            lists = [self.postings(field, name).documents for name in names]
            sizes = [len(documents) for documents in lists]
            self._facets[field] = FacetValues(
                names,
                np.concatenate([np.empty(0, np.int64), *lists]),
                np.repeat(np.arange(len(names)), sizes),
            )
        return self._facets[field]

    def values_like(self, field: str, matches: Any) -> Mask:
        """Which documents have a value whose folded form satisfies ``matches``."""
        facet = self.facet(field)
        wanted = np.array([matches(fold_text(name)) for name in facet.names], np.bool_)
        mask = np.zeros(self.size, np.bool_)
        if len(facet.ordinals):
            mask[facet.documents[wanted[facet.ordinals]]] = True
        return mask

    def article(self, document: int) -> Article:
        """The stored article."""
        return decode(self._reader.stored_fields(int(document))[RECORD_FIELD])

    def close(self) -> None:
        """Closes the segment's files."""
        self._reader.close()
