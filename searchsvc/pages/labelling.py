"""Evidence to states: the best path through all lines of a page, and how sure each step is.

A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001). ``weights.json`` is
written by ``scripts/fit-segmenter``: for every cue its weight a kind of state, for every pair of
states the weight of one following the other. Path by Viterbi's algorithm, probabilities by the
forward and backward sums.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from searchsvc.pages.evidence import Evidence
from searchsvc.pages.kernels import best_path, state_scores
from searchsvc.pages.states import ALLOWED, KIND_OF, KINDS, MAY_BEGIN, PLACE, STATES

Floats = NDArray[np.float64]
_NEVER = -1e9


@dataclass(frozen=True, eq=False)
class Model:
    """``cues`` is (cues, states), in the order of ``names``; ``transitions`` (states, states)."""

    names: tuple[str, ...]
    cues: Floats
    transitions: Floats

    def path(self, evidence: Evidence) -> list[int]:
        """The most probable place in STATES of every line."""
        scores = state_scores(evidence.values, self.cues)
        path: list[int] = best_path(scores, self.transitions, MAY_BEGIN).tolist()
        return path

    def probabilities(self, evidence: Evidence) -> Floats:
        """How probable each state is for each line, all paths counted: ``(lines, states)``."""
        scores = state_scores(evidence.values, self.cues)
        local = np.exp(scores - scores.max(axis=1, keepdims=True))
        step = np.exp(self.transitions)
        forward = np.empty_like(local)
        here = local[0] * MAY_BEGIN
        for n in range(len(local)):
            if n:
                here = (here @ step) * local[n]
            here = forward[n] = here / here.sum()
        backward = np.empty_like(local)
        behind = np.ones(len(STATES))
        for n in range(len(local) - 1, -1, -1):
            backward[n] = behind
            behind = step @ (behind * local[n])
            behind = behind / behind.sum()
        shares: Floats = forward * backward
        shares /= shares.sum(axis=1, keepdims=True)
        return shares


def read_model(record: dict[str, dict[str, dict[str, float]]]) -> Model:
    """The model of a weights file: ``{"cues": {cue: {kind: weight}}, "transitions": {...}}``."""
    names = tuple(record["cues"])
    by_kind = np.array([[row.get(kind, 0.0) for kind in KINDS] for row in record["cues"].values()])
    transitions = np.where(ALLOWED, 0.0, _NEVER)
    for state, row in record["transitions"].items():
        for following, weight in row.items():
            transitions[PLACE[state], PLACE[following]] = weight
    return Model(names, np.ascontiguousarray(by_kind[:, KIND_OF]), transitions)


MODEL = read_model(json.loads(files(__package__).joinpath("weights.json").read_text("utf-8")))


def state_names(path: Sequence[int]) -> list[str]:
    """The names of the states of a path."""
    return [STATES[place] for place in path]
