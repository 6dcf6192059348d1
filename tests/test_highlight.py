"""Highlights: exact offsets, whole phrases in one mark, the best fragments, safe HTML."""

import cProfile
import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis import Analyzer, compact
from searchsvc.articles import Article
from searchsvc.deadlines import time_limit
from searchsvc.errors import QueryCostError
from searchsvc.highlight import find_matches, fragments, needles_of, whole_texts
from searchsvc.query import parse_query
from searchsvc.text import fold_text

ANALYZER = Analyzer()


def article(*paragraphs, **fields):
    body = [{"text": text, "lines": [n]} for n, text in enumerate(paragraphs, 10)]
    return Article.from_record({"id": "a", "title": "标题", "body": body, **fields})


def marks(subject, query):
    texts = {"title": subject.title, "kicker": subject.kicker, "subtitle": subject.subtitle,
             "byline": subject.byline}  # fmt: skip
    return [
        (
            m.field,
            (subject.body[m.paragraph].text if m.field == "body" else texts[m.field])[
                m.start : m.end
            ],
        )
        for m in find_matches(subject, needles_of(parse_query(query), ANALYZER))
    ]


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("质量强市", ["质量强市", "质量"]),
        ('"质量强市"', ["质量强市"]),
        ("农担公司", ["農擔 公司"]),
        ("ａｂｃ", ["ABC"]),
        ("绝", []),
        ('"质量 步伐"~9', ["质量", "步伐", "质量"]),
        ("质量*市", ["质量强市"]),
        ("正文:步伐", ["步伐"]),
        ("标题:步伐", []),
        ("-步伐", []),
        ("强市 -步伐", ["强市"]),
        ("date:2018", []),
        ("1/2", ["½"]),
    ],
)
def test_marks_stand_on_the_original_text(query, marked):
    subject = article("质量强市建设迈出步伐。", "省農擔 公司介绍，ABC的质量占½。")
    assert [text for _, text in marks(subject, query)] == marked


def test_matches_carry_the_source_lines():
    found = find_matches(article("甲。", "乙质量。"), needles_of(parse_query("质量"), ANALYZER))
    assert [(m.paragraph, m.start, m.end, m.lines) for m in found] == [(1, 1, 3, (11,))]


def test_a_person_is_marked_in_the_byline_only():
    subject = article("肖会来了。", byline="□记者 肖会 报道")
    assert marks(subject, "记者:肖会") == [("byline", "肖会")]


def test_little_words_are_not_marked_beside_longer_ones():
    assert marks(article("建设的步伐是的。"), "建设的步伐") == [("body", "建设的步伐")]
    assert marks(article("是的。"), "的") == [("body", "的")]


def test_html_is_escaped_and_marked():
    subject = article('<script>质量&"链"</script>', title="<b>质量</b>")
    shown = fragments(subject, find_matches(subject, needles_of(parse_query("质量"), ANALYZER)))
    assert shown["title"] == ("&lt;b&gt;<mark>质量</mark>&lt;/b&gt;",)
    assert shown["body"] == ("&lt;script&gt;<mark>质量</mark>&amp;&quot;链&quot;&lt;/script&gt;",)


def test_fragments_show_most_words_and_keep_reading_order():
    subject = article(
        "甲甲质量甲。" + "无关的话。" * 60, "无关的话。" * 60 + "乙乙步伐与质量乙。" + "无关。" * 60
    )
    shown = fragments(
        subject, find_matches(subject, needles_of(parse_query("质量 步伐"), ANALYZER))
    )["body"]
    assert any("<mark>步伐</mark>与<mark>质量</mark>" in text for text in shown)
    assert all(len(re.sub("<[^>]+>", "", text)) < 200 for text in shown)
    assert shown[0].endswith("…")


def test_a_fragment_cuts_no_mark_in_two():
    subject = article("讨论" + "无" * 60 + "讨论。不过步伐" + "无" * 200)
    shown = fragments(
        subject, find_matches(subject, needles_of(parse_query("讨论。不过步伐"), ANALYZER))
    )["body"]
    assert {m for html in shown for m in re.findall("<mark>(.*?)</mark>", html)} == {
        "讨论",
        "讨论。不过步伐",
    }


def test_an_article_without_match_in_its_body_shows_its_beginning():
    subject = article("第一句话。" * 50)
    (shown,) = fragments(subject, ())["body"]
    assert shown.startswith("第一句话。") and shown.endswith("…")


def test_whole_texts_show_everything():
    subject = article("一质量。", "二。", kicker="引")
    shown = whole_texts(subject, find_matches(subject, needles_of(parse_query("质量"), ANALYZER)))
    assert shown["body"] == ("一<mark>质量</mark>。", "二。")
    assert shown["kicker"] == ("引",)


@given(
    st.text('质量强市建设 台灣ＡbＢ12½。，<>&"“”e\u0301', min_size=1, max_size=60),
    st.text("质量强市建设台湾ab12½", min_size=1, max_size=4),
)
def test_marked_text_folded_is_the_phrase(text, phrase):
    subject = article(text)
    if not subject.body:
        return
    wanted = compact(fold_text(phrase))
    original = subject.body[0].text
    found = find_matches(subject, needles_of(parse_query(f'"{phrase}"'), ANALYZER))
    assert bool(found) == (wanted in compact(fold_text(original)))
    for match in found:
        assert wanted in compact(fold_text(original[match.start : match.end]))
    for html in fragments(subject, found)["body"]:
        plain = unescape(re.sub("</?mark>", "", html)).strip("…")
        assert plain in original


def test_a_long_text_full_of_matches_takes_time_by_its_length():
    """Each match once looked at all others: ten times the text took a hundred times as long."""
    needles = needles_of(parse_query("的 一 是"), ANALYZER)

    def steps(n_chars):
        long = article("的一是在不了有，" * (n_chars // 8))
        profile = cProfile.Profile()
        profile.runcall(fragments, long, find_matches(long, needles))
        return sum(entry.callcount for entry in profile.getstats())

    assert steps(8_000) < 12 * steps(800)


def test_marks_stop_when_the_time_is_up():
    long = article("的一是在不了有，" * 100)
    needles = needles_of(parse_query("的"), ANALYZER)
    matches = find_matches(long, needles)
    with time_limit(1, since=-1e9):
        with pytest.raises(QueryCostError):
            find_matches(long, needles)
        with pytest.raises(QueryCostError):
            fragments(long, matches)
