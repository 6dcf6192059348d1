"""Wildcard patterns over text: candidates by their literal parts, held against the stored text.

Evaluated through ``matcher``, which verifies one candidate at a step, so that the search's time
limit holds. Made by the translation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from whoosh import query as wq
from whoosh.matching import Matcher

from searchsvc.engines.whoosh.layout import decode, searched_text
from searchsvc.evaluation import CharacterPhrase
from searchsvc.evaluation.queries import PlannedQuery
from searchsvc.postings.arrays import SegmentArrays
from searchsvc.query.wildcards import wildcard_expression


class CharacterPattern(PlannedQuery):
    """Documents with a text that the folded, compact pattern describes in one of the text fields.

    ``fields`` are names of the field table. Nothing is scored.
    """

    boost = 0.0

    def __init__(self, pattern: str, fields: Sequence[str]) -> None:
        self.pattern = pattern
        self.fields = tuple(fields)

    def identity(self) -> tuple[Any, ...]:
        return (self.pattern, self.fields)

    def matcher(self, searcher: Any, context: Any = None) -> Matcher:
        """A matcher that verifies as it steps."""
        arrays = searcher.get_parent().segments[searcher.segment_number].arrays
        return _Verifier(self._documents(searcher, arrays))

    def _documents(self, searcher: Any, arrays: SegmentArrays) -> Iterator[int]:
        expression = wildcard_expression(self.pattern)
        literals = [part for part in re.split(r"[*?]", self.pattern) if part]
        candidates = [self._candidates(searcher, field, literals) for field in self.fields]
        for document in np.unique(np.concatenate(candidates)).tolist():
            article = decode(arrays.stored(document))
            if any(expression.search(searched_text(article, field)) for field in self.fields):
                yield document

    def _candidates(self, searcher: Any, field: str, literals: Sequence[str]) -> Any:
        held = [CharacterPhrase(literal, [f"{field}_bigrams"]) for literal in literals]
        return searcher.evaluate_leaf(wq.And(held))[0]


class _Verifier(Matcher):  # type: ignore[misc]
    """Steps through documents as they are verified; every score is 0."""

    def __init__(self, documents: Iterator[int]) -> None:
        self._documents = documents
        self._current = next(documents, None)

    def is_active(self) -> bool:
        return self._current is not None

    def id(self) -> int | None:
        return self._current

    def next(self) -> None:
        self._current = next(self._documents, None)

    def score(self) -> float:
        return 0.0
