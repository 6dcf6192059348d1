"""The path of states: the best of all by brute force, probabilities that add up, weights that fit."""

import json
from importlib.resources import files
from itertools import pairwise, product

import numpy as np
import pytest

from searchsvc.pages import line_labels, page_decisions, segment_page, text_lines
from searchsvc.pages.evidence import Evidence, evidence
from searchsvc.pages.labelling import MODEL, Model
from searchsvc.pages.states import ALLOWED, KINDS, MAY_BEGIN, OPENING, ROLE_OF, STATES
from searchsvc.pages.view import page_view

LINES = 3


def random_model(seed):
    random = np.random.default_rng(seed)
    transitions = np.where(ALLOWED, random.normal(size=ALLOWED.shape), -1e9)
    model = Model(("a", "b"), random.normal(size=(2, len(STATES))), transitions)
    return model, Evidence(model.names, random.normal(size=(LINES, 2)))


def scores(model, found):
    """The score of every path."""
    local = found.values @ model.cues
    for path in product(range(len(STATES)), repeat=LINES):
        steps = pairwise(path)
        if MAY_BEGIN[path[0]] and all(ALLOWED[a, b] for a, b in steps):
            total = sum(local[n, s] for n, s in enumerate(path))
            total += sum(model.transitions[a, b] for a, b in pairwise(path))
            yield path, total


@pytest.mark.parametrize("seed", range(3))
def test_the_path_is_the_best_of_all_and_its_probabilities_are_theirs(seed):
    model, found = random_model(seed)
    every = list(scores(model, found))
    assert model.path(found) == list(max(every, key=lambda item: item[1])[0])
    expected = np.zeros((LINES, len(STATES)))
    for path, score in every:
        for n, state in enumerate(path):
            expected[n, state] += np.exp(score)
    expected /= expected.sum(axis=1, keepdims=True)
    assert np.allclose(model.probabilities(found), expected)


def test_the_weights_are_those_of_the_cues():
    record = json.loads(files("searchsvc.pages").joinpath("weights.json").read_text("utf-8"))
    assert tuple(record["cues"]) == evidence(page_view(text_lines("一行"))).names == MODEL.names
    assert all(set(row) == set(KINDS) for row in record["cues"].values())
    for state, row in record["transitions"].items():
        assert [ALLOWED[STATES.index(state), STATES.index(f)] for f in row] == [True] * len(row)


def test_a_block_is_opened_by_its_first_line_only():
    text = "老街供水改造收官\n□记者 王小满\n城南老街的供水管道已经更换完毕。\n责任编辑 刘田"
    opens = {d.line: d.opens for d in page_decisions(text_lines(text))}
    labels = line_labels(segment_page(text))
    seen = set()
    for line, (block, _) in labels.items():
        assert opens[int(line)] == (block not in seen)
        seen.add(block)


def test_every_decision_has_a_probability_and_cues_that_spoke_for_it():
    text = "老街供水改造收官\n□记者 王小满\n城南老街的供水管道已经更换完毕。\n责任编辑 刘田"
    decisions = page_decisions(text_lines(text))
    assert [d.role for d in decisions] == ["headline", "byline", "body", "imprint"]
    for decision in decisions:
        assert 0 < decision.probability <= 1
        assert (decision.instead, decision.instead_opens) != (decision.role, decision.opens)
        weights = [reason.weight for reason in decision.reasons]
        assert weights == sorted(weights, reverse=True)
        assert all(weight > 0 for weight in weights)
    assert "byline" in [reason.cue for reason in decisions[1].reasons]
    assert page_decisions(text_lines("\n \n")) == ()


def test_states_have_roles_and_blocks_end_outside_a_displaced_headline():
    assert set(ROLE_OF) == set(STATES)
    opening = [STATES.index(state) for state in OPENING]
    assert not ALLOWED[STATES.index("D")][opening].any()
