"""Did you mean: slips of every kind are mended against the archive's words, correct text is left alone."""

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis import Analyzer
from searchsvc.suggestions.builder import write_lexicon
from searchsvc.suggestions.characters import Characters
from searchsvc.suggestions.completion import Completer
from searchsvc.suggestions.correction import Corrector
from searchsvc.suggestions.edits import (
    ADDED,
    DOUBLED,
    MISSING,
    SAME_SOUND,
    SWAPPED,
    least_cost,
    slip_cost,
)
from searchsvc.suggestions.entries import Entry, Kind, entry_key
from searchsvc.suggestions.lexicon import Lexicon
from searchsvc.suggestions.query_correction import QueryCorrector
from searchsvc.suggestions.vocabulary import Vocabulary

WORDS = {
    "聊城": 60, "流程": 40, "新闻": 900, "新闻联播": 300, "国务院": 800, "委员会": 500, "会议": 900,
    "召开": 700, "脱贫攻坚": 400, "人民代表大会": 200, "北京": 900, "著名": 50, "作家": 80,
    "的": 5_000, "在": 4_000, "举行": 600, "华为": 30, "huawei": 40, "大桥": 70, "通车": 60,
    "慰问": 40, "国务卿": 40, "国情": 60, "古桥": 30, "修缮": 30,
}  # fmt: skip
"""A small archive's words with their counts; the others are typed in the tests."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("suggestions")
    words = [Entry(word, Kind.WORD, count) for word, count in WORDS.items()]
    names = [Entry("沈丹阳", Kind.PERSON, 12), Entry("澜江日报", Kind.NEWSPAPER, 60)]
    write_lexicon(folder / "base.svc", [*words, *names])
    return folder


@pytest.fixture(scope="module")
def characters():
    return Characters()


@pytest.fixture(scope="module")
def vocabulary(folder):
    return Vocabulary(Lexicon(folder / "base.svc"), None)


@pytest.fixture(scope="module")
def corrector(vocabulary, characters):
    analyzer = Analyzer()
    return Corrector(vocabulary, characters, lambda word: analyzer.words(word) == [word])


@pytest.fixture(scope="module")
def texts():
    """What the archive holds, folded, and in how many articles."""
    return {entry_key(word): count for word, count in WORDS.items()} | {
        "沈丹阳": 12,
        "澜江日报": 60,
    }


@pytest.fixture(scope="module")
def meant(vocabulary, corrector, characters, texts):
    mender = QueryCorrector(corrector, Completer(vocabulary, characters.syllables))

    def occurrences(asked):
        return [
            max((n for known, n in texts.items() if text in known), default=0) for text in asked
        ]

    return lambda query, shown=(): mender.meant(query, occurrences, shown)


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("聊诚", "聊城"),  # sounds the same
        ("新闻联博", "新闻联播"),  # does so in part, and looks alike
        ("国务员", "国务院"),  # as dialects hear it; 国务 and 员 stand in the archive, too
        ("委会员", "委员会"),  # swapped
        ("新闻播", "新闻联播"),  # missing
        ("国卿", "国务卿"),  # missing: likelier than 国情, which more articles have
        ("国务务院", "国务院"),  # doubled
        ("拖频攻坚", "脱贫攻坚"),  # two by sound
        ("沈单阳", "沈丹阳"),  # a name
        ("澜江日抱", "澜江日报"),  # a newspaper
        ("huawie", "huawei"),  # Latin
        ("liaocheng", "聊城"),  # pinyin that finds nothing
        ("着名作佳", "著名作家"),  # as printed, not as folded
    ],
)
def test_a_slip_is_mended(meant, typed, right):
    assert entry_key(meant(typed)) == entry_key(right)


@pytest.mark.parametrize(
    "typed", [*WORDS, "沈丹阳", "新闻会议", "北京召开会议", "在北京举行的会议", ""]
)
def test_what_is_right_is_left_alone(meant, typed):
    assert meant(typed) is None


def test_a_word_of_the_general_dictionary_is_left_alone(meant):
    """长城 is no word of this archive, and 聊城 looks like it, but it is a word."""
    assert meant("长城") is None


def test_one_wrong_word_in_a_long_query_is_mended_in_its_place(meant):
    typed = "在北京举行的人民带表大会会议"
    assert meant(typed) == "在北京举行的人民代表大会会议"


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("标题:聊诚 会议", "标题:聊城 会议"),
        ("“聊诚” OR 大桥", "“聊城” OR 大桥"),
        ("(国务员^2 -大桥) AND date:2018", "(国务院^2 -大桥) AND date:2018"),
        ("聊诚　新闻联博", "聊城　新闻联播"),
        ("國務員", "国务院"),
        ('"聊 诚"', '"聊城"'),
    ],
)
def test_the_rest_of_a_query_stays_as_it_was_typed(meant, typed, right):
    assert meant(typed) == right


def test_counts_are_asked_for_together_and_none_twice(vocabulary, corrector, characters):
    asked = []

    def occurrences(texts):
        asked.append(list(texts))
        return [0 if text in ("聊诚", "国务员", "xyz") else 9 for text in texts]

    mender = QueryCorrector(corrector, Completer(vocabulary, characters.syllables))
    assert mender.meant("聊诚 国务员 北京", occurrences) == "聊城 国务院 北京"
    assert asked == [["聊诚", "国务员", "北京"], ["聊城"], ["国务院"]]


def test_what_cannot_be_offered_for_what_stands_in_the_archive_is_not_counted(
    vocabulary, corrector, characters
):
    asked = []

    def occurrences(texts):
        asked.append(list(texts))
        return [1 if text == "国务员" else 9 for text in texts]

    mender = QueryCorrector(corrector, Completer(vocabulary, characters.syllables))
    assert mender.meant("聊诚 国务 国务员", occurrences) is None
    assert asked == [["聊诚", "国务", "国务员"], ["国务院"]]


def test_what_stands_in_a_text_at_hand_is_not_counted(vocabulary, corrector, characters):
    asked = []

    def occurrences(texts):
        asked.extend(texts)
        return [9 for _ in texts]

    mender = QueryCorrector(corrector, Completer(vocabulary, characters.syllables))
    assert mender.meant("北京 国务院", occurrences, ["在北京，国务院"]) is None
    assert asked == []
    assert mender.meant("北京 国务院", occurrences, ["在北京，国务"]) is None
    assert asked == ["国务院"]


@given(
    st.sampled_from(["聊诚 北京", "国务员", "新闻联播", "在北京举行的会议", "委会员会议"]),
    st.data(),
)
def test_texts_at_hand_change_no_answer(meant, texts, query, data):
    """Whatever part of the archive is at hand."""
    shown = data.draw(st.lists(st.sampled_from(sorted(texts))))
    assert meant(query, shown) == meant(query)


def test_wildcards_are_not_corrected(meant):
    assert meant("聊诚*") is None


@pytest.mark.parametrize(
    ("typed", "word", "cost"),
    [
        ("聊诚", "聊城", SAME_SOUND),
        ("会员委", "委会员", None),
        ("委会员", "委员会", SWAPPED),
        ("国院", "国务院", MISSING),
        ("国务务院", "国务院", DOUBLED),
        ("国务事院", "国务院", ADDED),
        ("国务院", "国务院", None),
        ("甲乙", "国务院", None),
        ("甲乙丙丁", "国务院", None),
    ],
)
def test_costs_of_slips(characters, typed, word, cost):
    assert slip_cost(typed, word, characters) == cost


LOOKALIKES = st.text(st.sampled_from("聊诚城成国务员院委会未末大天"), min_size=1, max_size=5)


@given(LOOKALIKES, LOOKALIKES)
def test_no_slip_costs_less_than_its_least_cost(characters, typed, word):
    cost = slip_cost(typed, word, characters)
    assert cost is None or least_cost(typed, word) <= cost


@given(
    st.text(
        st.sampled_from("聊诚城国务员院卿委会议新闻联播博召开的在大桥"), min_size=2, max_size=12
    )
)
def test_slips_that_cannot_pay_are_left_out_without_a_change(corrector, run):
    fewer = corrector.lattice(run, doubtful=True).slips()
    with patch("searchsvc.suggestions.correction._worth", lambda possible, *_: list(possible)):
        assert corrector.lattice(run, doubtful=True).slips() == fewer


def test_characters_sound_and_look_alike(characters):
    assert characters.sound_alike("诚", "城") == 2
    assert characters.sound_alike("岑", "成") == 1
    assert characters.sound_alike("大", "小") == 0
    assert characters.look_alike("未", "末") > characters.look_alike("未", "小")
    assert characters.look_alike("a", "未") == 0
    assert characters.readings("行")[:2] == ("xing", "hang")
