"""The analyzer: folded text to the terms of a text field.

One for index and query. Called by the engines (terms), by highlights (``needles``) and by the
``analyze`` command (tokens with offsets).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

from searchsvc.analysis.counting import Pieces, TermCounter, TermCounts
from searchsvc.analysis.dictionary import Entry, folded_words, read_dictionary
from searchsvc.analysis.token import Token

try:
    from searchsvc.analysis.rust import RustSegmenter as Segmenter
except ImportError:  # a platform without a build of rjieba
    from searchsvc.analysis.plain import JiebaSegmenter as Segmenter  # type: ignore[assignment]

VERSION = 2
"""Raised when the tokens of a text change; an index of another version needs a reindex."""


@lru_cache(maxsize=2)
def _segmenter(entries: tuple[Entry, ...]) -> Segmenter:
    """The segmenter that knows these words, too.

    It is shared: it never changes, reading jieba's dictionary takes a fifth of a second, and keeping
    it 25 MB.
    """
    return Segmenter((*folded_words(), *entries))


def _is_word(piece: str) -> bool:
    return piece.isalnum() or any(char.isalnum() for char in piece)


class Analyzer:
    """Cuts folded text into words and bigrams; ``fingerprint`` names all that they hang on."""

    def __init__(self, user_dictionary: Path | None = None) -> None:
        """Raises SettingsError where the user dictionary cannot be read."""
        entries: list[Entry] = read_dictionary(user_dictionary) if user_dictionary else []
        self._segmenter = _segmenter(tuple(entries))
        self.fingerprint = fingerprint(entries)
        self._counter = TermCounter(self._terms_of)

    def words(self, folded: str) -> list[str]:
        """Words that do not overlap, in order, punctuation and spaces left out."""
        return [word for word in self._segmenter.cut(folded) if _is_word(word)]

    def query_words(self, folded: str) -> list[str]:
        """What a query asks for: ``words``, but single characters side by side are one.

        They are what segmentation leaves of a name or a word that no dictionary knows (侨批).
        """
        found: list[str] = []
        follows = False
        for piece in self._segmenter.cut(folded):
            single = len(piece) == 1 and piece.isalnum()
            if single and follows:
                found[-1] += piece
            elif _is_word(piece):
                found.append(piece)
            follows = single
        return found

    def edges(self, folded: str) -> list[int]:
        """Where words begin and end, in order, the text's own ends among them."""
        return list(accumulate(map(len, self._segmenter.cut(folded)), initial=0))

    def word_tokens(self, folded: str) -> list[Token]:
        """Words and the dictionary words inside them, with offsets into ``folded``."""
        spans = [span for span in self._segmenter.search_spans(folded) if _is_word(span[0])]
        return [Token(term, n, start, end) for n, (term, start, end) in enumerate(spans)]

    def word_terms(self, folded: str) -> list[str]:
        """The distinct terms of ``word_tokens``, in the order in which they first stand there."""
        return [
            term for term in dict.fromkeys(self._segmenter.search_terms(folded)) if _is_word(term)
        ]

    def count_terms(self, folded: Sequence[str]) -> TermCounts:
        """How often each term of ``word_tokens`` stands in each of many texts."""
        return self._pieces(folded).counts()

    def count_terms_and_leads(
        self, folded: Sequence[str], lead_chars: int
    ) -> tuple[TermCounts, TermCounts]:
        """``count_terms``, and the same for the words within the first characters of each text."""
        pieces = self._pieces(folded)
        return pieces.counts(), pieces.within(lead_chars).counts()

    def _pieces(self, folded: Sequence[str]) -> Pieces:
        return self._counter.pieces([self._segmenter.cut(text) for text in folded])

    def _terms_of(self, piece: str) -> Iterator[str]:
        """The terms of a piece of text: itself, and words of two and three characters inside.

        This is how jieba's search mode cuts.
        """
        for size in (2, 3):
            for start in range(len(piece) - size + 1 if len(piece) > size else 0):
                inner = piece[start : start + size]
                if self._segmenter.has_word(inner) and _is_word(inner):
                    yield inner
        if _is_word(piece):
            yield piece


def fingerprint(entries: list[Entry]) -> str:
    """A short hash of the analysis version and the user dictionary's entries."""
    content = repr((VERSION, [(e.word, e.frequency, e.tag) for e in entries]))
    return hashlib.sha256(content.encode()).hexdigest()[:16]
