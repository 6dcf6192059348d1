"""The states that the lines of a page pass through, and which may follow which.

A state says what a line is and whether it opens a block. Running text, subheads and bylines come in
two kinds: of an article that has its headline, and of one that lacks it still (lower case). Only
the latter may come upon a headline further down, inside its text, so that such a headline asks for
an unmarked beginning somewhere before it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

ROLE_OF: Final = {
    "HB": "headline",  # opens an article
    "YB": "byline",  # opens a photo item
    "BB": "body",  # opens an article that has no headline above it
    "AB": "ad",
    "NB": "notice",
    "IB": "imprint",
    "HC": "headline",  # a further line of kicker, headline, subtitle
    "Y": "byline",
    "y": "byline",
    "BF": "body",  # begins a paragraph
    "BC": "body",  # goes on with a paragraph
    "S": "subhead",
    "YT": "byline",  # after the text
    "bf": "body",
    "bc": "body",
    "s": "subhead",
    "yt": "byline",
    "D": "headline",  # inside the text of its article
    "DY": "byline",  # with such a headline
    "AC": "ad",
    "NC": "notice",
    "IC": "imprint",
}
"""The role of a line in each state."""

STATES: Final = tuple(ROLE_OF)
PLACE: Final = {state: place for place, state in enumerate(STATES)}
OPENING: Final = frozenset({"HB", "YB", "BB", "AB", "NB", "IB"})
"""States of the first line of a block."""

KINDS: Final = tuple(dict.fromkeys(state.upper() for state in STATES))
"""States that cues tell apart: the two kinds of running text look the same."""

KIND_OF: Final = np.array([KINDS.index(state.upper()) for state in STATES])
"""For each state its place in KINDS."""

_ANY_BLOCK = "HB YB BB AB NB IB"
_AFTER: Final = {
    "HB": "HC Y BF S",
    "HC": "HC Y BF S",
    "Y": "HC Y BF S",
    "YB": "y bf",
    "y": "y bf s",
    "BF": "BF BC S YT",
    "BC": "BF BC S YT",
    "BB": "bf bc s yt D DY",
    "bf": "bf bc s yt D DY",
    "bc": "bf bc s yt D DY",
    "S": "S BF BC YT",
    "s": "s bf bc yt D",
    "D": "D DY BF BC",
    "DY": "D DY BF BC",
    "YT": "YT S",
    "yt": "yt s",
    "AB": "AC",
    "AC": "AC",
    "NB": "NC IC",
    "NC": "NC IC",
    "IB": "IC",
    "IC": "IC",
}
_ENDLESS = frozenset({"D", "DY"})
"""States that no block ends in: text goes on after a headline inside it."""


def _allowed() -> NDArray[np.bool_]:
    allowed = np.zeros((len(STATES), len(STATES)), np.bool_)
    for state, following in _AFTER.items():
        every = following if state in _ENDLESS else f"{following} {_ANY_BLOCK}"
        for name in every.split():
            allowed[PLACE[state], PLACE[name]] = True
    return allowed


ALLOWED: Final = _allowed()
"""``(states, states)``: which state (second) may follow which (first)."""

MAY_BEGIN: Final = np.array([state in OPENING for state in STATES])
