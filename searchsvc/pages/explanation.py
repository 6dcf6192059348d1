"""Why a page was cut as it was: for every line how sure its label is, and the cues that spoke for it.

Called by ``segment --explain`` and ``segment --json``; searching and indexing do without.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from searchsvc.pages.evidence import evidence
from searchsvc.pages.labelling import MODEL
from searchsvc.pages.lines import PageLines
from searchsvc.pages.states import OPENING, ROLE_OF, STATES
from searchsvc.pages.view import page_view

MAX_CUES = 3
_OPENS = np.array([state in OPENING for state in STATES])
_ROLES = np.array([ROLE_OF[state] for state in STATES])


@dataclass(frozen=True, slots=True)
class Reason:
    """A cue and how much it spoke for the label, in log odds against ``Decision.instead``."""

    cue: str
    weight: float


@dataclass(frozen=True, slots=True)
class Decision:
    """The label of a line: its role, whether it opens a block, and how probable that is.

    ``instead`` is the likeliest other label, ``instead_opens`` whether that opens a block; ``reasons``
    are the cues that decided against it, strongest first.
    """

    line: int
    role: str
    opens: bool
    probability: float
    instead: str
    instead_opens: bool
    reasons: tuple[Reason, ...]


def page_decisions(lines: PageLines) -> tuple[Decision, ...]:
    """The decisions for the non-blank lines of a page, top to bottom."""
    view = page_view(lines)
    if not len(view):
        return ()
    found = evidence(view)
    shares = MODEL.probabilities(found)
    decisions = []
    for n, state in enumerate(MODEL.path(found)):
        same = np.equal(_ROLES, _ROLES[state]) & np.equal(_OPENS, _OPENS[state])
        rival = int(np.where(same, -1.0, shares[n]).argmax())
        spoke = found.values[n] * (MODEL.cues[:, state] - MODEL.cues[:, rival])
        strongest = [c for c in np.argsort(-spoke)[: MAX_CUES + 1].tolist() if spoke[c] > 0]
        decisions.append(
            Decision(
                line=view.numbers[n],
                role=str(_ROLES[state]),
                opens=bool(_OPENS[state]),
                probability=round(float(shares[n][same].sum()), 4),
                instead=str(_ROLES[rival]),
                instead_opens=bool(_OPENS[rival]),
                reasons=tuple(
                    Reason(found.names[c], round(float(spoke[c]), 2))
                    for c in strongest
                    if found.names[c] != "always"
                )[:MAX_CUES],
            )
        )
    return tuple(decisions)
