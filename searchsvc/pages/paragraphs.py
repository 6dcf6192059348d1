"""Body lines to paragraphs: joined across column breaks, repeated ones left out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from searchsvc.pages.units import Unit, joined_text

DUPLICATE_SHARE = 0.9
MIN_DUPLICATE_CHARS = 20
MEMORY = 30
"""How many earlier paragraphs a paragraph is compared with."""


def is_repeated(text: str, earlier: Sequence[str]) -> bool:
    """Whether a paragraph says again, all but word for word, what an earlier one says whole.

    Compares sets of character bigrams; paragraphs of very different length are never the same.
    """
    if len(text) < MIN_DUPLICATE_CHARS:
        return False
    pairs = {a + b for a, b in pairwise(text)}
    for other in earlier[-MEMORY:]:
        if 0.8 * len(text) <= len(other) <= 1.25 * len(text):
            shared = pairs & {a + b for a, b in pairwise(other)}
            if len(shared) >= DUPLICATE_SHARE * len(pairs):
                return True
    return False


def joined(units: Sequence[Unit], bodies: Sequence[int]) -> list[tuple[str, tuple[int, ...]]]:
    """Paragraphs as text and source lines: an unfinished line goes on in the next one."""
    groups: list[list[int]] = []
    open_end = False
    for n in bodies:
        if open_end and not units[n].indented:
            groups[-1].append(n)
        else:
            groups.append([n])
        open_end = not units[n].is_finished
    return [
        (joined_text(units[n].text for n in group), tuple(x for n in group for x in units[n].lines))
        for group in groups
    ]
