"""Dates inside texts: resolved where the issue tells, left out where nothing does."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.articles import Article
from searchsvc.pages import page_articles, segment_page
from searchsvc.pages.dates import Reference, date_mentions, page_reference

ISSUE = Reference(date(2018, 7, 31), exact=True)
YEAR_ONLY = Reference(date(2018, 7, 30), exact=False)


def values(text, reference=ISSUE):
    return [(m.text, m.value) for m in date_mentions(text.split("\n"), reference)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7月24日，论坛召开。", [("7月24日", "2018-07-24")]),
        ("今年6月通过验收。", [("今年6月", "2018-06")]),
        ("去年底建成。", [("去年底", "2017-12")]),
        ("截至6月末，放款624万元。", [("截至6月末", "../2018-06-30")]),
        ("截至2017年底，已布局31个景区。", [("截至2017年底", "../2017-12-31")]),
        ("2017年2月至今担任第一书记。", [("2017年2月至今", "2017-02/..")]),
        ("今年以来，全市招商。", [("今年以来", "2018/..")]),
        ("拟定于9月28日至30日举办大会。", [("9月28日至30日", "2018-09-28/2018-09-30")]),
        ("7月31日至8月2日开展。", [("7月31日至8月2日", "2018-07-31/2018-08-02")]),
        ("8月7日-11日培训。", [("8月7日-11日", "2018-08-07/2018-08-11")]),
        ("2016—2018年实施。", [("2016—2018年", "2016/2018")]),
        ("2010年至2011年间目睹。", [("2010年至2011年", "2010/2011")]),
        ("今年1-6月实现产值。", [("今年1-6月", "2018-01/2018-06")]),
        ("今年上半年增长。", [("今年上半年", "2018-01/2018-06")]),
        ("2017年第三季度回升。", [("2017年第三季度", "2017-07/2017-09")]),
        ("6月下旬普法。", [("6月下旬", "2018-06-21/2018-06-30")]),
        ("上世纪90年代传入。", [("上世纪90年代", "1990/1999")]),
        ("始建于20世纪五十年代。", [("20世纪五十年代", "1950/1959")]),
        ("民国十五年建桥。", [("民国十五年", "1926")]),
        ("一九二一年摄。", [("一九二一年", "1921")]),
        ("昨日上午开工。", [("昨日", "2018-07-30")]),
        ("新华社北京7月3日电 发言人3日说。", [("7月3日", "2018-07-03"), ("3日", "2018-07-03")]),
        ("发言人30日说。", [("30日", "2018-07-30")]),
        ("上月28日签约。", [("上月28日", "2018-06-28")]),
        ("本月8-10日辩论。", [("本月8-10日", "2018-07-08/2018-07-10")]),
        ("7月26日落户。\n当日举行启用仪式，次日开放。",
         [("7月26日", "2018-07-26"), ("当日", "2018-07-26"), ("次日", "2018-07-27")]),
        ("2016年3月立项，5月动工。", [("2016年3月", "2016-03"), ("5月", "2016-05")]),
        ("12月8日签约。", [("12月8日", "2017-12-08")]),
        ("将于12月8日签约。", [("12月8日", "2018-12-08")]),
    ],
)  # fmt: skip
def test_a_mention_is_resolved_against_the_issue(text, expected):
    assert values(text) == expected


@pytest.mark.parametrize(
    "text",
    ["日前召开。", "近日，记者获悉。", "近年来，全市招商。", "连续两年增长。", "6个月内完成。", "8年以来主导18项。",
     "这座桥有2000年历史。", "距今2000年。", "每月8日免费。", "10日内缴费。", "18月龄接种。", "2月30日。",
     "GB/T33230-2016《铝》。", "当日往返。", "第3日复查。", "13月5日。", "电话0531-85193871。", "5.6月均。"],
)  # fmt: skip
def test_what_is_no_date_on_a_calendar_is_left_out(text):
    assert values(text) == []


def test_nothing_is_guessed_without_the_issue():
    assert values("7月24日召开，今年6月验收，昨日落成，3日说。", None) == []
    assert values("2018年7月30日落地。", None) == [("2018年7月30日", "2018-07-30")]
    assert values("昨日落成，上月签约，3日说。", YEAR_ONLY) == []
    assert values("7月24日召开。", YEAR_ONLY) == [("7月24日", "2018-07-24")]


def test_a_month_in_a_story_of_another_year_is_left_out():
    assert values("2012年他回到家乡。5月，他办起合作社。") == [("2012年", "2012")]


def test_in_january_december_was_last_year():
    issue = Reference(date(2019, 1, 5), exact=True)
    assert values("12月28日通车。", issue) == [("12月28日", "2018-12-28")]
    assert values("将于1月20日开幕。", issue) == [("1月20日", "2019-01-20")]
    issue = Reference(date(2018, 12, 20), exact=True)
    assert values("将于1月20日开幕。", issue) == [("1月20日", "2019-01-20")]


def test_the_year_comes_from_full_dates_that_a_page_tells_as_past():
    texts = ["2018年7月30日，一笔贷款落地。", "2016年3月1日开工。", "计划于2020年1月1日投产。"]
    assert page_reference(None, texts, None) == Reference(date(2018, 7, 30), exact=False)
    assert page_reference(date(2018, 8, 1), texts, None).exact
    assert page_reference(None, ["一笔贷款落地。"], 2018).day.year == 2018
    assert page_reference(None, ["一笔贷款落地。"], None) is None


@given(
    st.lists(
        st.sampled_from("0123456789年月日至-今去上下本旬初底末截一二十世纪当昨起 ，。"), max_size=40
    )
)
def test_any_text_gives_valid_values(characters):
    text = "".join(characters)
    for mention in date_mentions([text], ISSUE):
        assert mention.text in text
        record = {"id": "a", "title": "标题", "dates": [
            {"text": mention.text, "value": mention.value, "paragraph": 0}
        ]}  # fmt: skip
        assert Article.from_record(record).dates == (mention,)


def test_the_dates_of_the_real_page(shared):
    gold = json.loads((shared / "pages/liaocheng_2018.gold.json").read_text(encoding="utf-8"))
    text = (shared / "pages/liaocheng_2018.txt").read_text(encoding="utf-8")
    found = [
        (article.body[mention.paragraph].lines, mention.text, mention.value)
        for article in page_articles(segment_page(text), "page.txt")
        for mention in article.dates
    ]
    wanted = [(m["line"], m["text"], m["value"]) for m in gold["date_mentions"] if m["value"]]
    assert len(wanted) == 18
    assert len(found) == len(wanted)
    for (lines, *mention), (line, *expected) in zip(found, wanted, strict=True):
        assert line in lines
        assert mention == expected
