"""Why an article has its score: field by field, term by term, summing to it.

Takes a translated query and one document; gives the terms that count for the document, each with the
numbers of the formula that ``searchsvc.evaluation.combined`` states. Called by the engine.
"""

from __future__ import annotations

from typing import Any

from whoosh import query as wq

from searchsvc.engines.explaining import explanation
from searchsvc.evaluation import ArraySearcher, CombinedTerm
from searchsvc.evaluation.combined import combined_idf, live_document_frequency
from searchsvc.evaluation.segment import Segment


def explain_score(
    searcher: ArraySearcher, query: wq.Query, segment: Segment, document: int
) -> dict[str, Any]:
    """What a translated query scores a document of a segment; JSON-ready.

    ``score`` is the search's own, None where the query does not find the document. ``fields[].score``
    and ``terms[].score`` each sum to it, and each term's ``fields[].score`` to the term's.
    """
    explained = _Explained(searcher, segment, document)
    score = explained.score(query)
    return explanation(score, (explained.terms(query) or []) if score else [])


class _Explained:
    """One document, as queries score it."""

    def __init__(self, searcher: ArraySearcher, segment: Segment, document: int) -> None:
        self._searcher = searcher
        self._segment = segment
        self._document = document
        self._scores: dict[wq.Query, float | None] = {}

    def score(self, query: wq.Query) -> float | None:
        """The score, None where the query does not find the document."""
        if query not in self._scores:
            number = self._segment.offset + self._document
            top = self._searcher.search(query, limit=1, filter={number}).top_n
            self._scores[query] = float(top[0][0]) if top else None
        return self._scores[query]

    def terms(self, query: wq.Query) -> list[dict[str, Any]] | None:
        """What the terms of a query count; None where the query does not find the document.

        Parts that are no words count nothing; they alone are searched for.
        """
        match query:
            case CombinedTerm():
                term = _term(self._searcher, query, self._segment, self._document)
                return [term] if term["fields"] else None
            case wq.And() | wq.AndMaybe() | wq.Or():
                return self._combined(query)
            case _:
                return None if self.score(query) is None else []

    def _combined(self, query: wq.And | wq.AndMaybe | wq.Or) -> list[dict[str, Any]] | None:
        counted, n_found = [], 0
        for number, part in enumerate(query.children()):
            terms = self.terms(part)
            if terms is not None:
                counted += terms
                n_found += 1
            elif isinstance(query, wq.And) or (isinstance(query, wq.AndMaybe) and number == 0):
                return None
        return counted if n_found else None


def _term(
    searcher: ArraySearcher, term: CombinedTerm, segment: Segment, document: int
) -> dict[str, Any]:
    """The numbers of BM25F for one term: its score is ``boost * idf * frequency / (k1 + frequency)``
    with the sum of the fields' frequencies. No fields: the document lacks it.
    """
    statistics = searcher.statistics
    located = [statistics.locate(name, term.text.encode()) for name in term.fields]
    fields = [
        field
        for name, (weight, b) in term.fields.items()
        if (field := _field(searcher, name, term.text, weight, b, segment, document))
    ]
    frequency = sum(field["frequency"] for field in fields)
    idf = combined_idf(statistics, located, term.text)
    score = term.boost * idf * frequency / (term.k1 + frequency)
    for field in fields:
        field["score"] = score * field["frequency"] / frequency
    return {
        "term": term.text,
        "analysis": next(iter(term.fields)).rpartition("_")[2],
        "boost": term.boost,
        "documents": statistics.live_documents,
        "document_frequency": live_document_frequency(statistics.segments, located),
        "idf": idf,
        "k1": term.k1,
        "frequency": frequency,
        "score": score,
        "fields": fields,
    }


def _field(
    searcher: ArraySearcher,
    name: str,
    text: str,
    weight: float,
    b: float,
    segment: Segment,
    document: int,
) -> dict[str, Any] | None:
    """The term in one field of the document: ``frequency`` is
    ``weight * term_frequency / (1 - b + b * length / average_length)``; None where it is not there.
    """
    field = segment.field(name)
    ordinal = -1 if field is None else field.find(text.encode())
    if field is None or ordinal < 0:
        return None
    place = field.documents(ordinal).searchsorted(document)
    documents = field.documents(ordinal)
    if place == documents.size or documents[place] != document:
        return None
    frequencies = field.frequencies(ordinal)
    term_frequency = 1 if frequencies is None else int(frequencies[place])
    length = 0 if field.lengths is None else int(field.lengths[document])
    average = searcher.statistics.live_average_length(name)
    norm = 1 - b + b * length / average
    return {
        "field": name.rpartition("_")[0],
        "term_frequency": term_frequency,
        "length": length,
        "average_length": average,
        "weight": weight,
        "b": b,
        "length_norm": norm,
        "frequency": weight * term_frequency / norm,
    }
