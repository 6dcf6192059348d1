"""The segmenter by small pages, one cue each, and by hostile text."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.articles import Article
from searchsvc.pages import (
    Box,
    Issue,
    Line,
    PageLines,
    line_labels,
    page_articles,
    segment_lines,
    segment_page,
    text_lines,
)
from searchsvc.pages.bylines import byline_people, dateline, is_byline, is_name, is_signed
from searchsvc.pages.continuations import joined_groups
from searchsvc.pages.issues import (
    is_masthead,
    is_newspaper_name,
    masthead_issue,
    page_issue,
    path_issue,
)
from searchsvc.pages.view import page_view
from searchsvc.sample import sample_path

WATER = (
    "城南老街的供水管道已经更换完毕，三百二十户居民从此用上了稳定的自来水，供水公司承诺水压达标。"
)
WATER_MORE = "供水公司负责人说，老街的供水管道使用了三十年，居民多次反映水压不足，自来水时断时续。"
GAMES = "全市中学生田径运动会在体育场闭幕，八百名运动员参加了短跑、跳远和接力等二十个项目的角逐。"
GAMES_MORE = (
    "运动会上，短跑项目打破两项纪录，接力项目的冠军由实验中学的运动员夺得，体育场内掌声不断。"
)


def articles(text):
    return [a for a in page_articles(segment_page(text), "p.txt") if a.kind in ("article", "photo")]


def test_a_byline_opens_an_article_with_the_headings_above_it():
    text = f"引题在上——\n主标题在此\n□本报记者 王小满\n{WATER}\n另一篇标题\n记者 李大壮\n{GAMES}"
    assert [(a.kicker, a.title, a.byline) for a in articles(text)] == [
        ("引题在上——", "主标题在此", "□本报记者 王小满"),
        ("", "另一篇标题", "记者 李大壮"),
    ]


def test_a_dateline_opens_an_article():
    found = articles(
        f"甲标题\n\n本报临江讯 {WATER}\n{WATER_MORE}\n\n\n"
        f"乙标题\n\n新华社青禾7月3日电（记者 王小满） {GAMES}\n{GAMES_MORE}"
    )
    assert [a.title for a in found] == ["甲标题", "乙标题"]
    assert (found[1].place, found[1].agency, found[1].people[0].name) == (
        "青禾",
        "新华社",
        "王小满",
    )


def test_a_sentence_is_joined_across_a_column_break():
    found = articles(f"标题\n□记者 王小满\n{WATER[:20]}\n\n{WATER[20:]}\n{WATER_MORE}")
    assert [p.text for p in found[0].body] == [WATER, WATER_MORE]
    assert found[0].body[0].lines == (3, 5)


def test_a_headline_inside_a_quotation_belongs_to_its_article():
    quoted = "居民张大妈高兴地说：“以前用水要等到半夜，孩子洗澡都成了大问题，现在拧开龙头就有水，"
    text = f"{WATER}\n{quoted}\n供水改造暖人心\n真是太方便了。”老街的居民都说好，供水公司的自来水来得及时。"
    (found,) = articles(text)
    assert found.title == "供水改造暖人心"
    assert (
        found.body[1].text == f"{quoted}真是太方便了。”老街的居民都说好，供水公司的自来水来得及时。"
    )


SAMPLE = sample_path() / "澜江日报/2018-07-31/A02.txt"


def test_a_headline_displaced_into_its_text_asks_for_a_beginning_that_nothing_marks():
    labels = line_labels(segment_page(SAMPLE.read_text(encoding="utf-8")))
    photo, power = labels["43"][0], labels["45"][0]
    assert photo != power
    assert [labels[n] for n in ("55", "57", "59", "61")] == [
        [power, "body"], [power, "kicker"], [power, "headline"], [power, "body"]
    ]  # fmt: skip


def test_a_subhead_stays_in_its_article():
    labels = line_labels(segment_page(SAMPLE.read_text(encoding="utf-8")))
    assert labels["15"] == [labels["13"][0], "subhead"]


def test_a_repeated_paragraph_is_left_out_but_labelled():
    page = segment_page(f"标题\n□记者 王小满\n目前，{WATER}\n{WATER}")
    assert line_labels(page)["4"][1] == "duplicate"
    assert len(page.blocks[0].paragraphs) == 1


def test_a_cut_tail_is_flagged():
    found = articles(f"标题\n□记者 王小满\n{WATER}\n{WATER_MORE[:-10]}")
    assert found[0].flags == ("truncated",)


def test_lines_of_any_reader_are_segmented_as_text_is():
    text = f"标题\n□记者 王小满\n{WATER}\n\n\n临江特曲 味道千年\n零售价：128元"
    assert segment_lines(text_lines(text)) == segment_page(text)
    regions = [Line(line, region=1 + n // 4) for n, line in enumerate(text.split("\n")) if line]
    blocks = segment_lines(PageLines(tuple(regions))).blocks
    assert [list(block.roles) for block in blocks] == [[1, 2, 3], [4, 5]]


def test_what_a_file_says_of_its_issue_comes_before_the_masthead():
    lines = text_lines("临江日报 2020年5月6日 星期三 A02 民生").lines
    page = segment_lines(PageLines(lines, Issue(newspaper="临江日报社", page="2")))
    assert page.issue == Issue("临江日报社", date(2020, 5, 6), "2", "民生")


def test_a_page_has_one_checksum_whatever_its_line_ends():
    assert text_lines("甲\r\n乙").checksum == text_lines("甲\n乙").checksum
    assert text_lines("甲\n乙").checksum != text_lines("甲乙").checksum


def test_ads_notices_and_imprint_are_kinds_of_their_own():
    text = (
        f"临江日报 2020年5月6日 星期三 A02 民生\n标题\n□记者 王小满\n{WATER}\n\n临江特曲 味道千年\n"
        "零售价：128元 热线：0000-1234567\n\n遗失声明：王某遗失营业执照一份，声明作废。\n\n"
        "责任编辑 刘田 电话 0000-7654321"
    )
    assert [(b.kind, b.first_line) for b in segment_page(text).blocks] == [
        ("masthead", 1),
        ("article", 2),
        ("ad", 6),
        ("notice", 9),
        ("imprint", 11),
    ]


def test_a_wrapped_page_gives_whole_paragraphs():
    wide = 20
    lines = ["临江日报　2020年5月6日　第02版", "老街供水改造完成居民用上", "稳定自来水"]
    lines[1] = (lines[1] + "稳定自来水" + "。" * 0)[:wide]
    for paragraph in (WATER, WATER_MORE, WATER, GAMES):
        indented = "　　" + paragraph
        lines += [indented[i : i + wide] for i in range(0, len(indented), wide)]
    found = articles("\n".join(lines))
    assert found[0].body[0].text == WATER
    assert found[0].date == date(2020, 5, 6)


def test_an_article_goes_on_below_a_photo_item_and_an_ad():
    quoted = "居民张大妈说：“以前用水要等到半夜，现在拧开龙头就有水，"
    text = (
        f"老街供水改造收官\n{WATER}\n{quoted}\n□曹立人 摄\n{GAMES}\n丰源米业 长年收购稻谷\n"
        f"真是太方便了。”供水公司的自来水来得及时。\n{GAMES_MORE}"
    )
    view = page_view(text_lines(text))
    states = ["HB", "BF", "BF", "YB", "bf", "AB", "BB", "BB"]
    groups = joined_groups(view, states, [[0, 1, 2], [3, 4], [5], [6], [7]])
    assert groups == [[0, 1, 2, 6], [3, 4], [5], [7]]
    assert states[6:] == ["BC", "BB"]


def test_an_indent_on_paper_is_one_in_text():
    lines = [
        Line(text, Box(left, 20 * n, left + 16 * len(text), 20 * n + 16), 1)
        for n, (text, left) in enumerate((("甲" * 20, 32), ("乙" * 20, 2), ("丙" * 20, 0)))
    ]
    assert page_view(PageLines(tuple(lines))).indented.tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("□ 本报记者 李梦高 陶晶晶", [("李梦高", "reporter"), ("陶晶晶", "reporter")]),
        ("本报通讯员 张萍", [("张萍", "correspondent")]),
        ("□记者 肖会 通讯员 胡海涛 报道", [("肖会", "reporter"), ("胡海涛", "correspondent")]),
        ("□孙亚飞 赵玉国 报道", [("孙亚飞", ""), ("赵玉国", "")]),
        ("□王小满 摄", [("王小满", "photographer")]),
        ("王小满 李大壮 摄影报道", [("王小满", "photographer"), ("李大壮", "photographer")]),
        ("记者 王小满 文/图", [("王小满", "reporter")]),
        ("（记者 王小满 通讯员 李大壮）", [("王小满", "reporter"), ("李大壮", "correspondent")]),
        ("（通讯员朱俊波、王涛）", [("朱俊波", "correspondent"), ("王涛", "correspondent")]),
        ("作者：古丽·买买提", [("古丽·买买提", "author")]),
        ("口述：周长河 整理：本报编辑部", [("周长河", "author")]),
        ("□ 彭守义 口述 王小满 整理", [("彭守义", "author"), ("王小满", "author")]),
        ("视频编辑：张贝龙 文字编辑：温凤浩", [("张贝龙", "editor"), ("温凤浩", "editor")]),
        ("□ 责任编辑 刘田 (0531) 851 9387", [("刘田", "editor")]),
        ("", []),
    ],
)
def test_bylines_name_people_with_roles(text, people):
    assert [(p.name, p.role) for p in byline_people(text)] == people


@pytest.mark.parametrize("text", ["记者在现场看到，水压正常。", "聊城质量强市", "7月24日", ""])
def test_other_lines_are_no_bylines(text):
    assert not is_byline(text)


@pytest.mark.parametrize("text", ["新华社发", "（中新社发）", "资料图片", "实习生 方圆"])
def test_credits_without_a_person_and_of_trainees_are_bylines(text):
    assert is_byline(text)


def test_names_are_told_by_their_surnames():
    assert all(map(is_name, ["高远", "汪小满", "欧阳文静"]))
    assert not any(map(is_name, ["家教", "清理河道", "王家豆制品", "", "王"]))


def test_a_text_is_signed_behind_its_last_sentence():
    assert is_signed("门诊量六十万人次。（杜鹃）")
    assert is_signed("业务收入九亿元。（记者 华亮）")
    assert not is_signed("各类农机一百台（套）")
    assert not is_signed("合影。（图为会议现场，左二为县长王小满同志和乡亲们）")


def test_a_name_alone_is_the_newspapers_at_the_head_of_a_page_only():
    assert is_newspaper_name("云台时讯") and is_newspaper_name("平皋新闻 PINGGAO NEWS")
    assert not is_newspaper_name("云台时讯改版") and not is_newspaper_name("看新闻 学知识")
    units = page_view(text_lines("云台时讯\n2020年11月19日 星期四\n供水改造收官")).units
    assert page_issue(units).newspaper == "云台时讯"
    units = page_view(text_lines("供水改造收官\n甲\n乙\n社会新闻")).units
    assert page_issue(units).newspaper == ""


@pytest.mark.parametrize(
    ("text", "place", "agency"),
    [
        ("本报聊城讯 光速火箭腾空而起", "聊城", ""),
        ("本报讯 光速火箭", "", ""),
        ("新华社北京8月14日电 《意见》印发", "北京", "新华社"),
        ("中新网天津8月2日电 (周亚强)记者获悉", "天津", "中新网"),
    ],
)
def test_datelines_give_place_and_agency(text, place, agency):
    found = dateline(text)
    assert (found.place, found.agency) == (place, agency)


def test_text_without_dateline_has_none():
    assert dateline("本报将继续关注这条电讯") is None
    assert dateline("记者获悉") is None


@pytest.mark.parametrize(
    ("text", "newspaper", "day", "page", "section"),
    [
        ("北岸新报　2023年8月1日　第03版", "北岸新报", date(2023, 8, 1), "03", ""),
        ("2018年7月31日 星期二 A03 要闻", "", date(2018, 7, 31), "A03", "要闻"),
        ("临江日报 2020-05-06 星期三 4版 民生", "临江日报", date(2020, 5, 6), "4", "民生"),
        ("青禾县报 第二版 综合新闻", "青禾县报", None, "二", "综合新闻"),
    ],
)
def test_mastheads_tell_the_issue(text, newspaper, day, page, section):
    assert is_masthead(text)
    issue = masthead_issue(text)
    assert (issue.newspaper, issue.date, issue.page, issue.section) == (
        newspaper,
        day,
        page,
        section,
    )


@pytest.mark.parametrize(
    "text",
    ["2018年7月30日，合作社一笔贷款落地。", "第三版规划出台", "7月24日", "我市举办第3届读书节"],
)
def test_other_lines_are_no_mastheads(text):
    assert not is_masthead(text)


@pytest.mark.parametrize(
    ("name", "newspaper", "day", "page"),
    [
        ("临江日报/2018-07-31/A03.txt", "临江日报", date(2018, 7, 31), "A03"),
        ("临江日报_20180731_03.txt", "临江日报", date(2018, 7, 31), "03"),
        ("liaocheng_2018.txt", "", None, ""),
        ("2018-02-30/x.txt", "", None, ""),
    ],
)
def test_paths_tell_the_issue(name, newspaper, day, page):
    issue = path_issue(name)
    assert (issue.newspaper, issue.date, issue.page) == (newspaper, day, page)


PIECES = st.sampled_from(
    ["标题", "□记者 王小满", WATER, GAMES, WATER[:18], "“", "”", "。", "《", "\t", "　　", "\x00", "\u2028",
     "农 行 安 家", "责任编辑 刘田", "2020年5月6日 第3版", "\n", "\r\n", "\r"]
)  # fmt: skip


@given(st.text() | st.lists(PIECES, max_size=40).map("".join))
def test_any_text_is_labelled_line_by_line(text):
    page = segment_page(text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert set(line_labels(page)) == {str(n) for n, line in enumerate(lines, 1) if line.strip()}
    for article in page_articles(page, "p.txt"):
        if not any(c == "\0" or 0xD800 <= ord(c) < 0xE000 for c in text):
            assert Article.from_record(article.to_record()).source == article.source


@pytest.mark.parametrize(
    "text",
    ["标题\n" * 5_000, f"{WATER[:30]}\n" * 5_000, "聊" * 1_000_000, "“" * 300_000, "（" * 100_000,
     " \u3000" * 300_000, "1 " * 200_000, f"{WATER}\n{GAMES}\n" * 2_000],
)  # fmt: skip
def test_hostile_pages_end(text):
    started = time.process_time()
    segment_page(text)
    assert time.process_time() - started < 60
