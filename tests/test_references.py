"""References to articles, read back by the libraries that read such files."""

from datetime import date

import pytest
import rispy
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import parse_string

from searchsvc.articles import Article, Person
from searchsvc.references import STYLES, bibtex, gbt7714_2015, gbt7714_2025, plain, ris

TODAY = date(2026, 11, 28)
ARTICLE = Article(
    id="临江日报~2018-07-30~A01-3",
    title="临江大桥今日通车",
    newspaper="临江日报",
    date=date(2018, 7, 30),
    page="A01",
    section="要闻",
    people=(
        Person("王小满", "reporter"),
        Person("李青禾", "correspondent"),
        Person("陈一", "editor"),
    ),
)
ONLINE = Article(
    id="b",
    title="老街喝上放心水",
    newspaper="青禾晚报",
    date=date(2020, 5, 6),
    url="http://paper.example/2020/05/06/a.html",
    people=tuple(Person(name, "author") for name in ("陈一", "赵二", "钱三", "孙四")),
)


def test_gbt7714_of_an_article_on_paper():
    assert (
        gbt7714_2015(ARTICLE, TODAY)
        == "王小满, 李青禾. 临江大桥今日通车[N]. 临江日报, 2018-07-30(A01)."
    )
    assert (
        gbt7714_2025(ARTICLE, TODAY)
        == "王小满，李青禾. 临江大桥今日通车[N]. 临江日报，2018-07-30（A01）."
    )


def test_gbt7714_of_an_article_online_by_more_than_three():
    assert gbt7714_2015(ONLINE, TODAY) == (
        "陈一, 赵二, 钱三, 等. 老街喝上放心水[N/OL]. 青禾晚报, 2020-05-06[2026-11-28]."
        " http://paper.example/2020/05/06/a.html."
    )
    assert gbt7714_2025(ONLINE, TODAY) == (
        "陈一，赵二，钱三，等. 老街喝上放心水[N/OL]. 青禾晚报，2020-05-06."
        " http://paper.example/2020/05/06/a.html."
    )


def test_plain():
    assert plain(ARTICLE, TODAY) == "《临江日报》 2018-07-30 A01 临江大桥今日通车 王小满 李青禾"


def test_a_photo_item_is_by_who_took_it():
    photo = Article(id="p", title="晒网", people=(Person("钱三", "photographer"),))
    assert gbt7714_2015(photo, TODAY) == "钱三. 晒网[N]."


@pytest.mark.parametrize("style", STYLES)
def test_an_article_of_which_only_the_id_is_known_has_a_reference(style):
    assert STYLES[style](Article(id="x", title=""), TODAY)


def test_ris_is_read_back():
    text = ris(ONLINE, TODAY)
    assert text.startswith("TY  - NEWS\n")
    (entry,) = rispy.loads(text)
    assert entry["authors"] == ["陈一", "赵二", "钱三", "孙四"]
    assert (entry["title"], entry["secondary_title"]) == (ONLINE.title, "青禾晚报")
    assert (entry["date"], entry["urls"]) == ("2020/05/06/", [ONLINE.url])


def test_bibtex_is_read_back():
    (key, entry), *rest = parse_string(bibtex(ARTICLE, TODAY), "bibtex").entries.items()
    assert not rest
    assert key == "临江日报-2018-07-30-A01-3"
    assert entry.fields["title"] == "{临江大桥今日通车}"
    assert entry.fields["date"] == "2018-07-30"
    assert [str(p) for p in entry.persons["author"]] == ["{王小满}", "{李青禾}"]


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12).map(str.strip)


@given(title=TEXT, name=TEXT, newspaper=TEXT, page=TEXT)
def test_any_text_makes_one_entry(title, name, newspaper, page):
    article = Article(
        id="a", title=title, newspaper=newspaper, page=page, people=(Person(name, "author"),)
    )
    assert len(parse_string(bibtex(article, TODAY), "bibtex").entries) == 1
    assert len(rispy.loads(ris(article, TODAY))) == 1
