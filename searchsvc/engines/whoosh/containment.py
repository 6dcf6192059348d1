"""Which documents contain a text, whatever the segmenter made of it.

Candidates come from the inverted lists: every bigram of the text must be there, and every character
that no bigram covers. Where that proves the text itself (one character, one bigram) or a word of
the same text stands in the field, the candidate is a hit; the others are held against their stored
text. Called by the evaluator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from searchsvc.analysis import characters
from searchsvc.analysis.ngrams import bigram_terms
from searchsvc.engines.whoosh.layout import searched_text
from searchsvc.engines.whoosh.segment import Mask, Segment
from searchsvc.query.wildcards import wildcard_expression


def containing(segment: Segment, fields: Sequence[str], wanted: str) -> Mask:
    """Documents with the folded, compact text ``wanted`` in one of the text fields."""
    found = np.zeros(segment.size, np.bool_)
    for field in fields:
        candidates = _candidates(segment, field, wanted)
        if len(wanted) > 1 and bigram_terms(wanted) != [wanted]:
            sure = candidates & segment.mask(f"{field}_words", wanted)
            unsure = candidates & ~sure & ~found
            candidates = sure | _verified(segment, field, unsure, lambda text: wanted in text)
        found |= candidates
    return found


def containing_near(
    segment: Segment, fields: Sequence[str], wanted: Sequence[str], distance: int
) -> Mask:
    """Documents with all texts in one field, at most ``distance`` other characters among them."""
    found = np.zeros(segment.size, np.bool_)
    for field in fields:
        candidates = segment.live.copy()
        for text in wanted:
            candidates &= _candidates(segment, field, text)
        found |= _verified(
            segment, field, candidates & ~found, lambda text: is_near(text, wanted, distance)
        )
    return found


def containing_pattern(segment: Segment, fields: Sequence[str], pattern: str) -> Mask:
    """Documents with a text that the folded, compact wildcard pattern describes."""
    expression = wildcard_expression(pattern)
    literals = [part for part in re.split(r"[*?]", pattern) if part]
    found = np.zeros(segment.size, np.bool_)
    for field in fields:
        candidates = segment.live.copy()
        for literal in literals:
            candidates &= _candidates(segment, field, literal)
        found |= _verified(
            segment, field, candidates & ~found, lambda text: bool(expression.search(text))
        )
    return found


def is_near(text: str, wanted: Sequence[str], distance: int) -> bool:
    """Whether all texts stand in ``text`` within one window of their length plus ``distance``."""
    places = sorted(
        (match.start(), match.start() + len(piece), number)
        for number, piece in enumerate(wanted)
        for match in re.finditer(f"(?={re.escape(piece)})", text)
    )
    window = sum(map(len, wanted)) + distance
    latest: dict[int, tuple[int, int]] = {}
    for start, end, number in places:
        latest[number] = (start, end)
        if len(latest) == len(wanted):
            first = min(s for s, _ in latest.values())
            last = max(e for _, e in latest.values())
            if last - first <= window:
                return True
    return False


def _candidates(segment: Segment, field: str, wanted: str) -> Mask:
    pairs = dict.fromkeys(bigram_terms(wanted))
    covered = {char for pair in pairs for char in pair}
    mask = segment.live.copy()
    for pair in pairs:
        mask &= segment.mask(f"{field}_bigrams", pair)
    for char in dict.fromkeys(characters(wanted)):
        if char not in covered:
            mask &= segment.mask(f"{field}_characters", char)
    return mask


def _verified(segment: Segment, field: str, candidates: Mask, holds: Callable[[str], bool]) -> Mask:
    mask = np.zeros(segment.size, np.bool_)
    for document in np.flatnonzero(candidates):
        mask[document] = holds(searched_text(segment.article(int(document)), field))
    return mask
