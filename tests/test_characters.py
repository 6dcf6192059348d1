"""Classes of characters say of lines what looking at each line says."""

import re
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.pages import text_lines
from searchsvc.pages.characters import BIT, CLASSES, CUES, PAIRS, Characters
from searchsvc.pages.units import ends_sentence, open_quotes
from searchsvc.pages.view import page_view

TEXTS = st.text("水a0，。；！？“”「」（)》【 \u3000版电\U00020000\ud800", max_size=12)


@given(st.lists(TEXTS.filter(str.strip), min_size=1, max_size=6))
def test_classes_are_those_of_every_line(texts):
    view = page_view(text_lines("\n".join(texts)))
    for name, members in CLASSES.items():
        assert view.begins_with(name).tolist() == [text[0] in members for text in view.texts]
        assert view.ends_with(name).tolist() == [text[-1] in members for text in view.texts]
        held = [any(c in members for c in text) for text in view.texts]
        assert view.holds(name).tolist() == held
    pairs = [[text.count(a) - text.count(b) for a, b in PAIRS] for text in view.texts]
    assert view.open_pairs.tolist() == pairs
    assert view.open_quotes.tolist() == [open_quotes(text) for text in view.texts]
    assert view.finished.tolist() == [bool(ends_sentence(text)) for text in view.texts]
    words = [next((c for c in text if c in CLASSES["word"]), "\0") for text in view.texts]
    assert view.characters.first_words().tolist() == list(map(ord, words))


def test_every_character_has_one_bit_a_class():
    bits = Characters(("。",), np.array([1])).bits[0]
    assert bits == BIT["final"] | BIT["stop"] | BIT["period"] | BIT["mark"] | BIT["inside"]
    assert len(CLASSES) <= 32


@pytest.mark.parametrize("name", ["notice", "imprint"])
def test_words_are_looked_for_where_one_of_their_characters_stands(name):
    characters = set(CUES[f"{name}_characters"])

    for pattern in CUES[name]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            matching = st.from_regex(re.compile(pattern), fullmatch=False)

        @settings(max_examples=40)
        @given(matching)
        def holds(text):
            assert characters & set(text)

        holds()
