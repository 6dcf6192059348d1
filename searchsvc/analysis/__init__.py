"""Analysis: folded text to tokens, the same for index and query. The only importer of jieba.

``Analyzer`` cuts jieba words; ``bigrams``, ``count_bigrams`` and
``pair_columns`` need no dictionary.
"""

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.dictionary import read_dictionary
from searchsvc.analysis.ngrams import (
    bigram_terms,
    bigrams,
    compact,
    count_bigrams,
    pair_columns,
)
from searchsvc.analysis.token import Token

__all__ = [
    "Analyzer",
    "Token",
    "bigram_terms",
    "bigrams",
    "compact",
    "count_bigrams",
    "pair_columns",
    "read_dictionary",
]
