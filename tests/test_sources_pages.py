"""Page formats: one page gives the same articles from text, ALTO, hOCR, PAGE XML and PDF."""

import pytest
from page_formats import alto, hocr, mets, page_xml, pdf, pdf_lines
from source_files import codes, read, told

from searchsvc.sources import find_sources, read_source

PAGE = """临江日报 2020年5月6日 星期三 A02 民生

供水管网改造让老街喝上放心水

□本报记者 王小满 通讯员 李大壮

　　本报临江讯 5月5日，记者在城南老街看到，新铺的
供水管道已经通水，三百二十户居民结束了水压不足的日子。
　　改造工程总投资一千二百万元，更换老旧管道十八公里
，预计六月底全部完成并移交物业管理单位使用。

小麦开镰收割机下田

□记者 杜若

　　本报讯 连日来，临江县二十万亩小麦陆续成熟，农机
手驾驶收割机在田间来回作业，金黄的麦粒装满了车厢。
　　县农业农村局组织了六百台收割机，预计五天之内全部
收完，农技人员在田头指导农户及时晾晒入仓。
"""


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def essence(article):
    """What must be the same in every format: all but places and the line breaks of paragraphs."""
    said = told(article)
    said["body"] = "".join(text for _, text in said["body"])
    return said


def essences(path):
    articles, rejects = read(path)
    assert not rejects
    return [essence(a) for a in articles if a.kind == "article"]


FORMATS = {
    "p2.xml": lambda: alto(PAGE, 2),
    "p3.xml": lambda: alto(PAGE, 3),
    "p4.xml": lambda: alto(PAGE, 4),
    "bare.xml": lambda: alto(PAGE, with_boxes=False),
    "p.hocr": lambda: hocr(PAGE),
    "chars.html": lambda: hocr(PAGE, split_words=True),
    "page.xml": lambda: page_xml(PAGE),
    "shuffled.xml": lambda: page_xml(PAGE, shuffled=True),
    "p.pdf": lambda: pdf([pdf_lines(PAGE)]),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_page_gives_the_same_articles_in_every_format(tmp_path, name):
    expected = essences(written(tmp_path, "page.txt", PAGE))
    assert [a["title"] for a in expected] == [
        "供水管网改造让老街喝上放心水",
        "小麦开镰收割机下田",
    ]
    assert [p["name"] for p in expected[0]["people"]] == ["王小满", "李大壮"]
    assert essences(written(tmp_path, name, FORMATS[name]())) == expected


@pytest.mark.parametrize(
    ("name", "write"), [("a.xml", alto), ("a.hocr", hocr), ("a.xml", page_xml)]
)
def test_vertical_columns_read_as_the_page_that_lies(tmp_path, name, write):
    lying = essences(written(tmp_path, name, write(PAGE)))
    assert essences(written(tmp_path, name, write(PAGE, vertical=True))) == lying


def test_words_are_spaced_as_printed(tmp_path):
    text = "老街新桥迎来满月\n\n□记者 王小满\n\nA full moon rose over the 老街 and the inter\nnational bridge, 居民都来看了，桥上站满了人。"
    path = written(tmp_path, "a.xml", alto(text, hyphenated=("inter-national",)))
    (body,) = [p.text for a in read(path)[0] for p in a.body]
    assert (
        body
        == "A full moon rose over the 老街 and the international bridge, 居民都来看了，桥上站满了人。"
    )


def test_mets_tells_the_issue_of_the_pages_beside_it(tmp_path):
    bare = PAGE.split("\n", 2)[2]
    folder = tmp_path / "issue" / "alto"
    folder.mkdir(parents=True)
    page = written(folder, "0002.xml", alto(bare))
    described = written(tmp_path / "issue", "issue-METS.xml", mets("临江日报", "20200506", {
        "0001.xml": "A01", "0002.xml": "第A02版"}))  # fmt: skip
    items = [i for f in find_sources([tmp_path]) for i in read_source(f, lambda _: None)]
    assert [(a.newspaper, str(a.date), a.page) for a in items] == [
        ("临江日报", "2020-05-06", "A02")
    ] * 2
    assert read(described) == ([], [])
    assert read(page)[0][0].newspaper == ""  # given alone, without its folder


def test_pages_of_a_file_are_told_apart(tmp_path):
    first, second = PAGE, PAGE.replace("小麦", "水稻").replace("A02", "A03")
    articles, rejects = read(written(tmp_path, "i.pdf", pdf([pdf_lines(first), pdf_lines(second)])))
    assert not rejects
    found = {(a.source.path, a.page) for a in articles}
    assert found == {("i.pdf/1", "A02"), ("i.pdf/2", "A03")}
    assert len({a.id for a in articles}) == len(articles)


def test_a_pdf_page_without_text_or_with_garbage_is_flagged(tmp_path):
    lines = [pdf_lines(PAGE)]
    private = written(tmp_path, "private.pdf", pdf(lines, lambda code: chr(0xE000 + code % 6000)))
    rare = written(tmp_path, "rare.pdf", pdf(lines, lambda code: chr(0x4E00 + code * 7 % 20_000)))
    empty = written(tmp_path, "empty.pdf", pdf(lines, with_text=False))
    assert codes(read(private)[1]) == [("private.pdf", None, "source.garbled")]
    assert codes(read(rare)[1]) == [("rare.pdf", None, "source.garbled")]
    assert codes(read(empty)[1]) == [("empty.pdf", None, "source.no_text_layer")]
    mixed = pdf([*lines, [], *lines])
    articles, rejects = read(written(tmp_path, "mixed.pdf", mixed))
    assert {a.source.path for a in articles} == {"mixed.pdf/1", "mixed.pdf/3"}
    assert codes(rejects) == [("mixed.pdf/2", None, "source.no_text_layer")]


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x0 "ha">'
    + "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 10))
    + "]><alto>&x9;</alto>"
)


@pytest.mark.parametrize(
    ("content", "line", "code"),
    [
        (BOMB, None, "source.entities"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><alto>&x;</alto>', None, "source.entities"),
        ("<alto>\n<Layout>\n<Page>", 3, "source.markup"),
        ("<alto>\n&nbsp;</alto>", 2, "source.markup"),
        ("<a/>" * 2, 1, "source.markup"),
        ("<invoice><line/></invoice>", None, "source.unknown_xml"),
        ("<alto><Layout/></alto>", None, "source.empty"),
        ("<PcGts><Page/></PcGts>", None, "source.empty"),
        ("<alto>" + "<ComposedBlock>" * 5_000 + "</ComposedBlock>" * 5_000 + "</alto>", 1, "source.markup"),
        ("", None, "source.empty"),
        (b"<alto>\0</alto>", None, "source.binary"),
    ],
)  # fmt: skip
def test_xml_that_is_no_page_is_one_reject(tmp_path, content, line, code):
    assert codes(read(written(tmp_path, "x.xml", content))[1]) == [("x.xml", line, code)]


def test_a_wrong_declared_encoding_is_overruled_by_evidence(tmp_path):
    declared = alto(PAGE).replace("UTF-8", "ISO-8859-1")
    expected = essences(written(tmp_path, "a.xml", alto(PAGE)))
    assert essences(written(tmp_path, "b.xml", declared)) == expected
    assert essences(written(tmp_path, "c.xml", alto(PAGE).encode("gb18030"))) == expected
    assert essences(written(tmp_path, "d.xml", alto(PAGE).encode("utf-16"))) == expected


def test_missing_and_absurd_numbers_are_no_boxes(tmp_path):
    expected = essences(written(tmp_path, "page.txt", PAGE))
    for old, new in (
        ("HPOS=", "X="),
        ('WIDTH="', 'WIDTH="-'),
        ('HPOS="1', 'HPOS="nan'),
        ("VPOS=", "H="),
    ):
        broken = alto(PAGE).replace(old, new)
        assert [a["title"] for a in essences(written(tmp_path, "b.xml", broken))] == [
            a["title"] for a in expected
        ]
