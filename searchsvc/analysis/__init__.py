"""Analysis: folded text to tokens, the same for index and query. The only importer of jieba.

``Analyzer`` cuts jieba words; ``bigrams`` and ``characters`` need no dictionary.
"""

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.ngrams import bigrams, characters, compact
from searchsvc.analysis.token import Token

__all__ = ["Analyzer", "Token", "bigrams", "characters", "compact"]
