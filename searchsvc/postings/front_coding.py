"""The numbers that the stored term dictionary is made with; see ``dictionary``."""

from __future__ import annotations

from typing import Final

BLOCK: Final = 16
"""Terms in a block; its first one shares nothing."""

MOST_SHARED: Final = 15
"""Bytes that an entry can say to share with the term before."""

LONG: Final = 15
"""Size of an entry's rest that means "and more"."""
