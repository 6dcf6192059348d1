"""Paragraphs that a page prints twice."""

from __future__ import annotations

from collections.abc import Sequence
from operator import add

DUPLICATE_SHARE = 0.9
MIN_DUPLICATE_CHARS = 20
SAMPLES, SAMPLE_CHARS, LEAST_SAMPLES = 6, 6, 2
"""Texts that share fewer than the least of so many short pieces are not compared further."""
MEMORY = 30
"""How many earlier paragraphs a paragraph is compared with."""


def is_repeated(text: str, earlier: Sequence[str]) -> bool:
    """Whether a paragraph says again, all but word for word, what an earlier one says whole.

    Compares sets of character bigrams; paragraphs of very different length are never the same.
    """
    if len(text) < MIN_DUPLICATE_CHARS:
        return False
    samples = [text[at : at + SAMPLE_CHARS] for at in range(0, len(text), len(text) // SAMPLES)]
    for other in earlier[-MEMORY:]:
        if 0.8 * len(text) <= len(other) <= 1.25 * len(text):
            n_held = sum(map(other.__contains__, samples))
            if n_held >= LEAST_SAMPLES and _is_same(text, other):
                return True
    return False


def _is_same(text: str, other: str) -> bool:
    pairs = set(map(add, text, text[1:]))
    return len(pairs.intersection(map(add, other, other[1:]))) >= DUPLICATE_SHARE * len(pairs)
