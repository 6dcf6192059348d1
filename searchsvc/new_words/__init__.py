"""New words in an archive: what stands in it like a word and is in no dictionary, with counts and an example.

``find_new_words`` takes an engine and its analyzer; an operator adopts what is one into the user
dictionary. Called by the ``words`` command.
"""

from searchsvc.new_words.finding import NewWord, find_new_words

__all__ = ["NewWord", "find_new_words"]
