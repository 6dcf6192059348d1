"""What each unit of a page is by itself, before its neighbours are asked.

One of ``masthead``, ``imprint``, ``notice``, ``ad``, ``byline``, ``body``, ``heading``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from searchsvc.pages.bylines import CUES, is_byline
from searchsvc.pages.issues import is_masthead
from searchsvc.pages.units import Unit

_PATTERNS = {name: re.compile("|".join(CUES[name])) for name in ("ad", "notice", "imprint")}
MAX_NOTICE_CHARS = 160
MAX_AD_CHARS = 70
APART = frozenset({"masthead", "imprint", "notice", "ad"})
"""Classes that never belong to an article."""


def classify(units: Sequence[Unit]) -> list[str]:
    """The class of each unit."""
    classes = [_by_itself(unit) for unit in units]
    _spread_ads(units, classes)
    return classes


def _by_itself(unit: Unit) -> str:
    text = unit.text.strip()
    if is_masthead(text):
        return "masthead"
    if len(text) <= MAX_NOTICE_CHARS:
        if _PATTERNS["imprint"].search(text) and not text.endswith("。"):
            return "imprint"
        if _PATTERNS["notice"].search(text):
            return "notice"
    if is_byline(text):
        return "byline"
    if len(text) <= MAX_AD_CHARS and "。" not in text and _PATTERNS["ad"].search(text):
        return "ad"
    return "body" if unit.is_body else "heading"


def _spread_ads(units: Sequence[Unit], classes: list[str]) -> None:
    """Headings that stand with an ad, and headings after all running text, are ads themselves."""
    last_text = max((n for n, c in enumerate(classes) if c in ("body", "byline")), default=-1)
    for n in range(last_text + 1, len(units)):
        if classes[n] == "heading" and last_text >= 0:
            classes[n] = "ad"
    for n in range(1, len(units)):
        if classes[n] == "heading" and classes[n - 1] == "ad" and units[n].gap == 0:
            classes[n] = "ad"
    for n in range(len(units) - 2, -1, -1):
        if classes[n] == "heading" and classes[n + 1] == "ad" and units[n + 1].gap == 0:
            classes[n] = "ad"
