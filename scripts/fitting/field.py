"""A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001): its likelihood,
and weights by L-BFGS.

Takes sequences of evidence ``(lines, cues)`` with the states of their lines; gives the weights that
``searchsvc.pages.labelling`` reads. Sequences are padded and handled side by side, line by line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from searchsvc.pages.states import ALLOWED, KIND_OF, KINDS, MAY_BEGIN, STATES

Floats = NDArray[np.float64]
BATCH = 160
_FORBIDDEN = np.where(ALLOWED, 0.0, -1e9)
_KIND = np.eye(len(KINDS))[KIND_OF]  # (states, kinds)


@dataclass(frozen=True)
class PageSequence:
    """The evidence of a page, the place of each line's state in STATES, and how much it counts."""

    evidence: Floats
    states: NDArray[np.int64]
    importance: float


@dataclass(frozen=True)
class Weights:
    """``cues`` is (cues, kinds), ``transitions`` (states, states)."""

    cues: Floats
    transitions: Floats


def fit(sequences: Sequence[PageSequence], penalty: float, iterations: int) -> Weights:
    """The weights of highest likelihood with a squared penalty (L2)."""
    n_cues = sequences[0].evidence.shape[1]
    ordered = sorted(sequences, key=lambda sequence: len(sequence.states))
    batches = [padded(ordered[n : n + BATCH], n_cues) for n in range(0, len(ordered), BATCH)]
    start = np.zeros(n_cues * len(KINDS) + len(STATES) ** 2)
    found = minimize(
        loss_and_gradient, start, args=(batches, n_cues, penalty), jac=True, method="L-BFGS-B",
        options={"maxiter": iterations},
    )  # fmt: skip
    return _unpacked(found.x, n_cues)


def _unpacked(vector: Floats, n_cues: int) -> Weights:
    size = n_cues * len(KINDS)
    return Weights(
        vector[:size].reshape(n_cues, len(KINDS)),
        vector[size:].reshape(len(STATES), len(STATES)),
    )


def padded(
    sequences: Sequence[PageSequence], n_cues: int
) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Evidence, states and importance, padded with lines of importance 0."""
    shape = (len(sequences), max(len(sequence.states) for sequence in sequences))
    evidence = np.zeros((*shape, n_cues))
    states = np.zeros(shape, np.int64)
    importance = np.zeros(shape)
    for n, sequence in enumerate(sequences):
        length = len(sequence.states)
        evidence[n, :length] = sequence.evidence
        states[n, :length] = sequence.states
        importance[n, :length] = sequence.importance
    return evidence, states, importance


def loss_and_gradient(
    vector: Floats,
    batches: Sequence[tuple[Floats, NDArray[np.int64], Floats]],
    n_cues: int,
    penalty: float,
) -> tuple[float, Floats]:
    """Negative log likelihood and its gradient."""
    weights = _unpacked(vector, n_cues)
    loss = penalty * float(vector @ vector) / 2
    cue_gradient = np.zeros_like(weights.cues)
    transition_gradient = np.zeros_like(weights.transitions)
    for evidence, states, importance in batches:
        scores = evidence @ weights.cues @ _KIND.T
        value, expected, pairs = _expectations(scores, weights.transitions, states, importance)
        loss += value
        cue_gradient += np.tensordot(evidence, expected @ _KIND, axes=([0, 1], [0, 1]))
        transition_gradient += pairs
    gradient = np.concatenate([cue_gradient.ravel(), transition_gradient.ravel()])
    return loss, gradient + penalty * vector


def _expectations(
    scores: Floats, transitions: Floats, states: NDArray[np.int64], importance: Floats
) -> tuple[float, Floats, Floats]:
    """Loss, expected minus seen states ``(pages, lines, states)``, the same of pairs of states."""
    pages, lines, _ = scores.shape
    stands = importance > 0
    chain = transitions + _FORBIDDEN
    step = np.exp(chain)
    top = scores.max(axis=2, keepdims=True)
    local = np.exp(scores - top)
    forward = np.zeros_like(local)
    total = np.ones((pages, lines))
    first = local[:, 0] * MAY_BEGIN
    total[:, 0] = first.sum(axis=1)
    forward[:, 0] = first / total[:, :1]
    for t in range(1, lines):
        here = (forward[:, t - 1] @ step) * local[:, t]
        norm = here.sum(axis=1)
        total[:, t] = np.where(stands[:, t], norm, 1.0)
        spread = here / np.maximum(norm, 1e-300)[:, None]
        forward[:, t] = np.where(stands[:, t, None], spread, forward[:, t - 1])
    backward = np.ones_like(local)
    for t in range(lines - 2, -1, -1):
        here = (backward[:, t + 1] * local[:, t + 1]) @ step.T / total[:, t + 1 : t + 2]
        backward[:, t] = np.where(stands[:, t + 1, None], here, backward[:, t + 1])
    shares = forward * backward
    shares /= np.maximum(shares.sum(axis=2, keepdims=True), 1e-300)
    seen = np.zeros_like(local)
    np.put_along_axis(seen, states[:, :, None], 1.0, axis=2)
    loss = float(((np.log(np.maximum(total, 1e-300)) + top[:, :, 0]) * importance).sum())
    loss -= float((scores * seen * importance[:, :, None]).sum())
    steps = importance[:, 1:]
    loss -= float((chain[states[:, :-1], states[:, 1:]] * steps).sum())
    ahead = backward[:, 1:] * local[:, 1:] / total[:, 1:, None] * stands[:, 1:, None]
    pairs = np.einsum("ptk,ptj->kj", forward[:, :-1] * steps[:, :, None], ahead) * step
    np.subtract.at(pairs, (states[:, :-1].ravel(), states[:, 1:].ravel()), steps.ravel())
    return loss, (shares - seen) * importance[:, :, None], pairs
