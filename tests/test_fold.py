"""Folding: the same text in every spelling, exact offsets back, and pieces that stay pieces."""

import unicodedata

import opencc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.text import fold, fold_all, fold_text, fold_texts
from searchsvc.text.fold import VARIANTS

NEWSPAPER_CHARS = (
    "聊城質量鏈臺灣乾燥發髮ＡＢｃ１２①㍻“”—…・ \u3000\n\r\t，。ﬁßİé\u0301\u200b\ufeff한"
)


@given(st.lists(st.text(alphabet=NEWSPAPER_CHARS + "…\0\U0010ffff", max_size=20) | st.text()))
def test_many_texts_fold_as_each_does_alone(texts):
    assert fold_texts(texts) == [fold_text(text) for text in texts]
    assert fold_all(texts) == [fold(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＡＢＣ／２０２４", "abc/2024"),
        ("臺灣", "台湾"),
        ("農擔公司", "农担公司"),
        ("“经营快贷”", '"经营快贷"'),
        ("「經營快貸」", '"经营快贷"'),
        ("360°球幕", "360°球幕"),
        ("零\u200b售\ufeff价", "零售价"),
        ("一\r\n二\u3000三", "一\n二 三"),
        ("e\u0301tude", "étude"),
        ("㎡①½", "m211⁄2"),
        ("羣峯著綫", "群峰着线"),
        ("二〇一八 二○一八", "二零一八 二零一八"),
        ("", ""),
    ],
)
def test_text_folds_to_one_form(text, folded):
    assert fold_text(text) == folded


@given(st.text() | st.text(alphabet=NEWSPAPER_CHARS))
def test_offsets_cover_the_original_in_order(text):
    folded = fold(text)
    assert folded.text == fold_text(text)
    last = 0
    for i in range(len(folded.text)):
        start, end = folded.original(i, i + 1)
        assert last <= start < end <= len(text) or folded.original(i - 1, i) == (start, end)
        assert folded.text[i] in fold_text(text[start:end])
        last = end


@given(st.text(alphabet=NEWSPAPER_CHARS) | st.text(), st.integers(0, 50), st.integers(1, 20))
def test_a_piece_of_the_text_folds_to_a_piece_of_the_folded_text(text, start, length):
    piece = text[start : start + length]
    if start + length < len(text) and unicodedata.combining(text[start + length]):
        return  # a cut inside a cluster makes another character
    if piece and (
        unicodedata.combining(piece[0]) or (piece[0] == "\n" and text[:start][-1:] == "\r")
    ):
        return
    if piece[-1:] == "\r" and text[start + length :][:1] == "\n":
        return
    assert fold_text(piece) in fold_text(text)


def test_a_variant_and_its_standard_character_fold_to_the_standard_one():
    assert [(v, s) for v, s in VARIANTS.items() if not fold_text(v) == fold_text(s) == s] == []


@pytest.mark.parametrize("script", ["s2t", "s2tw", "s2hk"])
def test_every_common_simplified_character_comes_back_from_traditional_script(script):
    rows = range(0xB0, 0xF8)
    common = [bytes((high, low)) for high in rows for low in range(0xA1, 0xFF)]
    convert = opencc.OpenCC(script).convert
    chars = [c for code in common if (c := code.decode("gb2312", errors="ignore"))]
    assert len(chars) == 6_763
    assert [c for c in chars if fold_text(convert(c)) != fold_text(c)] == []
