"""Which segments to merge: a tiered policy that keeps few of them.

A tier spans a factor of four in live documents; segments of up to a thousand share the lowest. Four
segments in a tier are merged, with all in the tiers below. So an index of a million articles has
about nine segments, eighteen at most, and an article is rewritten some five times. A segment that
is half deleted is merged too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

FACTOR: Final = 4
SMALLEST: Final = 1_000


def select_merge(live: Sequence[int], total: Sequence[int]) -> list[int]:
    """Numbers, ascending, of the segments to merge into one; empty where all is well.

    ``live`` and ``total`` count the documents of each segment without and with deleted ones.
    """
    tiers = [_tier(count) for count in live]
    for tier in sorted(set(tiers), reverse=True):
        if tiers.count(tier) >= FACTOR:
            return [number for number, of_segment in enumerate(tiers) if of_segment <= tier]
    return [
        number
        for number, (living, every) in enumerate(zip(live, total, strict=True))
        if 2 * living <= every
    ][:1]


def _tier(count: int) -> int:
    tier = 0
    while count > SMALLEST * FACTOR**tier:
        tier += 1
    return tier
