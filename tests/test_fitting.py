"""The fit of the segmenter's weights: its gradient, and the states of labelled pages."""

from random import Random

import numpy as np
import pytest

pytest.importorskip("scipy", reason="fitting needs scipy: pip install searchsvc[dev]")

import itertools

from fitting import field, margins, twins
from fitting.labelled import LabelledPage, labelled_lines, written_pages
from fitting.scores import score

from searchsvc.pages import line_labels, segment_page
from searchsvc.pages.states import ALLOWED, KINDS, MAY_BEGIN, PLACE, STATES

PAGE = LabelledPage(
    "p",
    "sample",
    "标题在上\n□记者 王小满\n第一段写完了。\n\n第二段没有写完，\n后来的标题\n记者 李大壮\n就接着写完了。\n小标题\n第三段。\n责任编辑 刘田",
    {
        1: ("a", "headline"), 2: ("a", "byline"), 3: ("a", "body"), 5: ("b", "body"),
        6: ("b", "headline"), 7: ("b", "byline"), 8: ("b", "body"), 9: ("b", "subhead"),
        10: ("b", "body"), 11: ("i", "imprint"),
    },
)  # fmt: skip


def test_labelled_lines_have_the_states_of_their_roles():
    states = [line.state for line in labelled_lines(PAGE)]
    assert states == ["HB", "Y", "BF", "BB", "D", "DY", "BC", "S", "BF", "IB"]
    places = [PLACE[state] for state in states]
    assert MAY_BEGIN[places[0]]
    assert all(ALLOWED[a, b] for a, b in itertools.pairwise(places))


@pytest.mark.parametrize("twin", [twins.even, twins.wrapped])
def test_twins_keep_text_and_blocks(twin):
    found = twin(PAGE, Random(1))
    joined = "".join(line.text.strip() for line in labelled_lines(found))
    assert joined == "".join(line.text for line in labelled_lines(PAGE))
    assert {line.block for line in labelled_lines(found)} == {"a", "b", "i"}


def test_written_pages_are_labelled_whole_and_possible():
    pages = written_pages()
    assert len(pages) > 10
    for page in pages:
        numbers = {n for n, text in enumerate(page.text.split("\n"), 1) if text.strip()}
        assert set(page.labels) == numbers
        places = [PLACE[line.state] for line in labelled_lines(page)]
        assert MAY_BEGIN[places[0]], page.name
        assert all(ALLOWED[a, b] for a, b in itertools.pairwise(places)), page.name


def test_every_margin_is_filled():
    for templates in (margins.MASTHEADS, margins.IMPRINTS, margins.NOTICES, margins.ADS):
        for template in templates:
            lines = margins.drawn((template,), Random(3))
            assert all(lines) and "{" not in "".join(lines)


def test_recombined_pages_are_labelled_whole():
    page = twins.recombined([PAGE], Random(2), "r")
    assert all(line.state in STATES for line in labelled_lines(page))
    numbers = {n for n, text in enumerate(page.text.split("\n"), 1) if text.strip()}
    assert set(page.labels) == numbers


def test_the_gradient_is_that_of_the_loss():
    random = np.random.default_rng(5)
    places = np.array([PLACE[line.state] for line in labelled_lines(PAGE)])
    evidence = random.normal(size=(len(places), 2))
    sequences = [
        field.PageSequence(evidence, places, 1.0),
        field.PageSequence(evidence[:4], places[:4], 2.0),
    ]
    fitted = field.fit(sequences, penalty=0.1, iterations=300)
    batches = [field.padded(sequences, 2)]
    vector = np.concatenate([fitted.cues.ravel(), fitted.transitions.ravel()])
    _, gradient = field.loss_and_gradient(vector, batches, 2, 0.1)
    assert np.abs(gradient).max() < 0.02
    away = vector + random.normal(scale=0.1, size=len(vector))
    _, gradient = field.loss_and_gradient(away, batches, 2, 0.1)
    for n in random.choice(2 * len(KINDS), size=12, replace=False):
        step = np.zeros(len(away))
        step[n] = 1e-5
        up, down = (field.loss_and_gradient(away + s, batches, 2, 0.1)[0] for s in (step, -step))
        assert (up - down) / 2e-5 == pytest.approx(gradient[n], abs=1e-3)


def test_scores_are_whole_for_the_gold_itself():
    gold = {str(n): list(label) for n, label in PAGE.labels.items()}
    assert score([(PAGE, gold)]) == {
        "pages": 1, "b3_f1": 1.0, "boundary_f1": 1.0, "roles": 1.0, "headlines": 1.0
    }  # fmt: skip
    one = {n: ["all", role] for n, (_, role) in gold.items()}
    assert score([(PAGE, one)])["boundary_f1"] == 0
    assert set(line_labels(segment_page(PAGE.text))) == set(gold)
