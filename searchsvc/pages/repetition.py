"""Paragraphs that a page prints twice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

DUPLICATE_SHARE = 0.9
MIN_DUPLICATE_CHARS = 20
SAMPLES, SAMPLE_CHARS = 8, 6
"""Texts that share none of so many short pieces are not compared further."""
MEMORY = 30
"""How many earlier paragraphs a paragraph is compared with."""


def is_repeated(text: str, earlier: Sequence[str]) -> bool:
    """Whether a paragraph says again, all but word for word, what an earlier one says whole.

    Compares sets of character bigrams; paragraphs of very different length are never the same.
    """
    if len(text) < MIN_DUPLICATE_CHARS:
        return False
    pairs: set[str] | None = None
    samples = [text[at : at + SAMPLE_CHARS] for at in range(0, len(text), len(text) // SAMPLES)]
    for other in earlier[-MEMORY:]:
        if not 0.8 * len(text) <= len(other) <= 1.25 * len(text):
            continue
        if any(sample in other for sample in samples):
            pairs = pairs or {a + b for a, b in pairwise(text)}
            shared = pairs & {a + b for a, b in pairwise(other)}
            if len(shared) >= DUPLICATE_SHARE * len(pairs):
                return True
    return False
