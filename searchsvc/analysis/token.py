"""The token that analysis gives."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """A term, the ``position``-th of its text, at the code points ``start_char:end_char``."""

    term: str
    position: int
    start_char: int
    end_char: int
