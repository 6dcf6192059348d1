"""Help in typing: completions, and corrections of slips, from what is indexed.

``SuggestionArchive`` answers both; ``harvest`` and ``recording`` make what it reads. SUGGESTIONS.md
says how. Independent of any engine.
"""

from searchsvc.suggestions.answers import Suggestions
from searchsvc.suggestions.archive import SuggestionArchive
from searchsvc.suggestions.lexicon import Lexicon

__all__ = ["Lexicon", "SuggestionArchive", "Suggestions"]
