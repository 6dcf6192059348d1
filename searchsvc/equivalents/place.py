"""A place of a query's text with what else could stand there."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """``start:end`` of a folded text, and other texts for it, as they are printed."""

    start: int
    end: int
    texts: tuple[str, ...]
