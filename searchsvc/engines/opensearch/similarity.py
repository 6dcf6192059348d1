"""More like this: the articles that share the telling terms of one.

The terms are those of ``engines.telling``; the cluster counts how many articles have each. Called by the
engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from math import log

from searchsvc.analysis import Analyzer
from searchsvc.articles import Article
from searchsvc.engines.opensearch.layout import ALL, ranking_field
from searchsvc.engines.opensearch.searching import IndexSearcher
from searchsvc.engines.opensearch.texts import Query, any_of
from searchsvc.engines.opensearch.translation import Translator
from searchsvc.engines.scoring import RankedTerm
from searchsvc.engines.telling import counted_terms
from searchsvc.ranking import SIMILARITY


def similarity_query(
    searcher: IndexSearcher, article: Article, analyzer: Analyzer, translator: Translator
) -> Query | None:
    """Articles with any of an article's telling terms, scored by all; None where it has none.

    Telling are those with the highest frequency, saturated, times idf; a term of one article alone
    finds nothing and is left out.
    """
    counted = list(islice(counted_terms(article, analyzer), SIMILARITY.candidates))
    if not counted:
        return None
    documents, frequencies = _document_frequencies(searcher, [term for term, _ in counted])
    found = []
    for ((text, analysis), count), df in zip(counted, frequencies, strict=True):
        if df > 1:
            idf = log(1 + (documents - df + 0.5) / (df + 0.5))
            weight = count / (SIMILARITY.k1 + count)
            found.append((weight * idf, RankedTerm(text, analysis, boost=weight)))
    if not found:
        return None
    found.sort(key=lambda item: -item[0])
    return any_of([translator.term(term) for _, term in found[: SIMILARITY.terms]])


def _document_frequencies(
    searcher: IndexSearcher, terms: Sequence[tuple[str, str]]
) -> tuple[int, list[int]]:
    """How many articles there are, and how many have each term."""
    filters = [{"term": {ranking_field(ALL, analysis): text}} for text, analysis in terms]
    body = {
        "size": 0,
        "track_total_hits": True,
        "aggs": {"terms": {"filters": {"filters": {str(n): f for n, f in enumerate(filters)}}}},
    }
    answer = searcher.search(body)
    buckets = answer["aggregations"]["terms"]["buckets"]
    counts = [buckets[str(number)]["doc_count"] for number in range(len(terms))]
    return answer["hits"]["total"]["value"], counts
