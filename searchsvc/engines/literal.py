"""Literal texts: what stands in an article just so, in its case, script, width and spacing.

Candidates are what folding finds; here they are held against the original text, piece by piece.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from searchsvc.articles import Article
from searchsvc.query.tree import Near, Phrase, TextLeaf, Wildcard, Words
from searchsvc.query.wildcards import wildcard_expression
from searchsvc.schema import TEXT_FIELD


def is_literally_in(leaf: TextLeaf, fields: Sequence[str]) -> Callable[[Article], bool]:
    """Whether a piece (a title, a paragraph) of an article's fields holds what a leaf asks for."""
    match leaf:
        case Words(text) | Phrase(text):
            holds: Callable[[str], bool] = lambda piece: text in piece  # noqa: E731
        case Near(texts, distance):
            holds = lambda piece: _is_near(piece, texts, distance)  # noqa: E731
        case Wildcard(pattern):
            expression = wildcard_expression(pattern.strip("*"))
            holds = lambda piece: expression.search(piece) is not None  # noqa: E731

    def is_in(article: Article) -> bool:
        return any(holds(piece) for field in fields for piece in TEXT_FIELD[field].pieces(article))

    return is_in


def _is_near(piece: str, texts: Sequence[str], distance: int) -> bool:
    """Whether the texts stand within a window of their lengths and ``distance`` characters more."""
    window = sum(map(len, texts)) + distance
    spans = sorted(
        (start, start + len(text), number)
        for number, text in enumerate(texts)
        for start in _places(piece, text)
    )
    latest: dict[int, tuple[int, int]] = {}
    for start, end, number in spans:
        latest[number] = (start, end)
        first = min(s for s, _ in latest.values())
        last = max(e for _, e in latest.values())
        if len(latest) == len(texts) and last - first <= window:
            return True
    return False


def _places(piece: str, text: str) -> list[int]:
    places, start = [], piece.find(text)
    while start >= 0:
        places.append(start)
        start = piece.find(text, start + 1)
    return places
