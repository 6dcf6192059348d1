"""Wildcard patterns as regular expressions over folded, compact text."""

from __future__ import annotations

import re

WILDCARD_CHARS = 10
_PARTS = {"*": rf"\w{{0,{WILDCARD_CHARS}}}", "?": r"\w"}


def wildcard_expression(pattern: str) -> re.Pattern[str]:
    """The expression of a pattern (folded and compact, or literal); a Latin word must begin where it
    does.
    """
    body = "".join(_PARTS.get(char) or re.escape(char) for char in re.sub(r"\*+", "*", pattern))
    starts_latin = pattern[:1].isascii() and pattern[:1].isalnum()
    return re.compile((r"(?<![a-zA-Z0-9])" if starts_latin else "") + body)
