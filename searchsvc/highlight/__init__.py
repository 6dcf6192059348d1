"""Highlights: where a query stands in an article, and HTML that shows it.

``needles_of`` a tree are what ``find_matches`` looks for; it gives offsets into the original text,
``fragments`` the best snippets,
``whole_texts`` everything, marked. Independent of any engine.
"""

from searchsvc.highlight.fragments import FindLinks, Link, fragments, no_links, whole_texts
from searchsvc.highlight.matches import Needle, find_matches, needles_of

__all__ = [
    "FindLinks",
    "Link",
    "Needle",
    "find_matches",
    "fragments",
    "needles_of",
    "no_links",
    "whole_texts",
]
