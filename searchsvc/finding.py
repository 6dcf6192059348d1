"""What a search finds: all words of a query, or the best matches of any where that is meant or little is found.

Asks an engine, once or twice; gives what was found, by which tree, and what the reader should know of it.
Called by the service, and by scripts that measure ranking.
"""

from __future__ import annotations

from dataclasses import replace

from searchsvc.analysis import Analyzer
from searchsvc.engines.contract import Engine, Found, Search
from searchsvc.equivalents import units
from searchsvc.query import Node, Phrase, Words
from searchsvc.query.tree import bare_leaves, is_code, relaxed
from searchsvc.ranking import RANKING, Ranking
from searchsvc.results import Notice
from searchsvc.text import fold

_ASKING = ("?", "？")


def find(
    engine: Engine, search: Search, analyzer: Analyzer, ranking: Ranking = RANKING
) -> tuple[Found, Node, list[Notice]]:
    """What a search finds, by which tree, and what the reader should know of it.

    A few bare words mean all of them; where little is found, or there are many, or they ask a
    question, the best matches of any (``ranking`` says what few and little are). Phrases keep their
    meaning unless nothing holds them.
    """
    tree = search.tree
    leaves = bare_leaves(tree)
    words = sum(_count_words(leaf, analyzer) for leaf in leaves)
    asks = any(leaf.text.endswith(_ASKING) for leaf in leaves)
    found = None
    if words <= ranking.all_words_at_most and not asks:
        found = engine.search(search)
        if words < 2 or found.total >= (ranking.relax_below if words > 2 else 1):
            return found, tree, []
    for phrases in (False, True):
        loose = relaxed(tree, phrases=phrases)
        if loose is not None:
            best = engine.search(replace(search, tree=loose))
            if best.total > (found.total if found else 0):
                if found is None:
                    return best, loose, [Notice("best_match", {"words": words})]
                return best, loose, [Notice("any_word", {"all_words": found.total})]
    return found or Found((), 0, {name: {} for name in search.facets}), tree, []


def _count_words(leaf: Words | Phrase, analyzer: Analyzer) -> int:
    """A code is one word, however it is cut; so is an equivalent with its date or number."""
    if is_code(leaf.text):
        return 1
    if isinstance(leaf, Phrase):
        return len(analyzer.query_words(fold(leaf.text).text))
    return sum(1 if unit.equivalents else len(unit.words) for unit in units(leaf, analyzer))
