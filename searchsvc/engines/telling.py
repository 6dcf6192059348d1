"""The terms of an article that may tell what it is about: more like this begins with them.

Called by the engines, which know how rare each is.
"""

from __future__ import annotations

from collections import Counter

from searchsvc.analysis import Analyzer, bigram_terms
from searchsvc.articles import Article
from searchsvc.engines.records import folded_pieces
from searchsvc.ranking import SIMILARITY
from searchsvc.schema import TEXT_FIELD


def counted_terms(article: Article, analyzer: Analyzer) -> list[tuple[tuple[str, str], int]]:
    """((term, analysis), how often it stands), most often first; the title counts more than once.

    Words of more than a character; and of what no dictionary knows (single characters side by side)
    the bigrams.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for name, times in SIMILARITY.fields.items():
        text = folded_pieces(TEXT_FIELD[name].pieces(article))
        words = analyzer.count_terms([text])
        for number, frequency in zip(words.numbers, words.frequencies, strict=True):
            if len(words.terms[number]) > 1:
                counts[words.terms[number], "words"] += times * int(frequency)
        known = set(words.terms)
        for piece in analyzer.query_words(text):
            if len(piece) > 1 and piece not in known:
                for pair in bigram_terms(piece):
                    counts[pair, "bigrams"] += times
    return counts.most_common()
