"""Why an article has its score: field by field, term by term, summing to it.

Takes a translated query and one document; gives the terms that count for the document, each with the
numbers of the formula that ``searchsvc.evaluation.combined`` states. Called by the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
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
    found = _Matches(searcher, segment.offset + document)
    score = found.score(query)
    terms = [_term(searcher, term, segment, document) for term in _counted(query, found) if score]
    return explanation(score, terms)


class _Matches:
    """What queries score one document."""

    def __init__(self, searcher: ArraySearcher, number: int) -> None:
        self._searcher = searcher
        self._number = number

    def score(self, query: wq.Query) -> float | None:
        """The score, None where the query does not find the document."""
        results = self._searcher.search(query, limit=1, filter={self._number})
        return float(results.top_n[0][0]) if results.top_n else None


def _counted(query: wq.Query, found: _Matches) -> Iterator[CombinedTerm]:
    """The terms of those parts of a query that find the document; nothing else scores."""
    if found.score(query) is None:
        return
    match query:
        case CombinedTerm():
            yield query
        case wq.And() | wq.Or() | wq.AndMaybe():
            for part in query.children():
                yield from _counted(part, found)


def _term(
    searcher: ArraySearcher, term: CombinedTerm, segment: Segment, document: int
) -> dict[str, Any]:
    """The numbers of BM25F for one term: its score is
    ``boost * idf * frequency / (k1 + frequency)`` with the sum of the fields' frequencies."""
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
