"""Analysis: folded text to tokens, the same for index and query. The only importer of jieba.

``Analyzer`` cuts jieba words; ``bigrams`` and ``character_pairs`` need no dictionary.
"""

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.ngrams import (
    bigram_terms,
    bigrams,
    character_pairs,
    compact,
    count_bigrams,
)
from searchsvc.analysis.token import Token

__all__ = [
    "Analyzer",
    "Token",
    "bigram_terms",
    "bigrams",
    "character_pairs",
    "compact",
    "count_bigrams",
]
