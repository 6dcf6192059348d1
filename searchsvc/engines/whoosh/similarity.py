"""More like this: the articles that share the telling terms of one.

Takes an article's folded texts and the searcher; gives a Whoosh query of its most telling terms.
Called by the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from whoosh import query as wq

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.telling import counted_terms
from searchsvc.engines.whoosh.translation import Translator
from searchsvc.evaluation.combined import combined_idf
from searchsvc.evaluation.statistics import Statistics
from searchsvc.ranking import SIMILARITY


class TellingTerm(NamedTuple):
    """A term of an article and its share in telling what it is about."""

    text: str
    analysis: str
    weight: float


def telling_terms(
    article: Article, analyzer: Analyzer, translator: Translator, statistics: Statistics
) -> list[TellingTerm]:
    """The terms with the highest frequency, saturated, times idf; the weights are the frequencies'.

    A term of one article alone finds nothing and is left out.
    """
    counted = counted_terms(article, analyzer)
    found = []
    for (text, analysis), count in islice(counted, SIMILARITY.candidates):
        term = translator.term(text, analysis)
        located = [statistics.locate(name, text.encode()) for name in term.fields]
        if sum(max(t.document_frequencies, default=0) for t in located) > 1:
            idf = combined_idf(statistics, located, text)
            weight = count / (SIMILARITY.k1 + count)
            found.append((weight * idf, TellingTerm(text, analysis, weight)))
    found.sort(key=lambda item: -item[0])
    return [term for _, term in found[: SIMILARITY.terms]]


def similarity_query(terms: Sequence[TellingTerm], translator: Translator) -> wq.Query:
    """Articles with any of the terms, scored by all."""
    return wq.Or([translator.term(t.text, t.analysis, t.weight) for t in terms])
