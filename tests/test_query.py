"""The query language: every construct, every limit, positions of every error, and no crash."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.errors import QueryError
from searchsvc.query import (
    And,
    Everything,
    Near,
    Not,
    Or,
    Phrase,
    Range,
    Wildcard,
    Words,
    parse_query,
)
from searchsvc.query.tree import names_field, relaxed, text_leaves

JULY = Range(date(2018, 7, 1), date(2018, 7, 31))


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("", Everything()),
        (" \u3000\t", Everything()),
        ("*", Everything()),
        ("***", Everything()),
        ("*:*", Everything()),
        ("质量链", Words("质量链")),
        ("聊城 质量链", And((Words("聊城"), Words("质量链")))),
        ("聊城　质量链", And((Words("聊城"), Words("质量链")))),
        ("聊城 AND 质量链", And(tuple(Words(w, required=True) for w in ("聊城", "质量链")))),
        ("聊城 OR 质量链", Or((Words("聊城"), Words("质量链")))),
        ("甲 乙 OR 丙 丁", Or((And((Words("甲"), Words("乙"))), And((Words("丙"), Words("丁")))))),
        ("甲 -乙", And((Words("甲"), Not(Words("乙"))))),
        ("甲 NOT 乙", And((Words("甲"), Not(Words("乙"))))),
        ("甲 NOT NOT 乙", And((Words("甲"), Not(Not(Words("乙")))))),
        ("甲 (乙 OR 丙)", And((Words("甲"), Or((Words("乙"), Words("丙")))))),
        ("（甲 OR 乙）丙", And((Or((Words("甲"), Words("乙"))), Words("丙")))),
        ("()", Everything()),
        ("聊城（）", Words("聊城")),
        ("聊城在哪（）？", And((Words("聊城在哪"), Words("？")))),
        ("(（ ）) 聊城", Words("聊城")),
        ('"经营快贷"', Phrase("经营快贷")),
        ("实现“开门稳”", And((Words("实现"), Phrase("开门稳", in_text=True)))),
        ("“开门稳”实现", And((Phrase("开门稳", in_text=True), Words("实现")))),
        ("实现 “开门稳”", And((Words("实现"), Phrase("开门稳")))),
        ("“开门稳”AND 实现", And((Phrase("开门稳"), Words("实现", required=True)))),
        ("“经营快贷”", Phrase("经营快贷")),
        ("「經營快貸」", Phrase("經營快貸")),
        ('"甲 乙"~5', Near(("甲", "乙"), 5)),
        ("“甲 乙”～５", Near(("甲", "乙"), 5)),
        ('"甲"~5', Phrase("甲")),
        ("标题:质量", Words("质量", "title")),
        ("标题：质量", Words("质量", "title")),
        ("title:质量^2", Words("质量", "title", 2.0)),
        ("TITLE:质量", Words("质量", "title")),
        ("记者:肖会", Words("肖会", "reporter")),
        ("标题:(甲 OR 乙)", Or((Words("甲", "title"), Words("乙", "title")))),
        ("-标题:甲", Not(Words("甲", "title"))),
        ('记者:"肖 会"', Phrase("肖 会", "reporter")),
        ("质量*市", Wildcard("质量*市")),
        ("质量＊", Wildcard("质量*")),
        ("质?市", Wildcard("质?市")),
        ("是谁？", Words("是谁？")),
        ("why?", Words("why?")),
        ("date:2018-07", JULY),
        ("日期:2018年7月", JULY),
        ("日期:2018/07", JULY),
        ("date:[2018-07 TO 2018-07]", JULY),
        ("日期：［2018-07 TO 2018-07］", JULY),
        ("date:{2018-06 TO 2018-08}", JULY),
        ("date:[2018-07-01 TO *]", Range(date(2018, 7, 1), None)),
        ("date:[TO 2018]", Range(None, date(2018, 12, 31))),
        ("date:2018-07-24", Range(date(2018, 7, 24), date(2018, 7, 24))),
        ("工商银行：普惠金融", Words("工商银行：普惠金融")),
        ("GB/T33230-2016", Words("GB/T33230-2016")),
        ("a-b", Words("a-b")),
        ("甲\x00乙", And((Words("甲"), Words("乙")))),
        ("质量[链]", Words("质量[链]")),
        ("^2", Words("^2")),
        ("~", Words("~")),
    ],
)
def test_query_means(query, tree):
    assert parse_query(query) == tree


@pytest.mark.parametrize(
    ("query", "code", "position"),
    [
        ("聊" * 1_001, "query.too_long", 1_000),
        ('聊城 "质量链', "query.unclosed_quote", 3),
        ("聊城 (质量链", "query.unclosed_bracket", 3),
        ("(", "query.unclosed_bracket", 0),
        ("聊城)", "query.unopened_bracket", 2),
        ("标题:()", "query.field_without_term", 0),
        ("NOT （）", "query.operand_missing", 0),
        ('""', "query.empty_phrase", 0),
        ('" "', "query.empty_phrase", 0),
        ("NOT", "query.operand_missing", 0),
        ("聊城 AND", "query.operand_missing", 3),
        ("聊城 OR OR 质量", "query.operand_missing", 3),
        ("OR 质量", "query.term_expected", 0),
        ("标题:", "query.field_without_term", 0),
        ("标题:)", "query.field_without_term", 0),
        ("date:昨天", "query.date", 5),
        ("date:2018-13", "query.date", 5),
        ("date:[2018-07", "query.unclosed_range", 5),
        ("date:[2018-07]", "query.range", 5),
        ("date:[2018-07 TO 甲]", "query.date", 17),
        ("title:[a TO b]", "query.range_field", 6),
        ('"甲 乙"~99999', "query.number", 5),
        ("甲^1.2.3", "query.number", 1),
        ("(" * 60 + "甲" + ")" * 60, "query.too_deep", 51),
        ("NOT " * 60 + "甲", "query.too_deep", 204),
        ("甲 " * 201, "query.too_many_terms", 400),
    ],
)
def test_wrong_query_is_refused_with_its_position(query, code, position):
    with pytest.raises(QueryError) as raised:
        parse_query(query)
    assert (raised.value.code, raised.value.position) == (code, position)
    assert raised.value.message("zh") != raised.value.message("en")


@given(
    st.text()
    | st.lists(
        st.sampled_from(
            ["聊城", '"', "“", "(", "）", "AND", "OR", "NOT", "-", "*", "?", "^2", "~3", "标题:",
             "date:", "[", "TO", "]", "2018", " ", "　", "\x00", "\u200b", "\ud800", "^", "~"]
        )
    ).map("".join)
)  # fmt: skip
def test_any_text_gives_a_tree_or_a_position(query):
    try:
        tree = parse_query(query)
    except QueryError as error:
        assert 0 <= error.position <= len(query)
    else:
        list(text_leaves(tree))


def test_relaxing_loosens_bare_words_only():
    tree = parse_query("甲 乙 标题:丙 -丁")
    assert relaxed(tree) == And(
        (
            Or((Words("甲", any_word=True), Words("乙", any_word=True))),
            Words("丙", "title"),
            Not(Words("丁")),
        )
    )
    assert relaxed(parse_query('"甲 乙"')) is None
    assert relaxed(parse_query("甲 OR 乙")) is None


def test_relaxing_leaves_a_code_whole():
    assert relaxed(parse_query("ＧＢ／T33230-2016 质量")) == Or(
        (Phrase("ＧＢ／T33230-2016"), Words("质量", any_word=True))
    )


def test_a_field_is_noticed_wherever_it_stands():
    assert names_field(parse_query("甲 (乙 OR -类型:广告)"), "kind")
    assert not names_field(parse_query("甲 标题:乙"), "kind")
