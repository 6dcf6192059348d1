"""The sample archive and its gold labels: large enough, fully labelled, and as untidy as claimed."""

import json
import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from searchsvc.articles import READING_KINDS, ROLES
from searchsvc.pages import line_labels, segment_page
from searchsvc.sample import sample_path
from searchsvc.text import fold_text

GOLD = json.loads((Path(__file__).parent / "data/sample_gold.json").read_text(encoding="utf-8"))
LINE_ROLES = {
    "headline", "kicker", "byline", "subhead", "body", "duplicate", "caption",
    "ad", "notice", "imprint",
}  # fmt: skip
HEADS = ("headline", "kicker")
ENDINGS = tuple("。！？”」）；：")
FAKE_PHONE = re.compile(r"0000-[0-9]{7}|\(0000\) [0-9]{3} [0-9]{4}")
PHONE = re.compile(
    r"(?<![0-9])(?:[48]00-?[0-9]{3}-?[0-9]{4}|1[3-9][0-9]{9}|[0-9]{3,4}-[0-9]{7,8}|[0-9]{7,})(?![0-9])"
    r"|[(（]0[0-9]{2,3}[)）]"
)

pages = pytest.mark.parametrize("name", sorted(GOLD))


def text_of(name):
    return (sample_path() / name).read_text(encoding="utf-8")


def lines_of(name, block, *roles):
    """Number and text of the lines of a block that have one of the roles (any, without roles)."""
    lines = text_of(name).split("\n")
    return [
        (int(number), lines[int(number) - 1])
        for number, (owner, role) in GOLD[name]["line_labels"].items()
        if owner == block and (not roles or role in roles)
    ]


def articles():
    return [
        (name, article)
        for name, page in GOLD.items()
        for article in page["articles"]
        if article["kind"] in READING_KINDS
    ]


def is_wrapped(name):
    return any(line.startswith("　　") for line in text_of(name).split("\n"))


def blocks_where(holds):
    return [(name, a["block"]) for name, a in articles() if holds(name, a["block"])]


def test_it_is_large_enough_to_search():
    assert len(GOLD) >= 12
    assert len(articles()) >= 60
    assert len({page["date"] for page in GOLD.values()}) >= 7
    assert len({page["newspaper"] for page in GOLD.values()}) == 3
    assert len({page["section"] for page in GOLD.values()} - {""}) >= 8


def test_gold_and_pages_name_each_other():
    files = {path.relative_to(sample_path()).as_posix() for path in sample_path().rglob("*.txt")}
    assert files == set(GOLD)


@pages
def test_a_page_is_utf8_with_line_feeds(name):
    data = (sample_path() / name).read_bytes()
    assert data.decode("utf-8").encode("utf-8") == data
    assert b"\r" not in data
    assert not data.startswith(b"\xef\xbb\xbf")
    assert "\ufffd" not in data.decode("utf-8")


@pages
def test_a_path_and_its_gold_say_the_same_issue(name):
    page = GOLD[name]
    assert name == f"{page['newspaper']}/{page['date']}/{page['page']}.txt"
    assert 2016 <= date.fromisoformat(page["date"]).year <= 2024


@pages
def test_a_masthead_has_the_right_date_and_weekday(name):
    mastheads = lines_of(name, "M1")
    assert bool(mastheads) == bool(GOLD[name]["section"])
    issued = date.fromisoformat(GOLD[name]["date"])
    for _, line in mastheads:
        assert f"{issued.year}年{issued.month}月{issued.day}日" in line
        assert f"星期{'一二三四五六日'[issued.weekday()]}" in line
        assert all(GOLD[name][field] in line for field in ("newspaper", "page", "section"))


@pages
def test_every_line_with_text_has_one_label(name):
    numbers = {str(n) for n, line in enumerate(text_of(name).split("\n"), 1) if line.strip()}
    labels = GOLD[name]["line_labels"]
    assert set(labels) == numbers
    assert {role for _, role in labels.values()} <= LINE_ROLES
    assert {block for block, _ in labels.values()} == {a["block"] for a in GOLD[name]["articles"]}


@pages
def test_headlines_and_people_stand_on_the_page(name):
    for article in GOLD[name]["articles"]:
        for role in HEADS:
            assert article[role] == " ".join(x for _, x in lines_of(name, article["block"], role))
        text = "".join(line for _, line in lines_of(name, article["block"]))
        for person, role in article["people"]:
            assert person in text
            assert role in ROLES


@pages
def test_phone_numbers_are_not_real(name):
    assert not PHONE.search(FAKE_PHONE.sub(" ", text_of(name)))


def test_the_segmenter_finds_its_articles():
    """The weights have seen these pages; this holds what was reached."""
    cut = same = lines = 0
    for name, page in GOLD.items():
        found = line_labels(segment_page(text_of(name)))
        numbers = sorted(map(int, found))
        gold = page["line_labels"]
        for first, second in pairwise(map(str, numbers)):
            lines += 1
            apart = gold[first][0] != gold[second][0]
            cut += apart
            same += apart == (found[first][0] != found[second][0])
    assert cut > 90
    assert lines - same <= 5


def test_every_role_of_lines_and_people_occurs():
    assert {role for p in GOLD.values() for _, role in p["line_labels"].values()} == LINE_ROLES
    people = {role for p in GOLD.values() for a in p["articles"] for _, role in a["people"]}
    assert people == set(ROLES)


def test_some_headlines_have_a_kicker_and_some_two_lines():
    assert len([a for _, a in articles() if a["kicker"]]) >= 8
    assert len(blocks_where(lambda n, b: len(lines_of(n, b, "headline")) == 2)) >= 5


def test_some_headlines_stand_inside_a_sentence_of_their_article():
    def displaced(name, block):
        heads, bodies = lines_of(name, block, *HEADS), lines_of(name, block, "body")
        before = [line for number, line in bodies if number < min(heads)[0]] if heads else []
        return bool(before) and not before[-1].endswith(ENDINGS)

    assert len(blocks_where(displaced)) >= 4


def test_some_sentences_are_cut_by_a_column_break():
    def cut(name, block):
        bodies = [line for _, line in lines_of(name, block, "body")]
        return not is_wrapped(name) and any(not line.endswith(ENDINGS) for line in bodies[:-1])

    assert len(blocks_where(cut)) >= 10


def test_some_paragraphs_stand_twice():
    def repeated(name, block):
        body = "".join(line.strip() for _, line in lines_of(name, block, "body"))
        twice = "".join(line.strip() for _, line in lines_of(name, block, "duplicate"))
        assert twice in body
        return bool(twice)

    assert len(blocks_where(repeated)) >= 6


def test_some_articles_break_off_and_only_those():
    broken = {(name, a["block"]) for name, a in articles() if a["truncated"]}
    assert len(broken) >= 8
    for name, article in articles():
        last = lines_of(name, article["block"], "body")[-1][1]
        assert last.endswith(ENDINGS) != ((name, article["block"]) in broken), last


@pytest.mark.parametrize(
    ("style", "pattern"),
    [
        ("square and staff reporter", r"^□ ?本报记者 "),
        ("staff correspondent", r"^本报通讯员 "),
        ("reporter, correspondent, report", r"^□记者 \S+ 通讯员 \S+ 报道$"),
        ("bare names", r"^□[^\s本记]{2,3} 报道$"),
        ("words and picture", r"^记者 \S+ 文/图$"),
        ("photographer after", r"^\S{2,3} 摄$"),
        ("photographer before", r"^摄影[ ：]\S{2,3}$"),
        ("author", r"^作者[ ：]"),
        ("names in the dateline", r"^本报\S+讯（记者 \S+ 通讯员 \S+）"),
        ("photographer in the caption", r"（\S{2,3} 摄）$"),
        ("agency dateline", r"^新华社\S+[0-9]+月[0-9]+日电"),
        ("traditional characters", r"^□ ?(?:本報)?記者 |^本報通訊員 "),
    ],
)
def test_a_style_of_byline_or_dateline_occurs(style, pattern):
    assert any(re.search(pattern, text_of(name), re.MULTILINE) for name in GOLD), style


def test_some_photo_items_have_no_headline_and_no_byline():
    photos = [(name, a["block"]) for name, a in articles() if a["kind"] == "photo"]
    assert len(photos) >= 10
    assert all(not lines_of(*photo, *HEADS) for photo in photos)
    assert sum(not lines_of(*photo, "byline") for photo in photos) >= 3


def test_some_ads_have_a_price_a_phone_or_a_spaced_slogan():
    ads = [
        "\n".join(line for _, line in lines_of(name, a["block"]))
        for name, page in GOLD.items()
        for a in page["articles"]
        if a["kind"] == "ad"
    ]
    for pattern in (r"[0-9]元", r"0000-[0-9]{7}", r"^\S( \S){3,}$"):
        assert sum(bool(re.search(pattern, ad, re.MULTILINE)) for ad in ads) >= 3, pattern


def test_some_pages_are_hard_wrapped():
    wrapped = [name for name in GOLD if is_wrapped(name)]
    assert len(wrapped) >= 3
    for name in wrapped:
        bodies = [
            line
            for article in GOLD[name]["articles"]
            for _, line in lines_of(name, article["block"], "body")
        ]
        assert 13 <= max(map(len, bodies)) <= 30


def test_some_articles_are_in_traditional_characters():
    def traditional(name, block):
        text = "".join(line for _, line in lines_of(name, block, "body"))
        characters = re.findall("[\u4e00-\u9fff]", text)
        return sum(fold_text(c) != c for c in characters) > len(characters) * 0.2

    assert len(blocks_where(traditional)) >= 2
