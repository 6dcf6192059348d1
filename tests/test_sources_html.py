"""Pages of digital newspapers: both families, their metadata, nested tables, what holds no article."""

import pytest
from page_formats import founder, table_page
from source_files import codes, read

from searchsvc.sources import find_sources, read_source

TITLE = "供水管网改造让老街喝上放心水"
PARAGRAPHS = [
    "本报临江讯 5月5日，记者在城南老街看到，新铺的供水管道已经通水，三百二十户居民结束了水压不足的日子。",
    "改造工程总投资一千二百万元，更换老旧管道十八公里，预计六月底全部完成并移交物业管理单位使用。",
]
TEXT = (
    f"临江日报 2020年5月6日 星期三 A02 民生\n\n{TITLE}\n\n本报记者 王小满 通讯员 李大壮\n\n"
    + "\n".join(PARAGRAPHS)
)


def written(folder, name, content, encoding="utf-8"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding))
    return path


def whole(article):
    return (
        article.title, article.byline, article.people, article.place, article.agency,
        article.newspaper, article.date, article.page, article.section,
        tuple(p.text for p in article.body),
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("tag", ["founder-content", "span"])
def test_founders_page_gives_the_article_of_the_printed_page(tmp_path, encoding, tag):
    page = founder(
        TITLE, PARAGRAPHS, content_tag=tag, author="本报记者 王小满 通讯员 李大壮",
        date="2020-05-06 00:00:00.000", nodename="第A02版：民生", introtitle="引题在此",
        subtitle="副题在此",
    )  # fmt: skip
    (article,) = read(written(tmp_path, "content_7.htm", page, encoding))[0]
    (printed,) = [a for a in read(written(tmp_path, "p.txt", TEXT))[0] if a.kind == "article"]
    assert whole(article) == whole(printed)
    assert (article.kicker, article.subtitle) == ("引题在此", "副题在此")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_a_table_page_tells_headline_kicker_issue_and_nested_text(tmp_path, encoding):
    page = table_page(TITLE, PARAGRAPHS, kicker="引题在此", subtitle="——副题在此")
    written(tmp_path, "html/2020-05/06/content_7.htm", page, encoding)
    (file,) = find_sources([tmp_path])
    (article,) = read_source(file, lambda _: None)
    assert (article.title, article.kicker, article.subtitle) == (TITLE, "引题在此", "——副题在此")
    assert (article.newspaper, str(article.date), article.page, article.section) == (
        "临江日报", "2020-05-06", "A02", "民生")  # fmt: skip
    assert [p.text for p in article.body] == ["老街旧影。（王小满 摄）", *PARAGRAPHS]
    assert [(p.name, p.role) for p in article.people] == [("王小满", "photographer")]


def test_missing_metadata_leaves_fields_empty(tmp_path):
    page = f"<founder-content><p>{PARAGRAPHS[0]}"
    (article,) = read(written(tmp_path, "c.html", page))[0]
    assert article.flags == ("generated_title",)
    assert (article.date, article.page, article.newspaper, article.byline) == (None, "", "", "")
    assert [p.text for p in article.body] == PARAGRAPHS[:1]


def test_scripts_styles_and_markup_never_reach_the_text(tmp_path):
    page = founder(TITLE, PARAGRAPHS).replace(
        "<P>", "<P><style>p{}</style><script>alert('x')</script><b>粗</b>&lt;i&gt;&amp;nbsp;", 1
    )
    (article,) = read(written(tmp_path, "c.html", page))[0]
    assert article.body[0].text == "粗<i>&nbsp; " + PARAGRAPHS[0]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<html><body><ul><li><a href='content_1.htm'>标题</a></ul></body></html>", "source.no_article"),
        ("<html><body><div id=ozoom> </div></body></html>", "source.empty"),
        ("", "source.empty"),
        ("<!-- nothing -->", "source.markup"),
        ("<div class='ocr_page'></div>", "source.empty"),
    ],
)  # fmt: skip
def test_html_without_an_article_is_one_reject(tmp_path, content, code):
    assert [r[2] for r in codes(read(written(tmp_path, "x.html", content))[1])] == [code]


def test_deep_markup_is_read_or_refused_without_harm(tmp_path):
    page = f"<div id=ozoom>{'<div>' * 20_000}{PARAGRAPHS[0]}"
    articles, rejects = read(written(tmp_path, "deep.html", page))
    assert articles or rejects
