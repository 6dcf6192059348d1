"""Query nodes of our own, to stand in a tree among Whoosh's.

They are evaluated by the searcher of this package, like all others; where one stands below a node
that only Whoosh's matchers know, ``matcher`` gives it there too. Texts are folded and compact
(without spaces), as analysis and the bigram fields have them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.matching import ListMatcher, Matcher, NullMatcher
from whoosh.query.qcore import Query


class PlannedQuery(Query):  # type: ignore[misc]
    """A leaf that only this package can evaluate. Equal by class and ``identity``."""

    boost: float

    def identity(self) -> tuple[Any, ...]:
        """What makes two nodes of a class the same."""
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, PlannedQuery)
            and type(self) is type(other)
            and self.identity() == other.identity()
        )

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.identity()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self.identity()!r}"

    __unicode__ = __str__ = __repr__

    def field(self) -> None:
        """No single field (Whoosh asks)."""

    def estimate_size(self, reader: Any) -> int:
        """As many as there are (Whoosh asks, to order its matchers)."""
        count: int = reader.doc_count()
        return count

    def matcher(self, searcher: Any, context: Any = None) -> Matcher:
        """What the plan finds in the one segment of ``searcher``, in Whoosh's form."""
        documents, scores = searcher.evaluate_leaf(self)
        if not documents.size:
            return NullMatcher()
        return ListMatcher(documents.tolist(), scores.tolist())


class CombinedTerm(PlannedQuery):
    """A term looked for in several fields and scored as one (BM25F proper, see ``combined``).

    ``fields`` gives for each inverted field its weight and its length normalisation b; ``k1`` is
    where the frequencies saturate.
    """

    def __init__(
        self,
        text: str,
        fields: Mapping[str, tuple[float, float]],
        boost: float = 1.0,
        k1: float = 1.2,
    ) -> None:
        self.text = text
        self.k1 = k1
        self.fields = dict(fields)
        self.boost = boost

    def identity(self) -> tuple[Any, ...]:
        return (self.text, tuple(self.fields.items()), self.boost, self.k1)

    def has_terms(self) -> bool:
        """It asks for terms, and ``terms`` gives them."""
        return True

    def terms(self, phrases: bool = False) -> Any:
        """(field, text) for every field."""
        return ((name, self.text) for name in self.fields)


class CharacterPhrase(PlannedQuery):
    """Documents with exactly this text in one of the fields, whatever its words are.

    ``fields`` are positional bigram fields; every document found scores ``boost``.
    """

    def __init__(self, text: str, fields: Sequence[str], boost: float = 1.0) -> None:
        self.text = text
        self.fields = tuple(fields)
        self.boost = boost

    def identity(self) -> tuple[Any, ...]:
        return (self.text, self.fields, self.boost)


class BoundedPhrase(PlannedQuery):
    """Documents with this text in one of the fields where it is not part of something longer.

    None of the characters ``not_before`` stands before it, and none of ``not_after`` behind. ``fields``
    are positional bigram fields; every document found scores ``boost``.
    """

    def __init__(
        self,
        text: str,
        not_before: str,
        not_after: str,
        fields: Sequence[str],
        boost: float = 1.0,
    ) -> None:
        self.text = text
        self.not_before = not_before
        self.not_after = not_after
        self.fields = tuple(fields)
        self.boost = boost

    def identity(self) -> tuple[Any, ...]:
        return (self.text, self.not_before, self.not_after, self.fields, self.boost)


class CharacterNear(PlannedQuery):
    """Documents with all ``texts`` in one field, in any order, within one window.

    The window is as long as the texts together and ``distance`` characters more. ``fields`` are
    positional bigram fields; every document found scores ``boost``.
    """

    def __init__(
        self, texts: Sequence[str], distance: int, fields: Sequence[str], boost: float = 1.0
    ) -> None:
        self.texts = tuple(texts)
        self.distance = distance
        self.fields = tuple(fields)
        self.boost = boost

    def identity(self) -> tuple[Any, ...]:
        return (self.texts, self.distance, self.fields, self.boost)


class CharacterSequence(PlannedQuery):
    """Documents where the texts follow each other in one field, with so many characters between them.

    ``gaps`` has the least and the most characters for each pair of neighbours. ``fields`` are
    positional bigram fields; every document found scores ``boost``.
    """

    def __init__(
        self,
        texts: Sequence[str],
        gaps: Sequence[tuple[int, int]],
        fields: Sequence[str],
        boost: float = 1.0,
    ) -> None:
        self.texts = tuple(texts)
        self.gaps = tuple(gaps)
        self.fields = tuple(fields)
        self.boost = boost

    def identity(self) -> tuple[Any, ...]:
        return (self.texts, self.gaps, self.fields, self.boost)


class VerifiedQuery(PlannedQuery):
    """Documents that ``candidates`` finds and whose stored content ``holds``; each scores 0.

    Queries of the same ``key`` are the same. What was found out stays with the query, so that a second
    search with it (reprints are folded by one) reads nothing again.
    """

    boost = 0.0

    def __init__(self, candidates: Query, holds: Callable[[bytes], bool], key: Hashable) -> None:
        self.candidates = candidates
        self.holds = holds
        self.key = key
        self.verdicts: dict[int, NDArray[np.int8]] = {}
        """By segment number, (segment.size,): 1 holds, -1 does not, 0 not read yet."""

    def identity(self) -> tuple[Any, ...]:
        return (self.key,)
