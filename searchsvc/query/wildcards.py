"""Wildcard patterns as regular expressions over folded, compact text."""

from __future__ import annotations

import re
import string
from typing import Final

WILDCARD_CHARS = 10
_LATIN: Final = string.ascii_lowercase + string.digits
"""What a folded Latin word is made of."""
_PARTS = {"*": rf"\w{{0,{WILDCARD_CHARS}}}", "?": r"\w"}


def wildcard_expression(pattern: str) -> re.Pattern[str]:
    """The expression of a pattern (folded and compact, or literal); a Latin word must begin where it
    does.
    """
    body = "".join(_PARTS.get(char) or re.escape(char) for char in re.sub(r"\*+", "*", pattern))
    return re.compile((r"(?<![a-zA-Z0-9])" if not_before(pattern) else "") + body)


def not_before(pattern: str) -> str:
    """What must not stand before a folded pattern: all of ``_LATIN`` where it begins with a Latin word."""
    return _LATIN if pattern[:1].isascii() and pattern[:1].isalnum() else ""
