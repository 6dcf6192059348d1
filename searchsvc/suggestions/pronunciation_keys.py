"""Pinyin as dialects confuse it. Called by corrections; ``sounds`` does the same for many texts."""

from __future__ import annotations

import re

_CONFUSED = re.compile(r"(?<=[zcs])h|(?<=[aeiou]n)g|l")
"""What speakers of many dialects, and so typists, do not tell apart: zh z, ch c, sh s; ang an, eng
en, ing in, ong on; l n."""


def confusable(letters: str) -> str:
    """Pinyin without the differences that dialects do not make; equal for what they confuse."""
    return _CONFUSED.sub(lambda found: "n" if found[0] == "l" else "", letters)
