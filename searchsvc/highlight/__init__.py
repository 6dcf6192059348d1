"""Highlights: where a query stands in an article, and HTML that shows it.

``find_matches`` gives offsets into the original text, ``fragments`` the best snippets,
``whole_texts`` everything, marked. Independent of any engine.
"""

from searchsvc.highlight.fragments import fragments, whole_texts
from searchsvc.highlight.matches import find_matches

__all__ = ["find_matches", "fragments", "whole_texts"]
