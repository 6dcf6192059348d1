"""Why an article has its score: field by field, term by term, summing to it.

The cluster says which terms count for the document and with which statistics (Lucene's explanation); how
the frequency of each came together from fields is worked out again from the article. The formula is that
of ``searchsvc.evaluation.combined``. Called by the engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.explaining import explanation
from searchsvc.engines.opensearch.documents import count_field, weights
from searchsvc.engines.opensearch.layout import SCALE, SCOPES, Lengths, Part, k1
from searchsvc.engines.opensearch.searching import Answer
from searchsvc.engines.records import folded_pieces
from searchsvc.ranking import LEAD
from searchsvc.schema import TEXT_FIELD

_WEIGHT = re.compile(r"weight\((?P<scope>[a-z]+)_(?P<analysis>[a-z]+):(?P<term>.*) in \d+\)", re.S)
_FILTER = "match on required clause"
_BOOST, _COUNT, _TOTAL, _FREQUENCY = "boost", "n, ", "N, ", "freq, "


@dataclass(frozen=True, slots=True)
class CountedTerm:
    """A term that counts, as the cluster explains it; ``frequency`` is as the index has it."""

    scope: str
    analysis: str
    text: str
    boost: float
    documents: int
    document_frequency: int
    idf: float
    frequency: float


class Explainer:
    """Explains scores of one index."""

    def __init__(self, analyzer: Analyzer, lengths: Lengths) -> None:
        self._analyzer = analyzer
        self._lengths = lengths

    def explain(self, hit: Answer, article: Article) -> dict[str, Any]:
        """What a search scores an article, JSON-ready, of its hit with an explanation."""
        terms = [self._term(term, article) for term in counted_terms(hit["_explanation"])]
        return explanation(hit["_score"], terms)

    def _term(self, term: CountedTerm, article: Article) -> dict[str, Any]:
        saturation = k1(term.scope, term.analysis)
        frequency = term.frequency / SCALE
        score = term.boost * term.idf * frequency / (saturation + frequency)
        parts = SCOPES[term.scope]
        fields = [f for part in parts if (f := self._field(part, term, article))]
        summed = sum(field["frequency"] for field in fields)
        for field in fields:
            field["score"] = score * field["frequency"] / summed
        return {
            "term": term.text,
            "analysis": term.analysis,
            "boost": term.boost,
            "documents": term.documents,
            "document_frequency": term.document_frequency,
            "idf": term.idf,
            "k1": saturation,
            "frequency": frequency,
            "score": score,
            "fields": fields,
        }

    def _field(self, part: Part, term: CountedTerm, article: Article) -> dict[str, Any] | None:
        """The term in one field of the article; None where it is not there."""
        name = "body" if part.field == LEAD else part.field
        folded = folded_pieces(TEXT_FIELD[name].pieces(article))
        counts = count_field(self._analyzer, term.analysis, name, [folded])[part.field]
        names = [counts.terms[number] for number in counts.numbers]
        if term.text not in names:
            return None
        times = int(counts.frequencies[names.index(term.text)])
        length = int(counts.frequencies.sum())
        average = self._lengths.of(term.analysis).get(part.field, 1.0)
        weight = float(weights(part, length, average))
        return {
            "field": part.field,
            "term_frequency": times,
            "length": length,
            "average_length": average,
            "weight": part.weight,
            "b": part.b,
            "length_norm": part.weight / weight,
            "frequency": times * weight,
        }


def counted_terms(explanation: Mapping[str, Any]) -> Iterator[CountedTerm]:
    """The terms that count, of Lucene's explanation of a score."""
    found = str(explanation["description"])
    if found.startswith(_FILTER):
        return
    match = _WEIGHT.match(found)
    if match is None:
        for detail in explanation["details"]:
            yield from counted_terms(detail)
        return
    (score,) = explanation["details"]
    numbers = dict(_numbers(score))
    yield CountedTerm(
        match["scope"],
        match["analysis"],
        match["term"],
        numbers.get(_BOOST, 1.0),
        int(numbers[_TOTAL]),
        int(numbers[_COUNT]),
        numbers["idf, "],
        numbers[_FREQUENCY],
    )


def _numbers(explanation: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The numbers of a term's score, by how their descriptions begin."""
    described = str(explanation["description"])
    for start in (_BOOST, _COUNT, _TOTAL, _FREQUENCY, "idf, "):
        if described.startswith(start):
            yield start, explanation["value"]
    for detail in explanation["details"]:
        yield from _numbers(detail)
