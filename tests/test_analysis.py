"""Analysis: golden tokens, the two segmenters alike, offsets exact, the user dictionary."""

import json
import lzma
from collections import Counter
from itertools import accumulate, islice
from pathlib import Path

import pytest
from fold_dictionary import folded_lines
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis import (
    Analyzer,
    bigram_terms,
    bigrams,
    compact,
    count_bigrams,
    dictionary,
    pair_columns,
)
from searchsvc.analysis.dictionary import Entry, read_dictionary
from searchsvc.analysis.plain import JiebaSegmenter
from searchsvc.analysis.rust import RustSegmenter
from searchsvc.errors import SettingsError
from searchsvc.text import fold_text

NEWS = Path(__file__).parents[2] / "shared/data/news/xwlb_2012_2026.jsonl.xz"
ANALYZER = Analyzer()
ENTRIES = [Entry("质量链"), Entry("360极限飞球"), Entry("东昌府区", 1000, "ns")]


@pytest.fixture(scope="module")
def segmenters():
    return RustSegmenter(ENTRIES), JiebaSegmenter(ENTRIES)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("南京市长江大桥", ["南京", "京市", "南京市", "长江", "大桥", "长江大桥"]),
        ("聊城建设质量链", ["聊城", "建设", "质量", "链"]),
        ("ＡＢＣ／２０２４年", ["abc", "2024", "年"]),
        ("臺灣同胞", ["台湾", "同胞", "台湾同胞"]),
        ("乾隆年間的名著", ["干隆", "年间", "干隆年间", "的", "名着"]),
        ("马克思主义", ["马克", "马克思", "主义", "马克思主义"]),
        ("GB/T33230-2016《铝及铝合金》", ["gb", "t33230", "2016", "铝", "及", "铝合金", "合金"]),
    ],
)
def test_golden_words(text, terms):
    assert sorted(t.term for t in ANALYZER.word_tokens(fold_text(text))) == sorted(terms)


def test_bigrams_cross_spaces_but_no_punctuation_and_no_line_end():
    assert [t.term for t in bigrams("农 行贷,款\n5g网")] == ["农行", "行贷", "5g", "g网"]


@given(st.text(alphabet="聊城质量链ab1 ,。\n"))
def test_bigram_offsets_stand_on_their_text(text):
    tokens = bigrams(text)
    assert [compact(text[t.start_char : t.end_char]) for t in tokens] == [t.term for t in tokens]
    assert [t.term for t in tokens] == bigram_terms(text)


@given(st.lists(st.text(alphabet="质量强市，《》ab1 \n😀"), max_size=4))
def test_bigrams_of_many_texts_are_counted(texts):
    counts = count_bigrams(texts)
    postings = iter(zip(counts.pairs.tolist(), counts.frequencies.tolist(), strict=True))
    for text, size in zip(texts, counts.sizes, strict=True):
        found = {chr(p >> 32) + chr(p & 0xFFFF_FFFF): n for p, n in islice(postings, int(size))}
        assert found == Counter(bigram_terms(text))
    assert next(postings, None) is None


@given(st.lists(st.text(alphabet="南京市长江大桥质量链abc 12,。《》"), max_size=4))
def test_terms_of_leads_are_those_of_the_words_within(texts):
    whole, leads = ANALYZER.count_terms_and_leads(texts, 6)
    for one, other in zip(whole, ANALYZER.count_terms(texts), strict=True):
        assert list(one) == list(other)
    postings = iter(zip(leads.numbers, leads.frequencies, strict=True))
    for text, size in zip(texts, leads.sizes, strict=True):
        found = {leads.terms[n]: int(f) for n, f in islice(postings, int(size))}
        ends = list(accumulate(map(len, ANALYZER._segmenter.cut(text))))
        assert found == Counter(
            token.term
            for token in ANALYZER.word_tokens(text)
            if next(end for end in ends if end > token.start_char) <= 6
        )
    assert next(postings, None) is None


@given(st.lists(st.text(alphabet="质量强市，《》ab1 \n😀"), max_size=4))
def test_pairs_cover_every_character_of_every_line(texts):
    columns = pair_columns(texts)
    lines = [compact(text) + "\n" for text in texts]
    assert "".join(map(chr, columns.characters)) == "".join(lines)
    assert columns.text_sizes.tolist() == list(map(len, lines))
    expected = [[n for n, char in enumerate(line) if char != "\n"] for line in lines]
    assert columns.positions.tolist() == [place for places in expected for place in places]
    assert columns.sizes.tolist() == list(map(len, expected))
    assert columns.lengths.tolist() == [len(bigram_terms(text)) for text in texts]


@given(st.lists(st.text(alphabet="南京市长江大桥质量链abc 12,。《》"), max_size=4))
def test_terms_are_counted_as_tokens_are(texts):
    counts = ANALYZER.count_terms(texts)
    assert len(counts.terms) == len(set(counts.terms))
    numbers = iter(zip(counts.numbers, counts.frequencies, strict=True))
    for text, size in zip(texts, counts.sizes, strict=True):
        found = {counts.terms[n]: int(f) for n, f in islice(numbers, int(size))}
        assert found == Counter(token.term for token in ANALYZER.word_tokens(text))
        assert set(ANALYZER.word_terms(text)) == set(found)
    assert next(numbers, None) is None


@given(st.text(alphabet="南京市长江大桥质量链abc 12,。《》"))
def test_word_offsets_stand_on_their_text(text):
    for token in ANALYZER.word_tokens(text):
        assert text[token.start_char : token.end_char] == token.term


@given(
    st.text(alphabet="南京市长江大桥质量链360极限飞球东昌府区abcé한Ω 12,。《》-+#\n") | st.text()
)
def test_both_segmenters_cut_alike_with_a_user_dictionary(segmenters, text):
    rust, plain = segmenters
    folded = fold_text(text)
    assert rust.cut(folded) == plain.cut(folded)
    assert rust.search_terms(folded) == plain.search_terms(folded)
    assert rust.search_spans(folded) == plain.search_spans(folded)


def test_both_segmenters_cut_real_news_alike(segmenters):
    if not NEWS.exists():
        pytest.skip("the news corpus is not beside this checkout")
    rust, plain = segmenters
    with lzma.open(NEWS, "rt", encoding="utf-8") as lines:
        for _, line in zip(range(300), lines, strict=False):
            text = fold_text(json.loads(line)["text"])
            assert rust.search_terms(text) == plain.search_terms(text)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("侨批", ["侨批"]),
        ("侨批馆 开门", ["侨批馆", "开门"]),
        ("侨 批", ["侨", "批"]),
        ("质量链", ["质量", "链"]),
        ("马", ["马"]),
        ("，。", []),
    ],
)
def test_single_characters_side_by_side_are_one_word_of_a_query(text, asked):
    assert Analyzer().query_words(text) == asked


def test_a_dictionary_word_is_kept_whole(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("# 本地词\n質量鏈 1000 n\n\n苏小满  # 人名\n", encoding="utf-8")
    assert "质量链" not in ANALYZER.words("质量链启动")
    mended = Analyzer(path)
    assert mended.words("苏小满说质量链启动") == ["苏小满", "说", "质量链", "启动"]
    assert mended.fingerprint != ANALYZER.fingerprint


def test_a_bad_dictionary_line_is_named(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("质量链\n质量 链 好 词 5\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"words\.txt:2"):
        read_dictionary(path)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_dictionary(tmp_path / "absent.txt")


def test_the_words_that_folding_takes_out_of_the_dictionary_are_put_back():
    written = Path(dictionary.__file__).with_name("folded_words.txt")
    assert written.read_text(encoding="utf-8") == "".join(folded_lines())
