"""What else the words of a query stand for: numbers and dates written otherwise, the other script's
spelling, the operator's synonyms; and the words that count for nothing.

``Equivalents.expand`` takes a query tree and gives one that knows its equivalents, with notices that
say so. All of it happens when a query is asked: nothing here needs a reindex.
"""

from searchsvc.equivalents.expansion import Equivalents
from searchsvc.equivalents.lists import read_stop_words, read_synonyms
from searchsvc.equivalents.units import Unit, units

__all__ = ["Equivalents", "Unit", "read_stop_words", "read_synonyms", "units"]
