"""Character bigrams and single characters: what finds text that no dictionary knows.

Takes folded text, gives tokens. Spaces inside a line do not count (old pages space their characters
out at will), line ends do: a bigram never crosses a paragraph.
"""

from __future__ import annotations

from itertools import pairwise

from searchsvc.analysis.token import Token


def compact(folded: str) -> str:
    """The folded text without spaces; the form in which phrases are compared."""
    return folded.replace(" ", "")


def bigrams(folded: str) -> list[Token]:
    """Overlapping pairs of letters, digits and Han characters, ordered by ``start_char``.

    A pair may stand across a space, never across punctuation or a line end.
    """
    standing = [(i, c) for i, c in enumerate(folded) if c != " "]
    pairs = [
        (start, end, first + second)
        for (start, first), (end, second) in pairwise(standing)
        if first.isalnum() and second.isalnum()
    ]
    return [Token(term, n, start, end + 1) for n, (start, end, term) in enumerate(pairs)]


def bigram_terms(folded: str) -> list[str]:
    """The terms of ``bigrams``, without their offsets."""
    return [a + b for a, b in pairwise(compact(folded)) if a.isalnum() and b.isalnum()]


def characters(folded: str) -> list[str]:
    """Every character but white space, punctuation included, in order."""
    return list(compact(folded).replace("\n", ""))
